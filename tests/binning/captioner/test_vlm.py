from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import CaptionerContract
from tiny.vlm import llava, qwen2_vl

from dcvlr.binning.captioner.vlm import Vlm
from dcvlr.errors import ConfigError
from dcvlr.records import Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


def captioner(folder: Path, **settings: Any) -> Vlm:
    usual = {
        "model": str(folder),
        "model_revision": "main",
        "prompt": "Describe this picture.",
        "max_new_tokens": 10,
        "num_beams": 1,
        "max_side": 128,
        "dtype": "auto",
        "batch_size": 4,
        "device": "cpu",
    }
    return Vlm(**{**usual, **settings})


@pytest.fixture(scope="module")
def qwen(tiny_folder: Path) -> Vlm:
    return captioner(qwen2_vl(tiny_folder))


@pytest.fixture(scope="module")
def other(tiny_folder: Path) -> Vlm:
    return captioner(llava(tiny_folder))


@pytest.fixture(scope="module")
def pictures(qwen: Vlm) -> Sequence[Picture]:
    return [picture_of(image, qwen.decode) for image in drawn_images()]


class TestAModelWithRaggedPicturesLooksAtThem(ImageModelContract):
    @pytest.fixture
    def model(self, qwen: Vlm) -> Vlm:
        return qwen


class TestAModelWithPicturesOfOneSizeLooksAtThem(ImageModelContract):
    @pytest.fixture
    def model(self, other: Vlm) -> Vlm:
        return other


class TestVlmDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self, qwen: Vlm) -> Vlm:
        return qwen


def test_the_pictures_of_the_ragged_batch_are_of_different_lengths(qwen: Vlm, pictures: Sequence[Picture]) -> None:
    from PIL import Image
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(qwen.model)
    text = "<|vision_start|><|image_pad|><|vision_end|>"
    images = [Image.fromarray(picture.pixels) for picture in pictures]
    lengths = {len(processor(images=[image], text=[text])["input_ids"][0]) for image in images}
    assert len(lengths) > 1


def test_what_the_checkpoint_says_of_sampling_and_repetition_is_not_followed(
    qwen: Vlm, pictures: Sequence[Picture]
) -> None:
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    network = AutoModelForImageTextToText.from_pretrained(qwen.model).eval()
    processor = AutoProcessor.from_pretrained(qwen.model)
    prompt = "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Describe this picture.<|im_end|>\n"
    text = f"{prompt}<|im_start|>assistant\n"
    inputs = processor(images=[Image.fromarray(pictures[0].pixels)], text=[text], return_tensors="pt")
    tokens = network.generate(**inputs, max_new_tokens=10, do_sample=False, repetition_penalty=1.0)
    text = processor.decode(tokens[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    assert qwen(pictures[:1])[0].text == " ".join(text.split()) != ""


def test_another_prompt_gets_another_answer(qwen: Vlm, pictures: Sequence[Picture]) -> None:
    assert captioner(Path(qwen.model), prompt="What is it?")(pictures) != qwen(pictures)


def test_a_model_that_cannot_chat_is_refused_with_a_way_out(
    qwen: Vlm, pictures: Sequence[Picture], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(qwen.model, tmp_path / "plain"))
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ConfigError, match="has no chat template"):
        captioner(folder)(pictures[:1])
    with pytest.raises(ConfigError, match="has no chat template"):
        captioner(folder).check_ready()


def test_missing_weights_are_told_before_work_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="binning/captioner=vlm: there is no folder"):
        captioner(tmp_path / "nowhere").check_ready()


@pytest.mark.parametrize(
    ("key", "value"), [("max_new_tokens", 0), ("num_beams", 0), ("dtype", "half"), ("prompt", " ")]
)
def test_a_setting_out_of_range_is_refused_by_name(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{key}={value!r}"):
        captioner(tmp_path, **{key: value})


def test_half_precision_describes_too(qwen: Vlm, pictures: Sequence[Picture]) -> None:
    half = captioner(Path(qwen.model), dtype="bfloat16")(pictures)
    assert len({caption.text for caption in half}) > 1
