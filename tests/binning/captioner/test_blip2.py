from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import CaptionerContract
from tiny.blip2 import blip2, blip2_t5

from dcvlr.binning.captioner.blip2 import Blip2
from dcvlr.errors import ConfigError
from dcvlr.records import Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")

PROMPT = "Question: what is it? Answer:"


def captioner(folder: Path, **settings: Any) -> Blip2:
    usual = {
        "model": str(folder),
        "model_revision": "main",
        "prompt": None,
        "max_new_tokens": 8,
        "num_beams": 1,
        "max_side": 128,
        "dtype": "auto",
        "batch_size": 4,
        "device": "cpu",
    }
    return Blip2(**{**usual, **settings})


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Blip2:
    return captioner(blip2(tiny_folder))


@pytest.fixture(scope="module")
def asked(tiny_folder: Path) -> Blip2:
    return captioner(blip2(tiny_folder), prompt=PROMPT, num_beams=2)


@pytest.fixture(scope="module")
def over_t5(tiny_folder: Path) -> Blip2:
    return captioner(blip2_t5(tiny_folder), prompt=PROMPT)


@pytest.fixture(scope="module")
def pictures(model: Blip2) -> Sequence[Picture]:
    return [picture_of(image, model.decode) for image in drawn_images()]


class TestBlip2LooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, model: Blip2) -> Blip2:
        return model


class TestBlip2WithAPromptLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, asked: Blip2) -> Blip2:
        return asked


class TestBlip2OverT5LooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, over_t5: Blip2) -> Blip2:
        return over_t5


class TestBlip2Describes(CaptionerContract):
    @pytest.fixture
    def reader(self, model: Blip2) -> Blip2:
        return model


@pytest.mark.parametrize("prompt", [None, PROMPT])
def test_a_caption_is_what_was_said_after_the_picture_and_the_prompt(
    model: Blip2, pictures: Sequence[Picture], prompt: str | None
) -> None:
    from PIL import Image
    from transformers import Blip2ForConditionalGeneration, Blip2Processor

    network = Blip2ForConditionalGeneration.from_pretrained(model.model).eval()
    processor = Blip2Processor.from_pretrained(model.model)
    inputs = processor(images=Image.fromarray(pictures[0].pixels), text=prompt, return_tensors="pt")
    tokens = network.generate(**inputs, max_new_tokens=8)[0]
    before = 8 + (len(PROMPT) if prompt else 1)  # tokens of the picture, then one per byte, or the one that begins
    assert tokens[:8].tolist() == [processor.tokenizer.convert_tokens_to_ids("<image>")] * 8
    text = processor.decode(tokens[before:], skip_special_tokens=True)
    (caption,) = dataclasses.replace(model, prompt=prompt)(pictures[:1])
    assert caption.text == " ".join(text.split())
    assert caption.text


def test_the_reply_of_an_encoder_and_decoder_is_not_cut(over_t5: Blip2, pictures: Sequence[Picture]) -> None:
    from PIL import Image
    from transformers import Blip2ForConditionalGeneration, Blip2Processor

    network = Blip2ForConditionalGeneration.from_pretrained(over_t5.model).eval()
    processor = Blip2Processor.from_pretrained(over_t5.model)
    inputs = processor(images=Image.fromarray(pictures[0].pixels), text=PROMPT, return_tensors="pt")
    text = processor.decode(network.generate(**inputs, max_new_tokens=8)[0], skip_special_tokens=True)
    assert over_t5(pictures[:1])[0].text == " ".join(text.split()) != ""


def test_missing_weights_are_told_before_work_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="binning/captioner=blip2: there is no folder"):
        captioner(tmp_path / "nowhere").check_ready()


@pytest.mark.parametrize(("key", "value"), [("max_new_tokens", 0), ("num_beams", 0), ("dtype", "half")])
def test_a_setting_out_of_range_is_refused_by_name(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        captioner(tmp_path, **{key: value})


def test_half_precision_describes_too(model: Blip2, pictures: Sequence[Picture]) -> None:
    half = dataclasses.replace(model, dtype="bfloat16")(pictures)
    assert len({caption.text for caption in half}) > 1
