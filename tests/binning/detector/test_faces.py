from __future__ import annotations

import pytest
from contracts.readers import DetectorContract

from dcvlr.binning.detector.faces import Faces
from dcvlr.errors import ConfigError
from dcvlr.models.nudenet import NudeNet
from dcvlr.records import Box, Detection, Detections

pytestmark = pytest.mark.slow


def faces(min_score: float = 0.5, max_overlap: float = 0.3) -> Faces:
    nudenet = NudeNet(min_score=0.25, max_side=640, batch_size=4, threads=2)
    return Faces(nudenet=nudenet, min_score=min_score, max_overlap=max_overlap)


def found(*detections: tuple[str, float, Box]) -> Detections:
    objects = tuple(Detection(label=label, score=score, box=box) for label, score, box in detections)
    return Detections(width=100, height=100, objects=objects, labelled=True)


class TestFacesDetects(DetectorContract):
    @pytest.fixture
    def reader(self) -> Faces:
        pytest.importorskip("nudenet", reason="the nsfw extra is not installed")
        return faces()


def test_faces_of_all_labels_become_one_label() -> None:
    result = faces().derive(
        found(
            ("FACE_MALE", 0.9, (0, 0, 50, 50)),
            ("FEET_COVERED", 0.8, (0, 90, 20, 99)),
            ("FACE_FEMALE", 0.7, (60, 0, 99, 40)),
        )
    )
    assert [(detection.label, detection.score) for detection in result.objects] == [("face", 0.9), ("face", 0.7)]
    assert result.labelled


def test_a_face_under_two_labels_is_one_face() -> None:
    twice = found(("FACE_MALE", 0.9, (0, 0, 50, 50)), ("FACE_FEMALE", 0.6, (5, 5, 52, 50)))
    assert [detection.score for detection in faces().derive(twice).objects] == [0.9]
    assert [detection.score for detection in faces(max_overlap=1.0).derive(twice).objects] == [0.9, 0.6]


def test_weak_faces_are_dropped() -> None:
    result = faces(min_score=0.8).derive(
        found(("FACE_MALE", 0.79, (0, 0, 50, 50)), ("FACE_MALE", 0.8, (60, 0, 90, 50)))
    )
    assert [detection.score for detection in result.objects] == [0.8]


def test_a_score_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"^min_score=-1"):
        faces(min_score=-1)
