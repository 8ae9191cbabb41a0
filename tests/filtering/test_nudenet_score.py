from __future__ import annotations

import pytest
from hydra import compose, initialize_config_dir

from dcvlr.config import conf_dir, make
from dcvlr.errors import ConfigError
from dcvlr.filtering.nsfw.nudenet import LABELS, NudeNetScore
from dcvlr.filtering.stage import Filtering
from dcvlr.models.nudenet import NudeNet
from dcvlr.records import Detection, Detections, Score

NUDENET = NudeNet(min_score=0.25, max_side=320, batch_size=4, threads=2)
EXPLICIT = NudeNetScore(parts=NUDENET, labels=["BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED"])


def parts(*found: tuple[str, float]) -> Detections:
    objects = tuple(Detection(label=label, score=score, box=(0, 0, 10, 10)) for label, score in found)
    return Detections(width=100, height=100, objects=objects, labelled=True)


def composed(*overrides: str) -> Filtering:
    with initialize_config_dir(config_dir=conf_dir(), version_base="1.3"):
        stage: Filtering = make(compose(overrides=["+filtering=stage", *overrides]), "filtering")
    return stage


def test_the_score_is_that_of_the_surest_part_that_counts() -> None:
    found = parts(("FACE_FEMALE", 0.9), ("FEMALE_BREAST_EXPOSED", 0.4), ("BUTTOCKS_EXPOSED", 0.6))
    assert EXPLICIT.derive(found) == Score(value=0.6, label="BUTTOCKS_EXPOSED")


@pytest.mark.parametrize("label", ["FEET_EXPOSED", "ARMPITS_EXPOSED", "BELLY_EXPOSED", "MALE_BREAST_EXPOSED"])
def test_harmless_bare_parts_do_not_count_by_default(label: str) -> None:
    nsfw = composed().nsfw
    assert isinstance(nsfw, NudeNetScore)
    assert nsfw.derive(parts((label, 0.99))) == Score(value=0.0)


def test_every_explicit_part_counts_by_default() -> None:
    nsfw = composed().nsfw
    assert isinstance(nsfw, NudeNetScore)
    assert sorted(nsfw.labels) == [
        "ANUS_EXPOSED",
        "BUTTOCKS_EXPOSED",
        "FEMALE_BREAST_EXPOSED",
        "FEMALE_GENITALIA_EXPOSED",
        "MALE_GENITALIA_EXPOSED",
    ]


def test_nothing_found_is_a_score_of_zero() -> None:
    assert EXPLICIT.derive(parts()) == Score(value=0.0)


def test_it_is_read_off_the_detector_pass_that_faces_are_read_off() -> None:
    assert EXPLICIT.sources == (NUDENET,)


@pytest.mark.parametrize("labels", [[], ["FEET_BARE"]])
def test_unknown_labels_are_refused_with_the_known_ones(labels: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"^labels=.*ANUS_COVERED"):
        NudeNetScore(parts=NUDENET, labels=labels)


def test_the_known_labels_are_those_of_the_package() -> None:
    nudenet = pytest.importorskip("nudenet.nudenet", reason="the nsfw extra is not installed")
    assert sorted(LABELS) == sorted(nudenet.__labels)


def test_none_must_be_asked_for_and_leaves_the_other_settings() -> None:
    stage = composed("filtering/nsfw=none", "filtering/watermark=none", "filtering.min_resolution=100")
    assert (stage.nsfw, stage.watermark) == (None, None)
    assert (stage.min_resolution, stage.max_resolution, stage.phash_threshold) == (100, 4096, 8)
    assert composed().nsfw is not None


def test_the_watermark_is_read_off_the_stages_own_statistics() -> None:
    stage = composed("filtering/watermark=edges", "filtering.statistics.hash_decode=exact")
    assert stage.watermark is not None
    assert stage.watermark.sources == (stage.statistics,)  # type: ignore[union-attr]
