"""A classifier of colours, made on the spot, names what it is sure of."""

from __future__ import annotations

from pathlib import Path

import pytest
from binning.captioner.test_composed import captioner, pixels, regions, text
from binning.detector.test_onnx import network
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import CaptionerContract
from PIL import Image
from tiny import onnx_files

from dcvlr.binning.captioner.classifier import ClassifierCaption
from dcvlr.errors import ConfigError
from dcvlr.models.onnx_classifier import OnnxClassifier
from dcvlr.records import Score

pytest.importorskip("onnx", reason="the test extra is not installed")
pytest.importorskip("onnxruntime", reason="the onnx extra is not installed")

NAMES = "red fox, Vulpes vulpes\nIrish setter\nocean\n"


def classifier(folder: Path, *, shares: bool = False, names: str = NAMES) -> OnnxClassifier:
    (folder / "names.txt").write_text(names)
    file = onnx_files.colours(folder / "colours.onnx", shares=shares)
    options = {"labels": str(folder / "names.txt"), "mean": [0.0, 0.0, 0.0], "std": [255.0, 255.0, 255.0]}
    return OnnxClassifier(network=network(file, **options), max_side=64, batch_size=2)


class TestOnnxClassifierLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> OnnxClassifier:
        return classifier(tmp_path)


@pytest.mark.slow
class TestClassifierDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self, tmp_path: Path) -> ClassifierCaption:
        pytest.importorskip("rapidocr", reason="the rapidocr extra is not installed")
        pytest.importorskip("skimage", reason="the regions extra is not installed")
        return ClassifierCaption(classifier=classifier(tmp_path), otherwise=captioner(), min_share=0.5, max_lines=2)


@pytest.mark.parametrize("shares", [False, True])
def test_logits_and_shares_give_the_same_share(tmp_path: Path, shares: bool) -> None:
    """Red is 1 of 1, the others nothing: the softmax of 20, 0 and 0."""
    model = classifier(tmp_path, shares=shares)
    (result,) = model([picture_of(Image.new("RGB", (90, 60), (255, 0, 0)), model.decode)])
    assert result == Score(value=1.0, label="red fox, Vulpes vulpes")


def test_the_middle_of_a_picture_is_looked_at(tmp_path: Path) -> None:
    image = Image.new("RGB", (200, 60), (255, 0, 0))
    image.paste((0, 0, 255), (70, 0, 130, 60))
    model = classifier(tmp_path)
    assert model([picture_of(image, model.decode)])[0].label == "ocean"


@pytest.mark.parametrize(
    ("seen", "lines", "sentence"),
    [
        (Score(value=0.9, label="red fox, Vulpes vulpes"), 2, "A photograph of a red fox."),
        (Score(value=0.5, label="Irish setter"), 0, "A photograph of an Irish setter."),
        (Score(value=0.49, label="Irish setter"), 0, "A wide picture."),
        (Score(value=0.9, label="menu"), 3, "A wide picture with three lines of text."),
    ],
)
def test_a_name_is_said_where_it_is_sure(tmp_path: Path, seen: Score, lines: int, sentence: str) -> None:
    caption = ClassifierCaption(classifier=classifier(tmp_path), otherwise=captioner(), min_share=0.5, max_lines=2)
    read = text(*[("12.50", 0.9, 20)] * lines)
    assert caption.derive(seen, read, regions(0), pixels()).text == sentence


def test_as_many_names_as_outputs_are_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"with outputs logits \?×3 is no classifier of 2 labels"):
        classifier(tmp_path, names="one\ntwo\n").check_ready()


def test_a_file_that_stands_alone_is_refused_once_with_all_that_is_to_be_set(tmp_path: Path) -> None:
    model = OnnxClassifier(network=network(onnx_files.colours(tmp_path / "bare.onnx")), max_side=64, batch_size=2)
    with pytest.raises(ConfigError, match=r"network\.mean=null: .* set mean and std.*; .*network\.labels=null: .* set"):
        model.check_ready()


def test_a_picture_smaller_than_the_input_is_seen_too(tmp_path: Path) -> None:
    model = classifier(tmp_path)
    assert [type(result) for result in model([picture_of(drawn_images()[4], model.decode)])] == [Score]
