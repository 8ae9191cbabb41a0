"""Models that are asked about what cheap rules leave, and scorers that a config names."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

import pytest
from filtering.filtered import PHASH, USUAL, Run, clouds
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.execution.slices import Slices
from dcvlr.filtering.rules import ScoreLimits
from dcvlr.filtering.stage import Filtering
from dcvlr.identity import speed
from dcvlr.records import Decode, Failure, Picture, Score


@dataclasses.dataclass(frozen=True, kw_only=True)
class Redness:
    """Mean level of red; a picture without any red cannot be measured for a reason that may pass."""

    name: ClassVar[str] = "redness"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Score
    seen: list[str] = speed()
    batch_size: int = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=64)

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Picture], /) -> list[Score | Failure]:
        self.seen.extend(item.id for item in items)
        levels = [float(item.pixels[..., 0].mean()) / 255 for item in items]
        return [
            Score(value=round(level, 2), label="RED") if level else Failure(kind="timeout", message="no red came")
            for level in levels
        ]


def with_redness(threshold: float | None, seen: list[str]) -> Filtering:
    return dataclasses.replace(USUAL, nsfw=Redness(seen=seen, batch_size=4), nsfw_threshold=threshold)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_forked_processes_make_the_same_of_slices(run: Run, rows: int) -> None:
    for seed in range(6):
        run.add(f"calm{seed}.png", Image.new("RGB", (300 + seed, 300), (51, 90, 90)))
        run.add(f"red{seed}.png", clouds(seed).point([255] * 256 + list(range(256)) * 2))
        run.add(f"tiny{seed}.png", Image.new("RGB", (30, 30 + seed), "red"))
        run.add(f"green{seed}.png", clouds(seed).point([0] * 256 + list(range(256)) * 2))
        run.add_bytes(f"broken{seed}.png", b"%d" % seed)
    stage, names = with_redness(0.5, []), ("filtered_images.jsonl", "values.jsonl", "summary.json")
    kept, entries, files = run(stage), run.entries, [run.file(name) for name in names]
    assert run(stage, Slices(rows=rows, processes=3)) == kept
    assert [run.file(name) for name in names] == files
    assert list(run.entries.items()) == list(entries.items())  # in the same order, too
    assert kept == ["calm5.png"]
    assert Counter(reason for entry in entries.values() for reason in entry.reasons) == {
        **{"min_resolution": 6, "unreadable": 6, "nsfw": 6, "timeout": 6, "duplicate": 5},
    }


def test_a_dear_model_sees_survivors_only_and_its_rejects_have_all_findings(run: Run) -> None:
    calm = run.add("calm.png", Image.new("RGB", (300, 300), (51, 90, 90)))
    red = run.add("red.png", clouds(3).point([255] * 256 + list(range(256)) * 2))
    run.add("tiny.png", Image.new("RGB", (30, 30), "red"))
    run.add("copy.png", Image.new("RGB", (290, 290), (51, 90, 90)))
    seen: list[str] = []
    assert run(with_redness(0.5, seen)) == ["calm.png"]
    assert sorted(seen) == sorted([calm.id, red.id])
    assert run.entries["red.png"].reasons == ("nsfw",)
    assert run.findings("red.png") == {
        "min_resolution": (True, 300, 224),
        "max_resolution": (True, 400, 4096),
        "watermark": (True, 0.0, 0.3),
        "duplicate": (True, None, None),
        "nsfw": (False, 1.0, 0.5),
    }
    assert run.entries["red.png"].findings[-1].reason == "nsfw score 1.0 (RED) is above 0.5"
    assert list(json.loads(run.file("summary.json"))["rejected"].items()) == [
        ("duplicate", 1),
        ("min_resolution", 1),
        ("nsfw", 1),
    ]


def test_a_score_equal_to_its_threshold_passes(run: Run) -> None:
    run.add("a.png", Image.new("RGB", (300, 300), (51, 90, 90)))
    assert run(with_redness(0.2, [])) == ["a.png"]
    assert run(with_redness(0.19, [])) == []


def test_a_dear_model_that_could_not_answer_leaves_the_picture_unmeasured(run: Run) -> None:
    run.add("a.png", Image.new("RGB", (300, 300), (0, 90, 90)))
    assert run(with_redness(0.5, [])) == []
    assert (run.entries["a.png"].verdict, run.entries["a.png"].reasons) == ("unmeasured", ("timeout",))
    assert run.findings("a.png")["min_resolution"] == (True, 300, 224)
    assert "nsfw" not in run.findings("a.png")


def test_another_threshold_asks_no_model_again(run: Run) -> None:
    for seed in range(5):
        run.add(f"{seed}.png", clouds(seed))
    seen: list[str] = []
    run(with_redness(1.0, seen))
    assert len(seen) == 5
    stricter = dataclasses.replace(PHASH, threshold=3)
    run(dataclasses.replace(with_redness(0.4, seen), min_resolution=300, dedup={"phash": stricter}))
    assert len(seen) == 5
    assert set(run.memo.computed.values()) == {0}


def test_a_threshold_of_null_asks_the_model_nothing(run: Run) -> None:
    run.add("a.png", clouds(0))
    seen: list[str] = []
    assert run(with_redness(None, seen)) == ["a.png"]
    assert seen == []


def test_further_scorers_are_named_in_the_config_alone(run: Run) -> None:
    run.add("dark.png", Image.new("RGB", (300, 300), (26, 0, 0)))
    run.add("middle.png", clouds(3).point([128] * 256 + list(range(256)) * 2))
    run.add("red.png", clouds(4).point([255] * 256 + list(range(256)) * 2))
    limits = ScoreLimits(model=Redness(seen=[], batch_size=4), min=0.3, max=0.6)
    assert run(dataclasses.replace(USUAL, scores={"redness": limits})) == ["middle.png"]
    assert run.entries["dark.png"].reasons == ("min_redness",)
    assert run.entries["red.png"].reasons == ("max_redness",)


def test_a_scorer_without_any_limit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^min=null: a number is needed, here or as max"):
        ScoreLimits(model=Redness(seen=[], batch_size=1), min=None, max=None)
