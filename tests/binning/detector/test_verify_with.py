"""Labels of a detector that a second model confirms."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from contracts.image_models import picture_of
from PIL import Image
from tiny import onnx_files

from dcvlr.binning.detector.verify_with.classifier import CropClassifier, numbers_of
from dcvlr.errors import ConfigError
from dcvlr.records import Picture

pytest.importorskip("onnx", reason="the extra test is not installed")
pytest.importorskip("onnxruntime", reason="the onnx extra is not installed")

from binning.detector.test_onnx import detector, network, rows


def verifier(tmp_path: Path, classes: Mapping[str, list[int | str]], **options: Any) -> CropClassifier:
    """Sees in a crop how red (0), green (1) and blue (2) it is."""
    (tmp_path / "colours.txt").write_text("red cat\ngreen dog, lizard\nblue cup\n")
    settings: dict[str, Any] = {
        "labels": str(tmp_path / "colours.txt"),
        "mean": [0.0, 0.0, 0.0],
        "std": [255.0, 255.0, 255.0],
        "key": "binning.detector.verify_with.network",
    }
    colours = network(onnx_files.colours(tmp_path / "colours.onnx"), **settings)
    own: dict[str, Any] = {"min_share": 0.5, "margin": 0.1, "unknown_min_score": 0.6, **options}
    return CropClassifier(network=colours, classes=dict(classes), **own)


def two_halves() -> Picture:
    """Red on the left, green on the right."""
    image = Image.new("RGB", (128, 64), (255, 0, 0))
    image.paste((0, 255, 0), (64, 0, 128, 64))
    return picture_of(image, detector("x.onnx", labels=None).decode)


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """Labels 0 to 3 on the left, right, left and right half."""
    left, right = [4, 18, 28, 46], [36, 18, 60, 46]
    table = rows((300, 6), r0=[*left, 0.9, 0], r1=[*right, 0.8, 0], r2=[*left, 0.7, 1], r3=[*right, 0.65, 1])
    return onnx_files.detector(tmp_path / "v10.onnx", {"output0": table})


def test_a_label_stays_where_both_models_agree(tmp_path: Path, four: Path) -> None:
    reader = detector(four, verify_with=verifier(tmp_path, {"cat": [0], "dog": [1]}))
    reader.check_ready()
    (result,) = reader([two_halves()])
    assert [(found.label, found.box[0]) for found in result.objects] == [("cat", 8.0), ("dog", 72.0)]
    assert (result.unsure, result.confirmed) == (("cat", "dog"), ())


def test_a_label_is_confirmed_where_all_of_it_was_seen_twice(tmp_path: Path, four: Path) -> None:
    (result,) = detector(four, min_score=0.75, verify_with=verifier(tmp_path, {"cat": [0], "dog": []}))([two_halves()])
    assert [(found.label, found.score) for found in result.objects] == [("cat", 0.9)]
    assert (result.unsure, result.confirmed) == (("cat",), ())
    (result,) = detector(four, min_score=0.85, verify_with=verifier(tmp_path, {"cat": [0], "dog": []}))([two_halves()])
    assert (result.unsure, result.confirmed) == ((), ("cat",))


def test_classes_are_found_by_their_words_where_no_number_is_given(tmp_path: Path, four: Path) -> None:
    (result,) = detector(four, verify_with=verifier(tmp_path, {}))([two_halves()])
    assert [(found.label, found.box[0]) for found in result.objects] == [("cat", 8.0), ("dog", 72.0)]


def test_a_label_without_a_class_stays_from_a_score_on(tmp_path: Path, four: Path) -> None:
    check = verifier(tmp_path, {"cat": [], "dog": []}, unknown_min_score=0.7)
    (result,) = detector(four, verify_with=check)([two_halves()])
    assert [found.score for found in result.objects] == [0.9, 0.8, 0.7]
    assert result.unsure == ("dog",), "there may be more dogs than the one that stays"


def test_a_wide_range_of_classes_counts_together(tmp_path: Path, four: Path) -> None:
    (result,) = detector(four, verify_with=verifier(tmp_path, {"cat": ["0-1"], "dog": [2]}))([two_halves()])
    assert [found.label for found in result.objects] == ["cat", "cat"]


def test_numbers_of_classes_are_checked(tmp_path: Path) -> None:
    assert numbers_of("bird", ["7-9", 12, "14"]) == [7, 8, 9, 12, 14]
    with pytest.raises(ConfigError, match=r"classes\.cat=\['x'\]: class numbers and ranges such as 7-24"):
        verifier(tmp_path, {"cat": ["x"]})
    with pytest.raises(ConfigError, match=r"verify_with\.classes\.cat: class 9, but .* has 3"):
        verifier(tmp_path, {"cat": ["7-9"]}).check_ready()


def test_mean_and_std_belong_together() -> None:
    with pytest.raises(ConfigError, match=r"std=null: null is allowed where mean is null"):
        network("x.onnx", mean=[1.0, 2.0, 3.0])
    with pytest.raises(ConfigError, match=r"std=\[1\.0, 0\.0, 1\.0\]"):
        network("x.onnx", mean=[1.0, 2.0, 3.0], std=[1.0, 0.0, 1.0])


def test_a_classifier_whose_input_nobody_describes_is_refused(tmp_path: Path) -> None:
    check = verifier(tmp_path, {})
    unsaid = dataclasses.replace(check, network=dataclasses.replace(check.network, mean=None, std=None))
    with pytest.raises(ConfigError, match=r"network\.mean=null: no preprocessor_config\.json beside"):
        unsaid.check_ready()
