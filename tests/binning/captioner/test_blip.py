from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import CaptionerContract
from tiny.blip import blip

from dcvlr.binning.captioner.blip import Blip
from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.records import Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


def captioner(folder: Path, **settings: Any) -> Blip:
    usual = {
        "model": str(folder),
        "model_revision": "main",
        "prompt": None,
        "max_new_tokens": 8,
        "num_beams": 2,
        "max_side": 128,
        "dtype": "auto",
        "batch_size": 4,
        "device": "cpu",
    }
    return Blip(**{**usual, **settings})


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Blip:
    return captioner(blip(tiny_folder))


@pytest.fixture(scope="module")
def pictures(model: Blip) -> Sequence[Picture]:
    return [picture_of(image, model.decode) for image in drawn_images()]


class TestBlipLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, model: Blip) -> Blip:
        return model


class TestBlipDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self, model: Blip) -> Blip:
        return model


def test_what_a_caption_says_is_what_the_library_says(model: Blip, pictures: Sequence[Picture]) -> None:
    from PIL import Image
    from transformers import BlipForConditionalGeneration, BlipProcessor

    network = BlipForConditionalGeneration.from_pretrained(model.model).eval()
    processor = BlipProcessor.from_pretrained(model.model)
    inputs = processor(images=Image.fromarray(pictures[0].pixels), return_tensors="pt")
    text = processor.decode(network.generate(**inputs, max_new_tokens=8, num_beams=2)[0], skip_special_tokens=True)
    assert model(pictures[:1])[0].text == text
    assert text


def test_a_caption_begins_with_the_prompt_in_a_batch_as_alone(model: Blip, pictures: Sequence[Picture]) -> None:
    prompted = dataclasses.replace(model, prompt="a photo of the")
    together, alone = prompted(pictures), [prompted([picture])[0] for picture in pictures]
    assert together == alone
    assert all(caption.text.startswith("a photo of the") for caption in together)
    assert len({caption.text for caption in together}) > 1


def test_settings_that_change_a_caption_are_part_of_the_identity(model: Blip, tmp_path: Path) -> None:
    for change in ({"prompt": "a"}, {"num_beams": 1}, {"max_new_tokens": 9}, {"dtype": "bfloat16"}):
        assert identity(dataclasses.replace(model, **change)) != identity(model)
    for change in ({"device": "auto"}, {"batch_size": 1}):
        assert identity(dataclasses.replace(model, **change)) == identity(model)
    other = Path(shutil.copytree(model.model, tmp_path / "other"))
    before = identity(captioner(other))
    (other / "model.safetensors").write_bytes(b"of another training")
    assert identity(captioner(other)) != before


def test_missing_weights_are_told_before_work_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="binning/captioner=blip: there is no folder"):
        captioner(tmp_path / "nowhere").check_ready()


@pytest.mark.parametrize(
    ("key", "value"), [("max_new_tokens", 0), ("num_beams", 0), ("max_side", 8), ("batch_size", 0), ("dtype", "int8")]
)
def test_a_setting_out_of_range_is_refused_by_name(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        captioner(tmp_path, **{key: value})
