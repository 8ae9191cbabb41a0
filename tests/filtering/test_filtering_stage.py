from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.filtering.dedup.look import CloserLook
from dcvlr.filtering.dedup.pair_difference import PairDifference
from dcvlr.filtering.dedup.phash import ConfirmedHashes
from dcvlr.filtering.rules import ScoreLimits
from dcvlr.filtering.stage import Filtering
from dcvlr.filtering.statistics.basic import BasicStatistics
from dcvlr.filtering.watermark.edges import CornerEdges
from dcvlr.identity import digest, speed
from dcvlr.memo import Memo
from dcvlr.records import Decode, Failure, ImageRecord, ImageStatistics, LedgerEntry, Picture, Score
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

STATISTICS = BasicStatistics(hash_decode="draft", batch_size=8)
PHASH = ConfirmedHashes(
    threshold=8,
    max_difference=0.7,
    look=CloserLook(batch_size=8),
    difference=PairDifference(side=640, batch_size=8, threads=2),
)
BARE = Filtering(
    statistics=STATISTICS,
    watermark=None,
    nsfw=None,
    scores={},
    dedup={},
    keep="most_pixels",
    against=[],
    min_resolution=None,
    max_resolution=None,
    oversize="reject",
    phash_threshold=None,
    watermark_threshold=None,
    nsfw_threshold=None,
    min_sharpness=None,
    min_entropy=None,
    min_brightness=None,
    max_brightness=None,
)
USUAL = dataclasses.replace(
    BARE,
    watermark=CornerEdges(statistics=STATISTICS),
    min_resolution=224,
    max_resolution=4096,
    phash_threshold=8,
    dedup={"phash": PHASH},
    watermark_threshold=0.3,
)


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


class Run:
    """The stage over a folder of pictures, with a real memo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images: list[ImageRecord] = []

    def add(self, name: str, image: Image.Image, image_format: str = "PNG") -> ImageRecord:
        buffer = io.BytesIO()
        image.save(buffer, image_format)
        return self.add_bytes(name, buffer.getvalue())

    def add_bytes(self, name: str, data: bytes) -> ImageRecord:
        path = self.folder / name
        path.write_bytes(data)
        self.images.append(ImageRecord(id=digest(data), path=str(path), dataset="d"))
        return self.images[-1]

    def __call__(self, stage: Filtering) -> list[str]:
        """Names of the pictures that are kept; the ledger and the files are there to be looked at."""
        self.memo = Memo(self.folder / "checkpoints")
        file = io.BytesIO()
        self.ledger = Ledger(file, "filtering")
        kept = stage(self.images, self.memo, self.ledger, Folder(self.folder / stage.folder))
        lines = file.getvalue().splitlines()
        self.entries = {Path(e.path).name: e for e in (msgspec.json.decode(line, type=LedgerEntry) for line in lines)}
        return [Path(image.path).name for image in kept]

    def findings(self, name: str) -> dict[str, tuple[bool, Any, Any]]:
        return {f.name: (f.passed, f.value, f.threshold) for f in self.entries[name].findings}

    def file(self, name: str) -> str:
        return (self.folder / "stage1_filtering" / name).read_text()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def clouds(seed: int, width: int = 400, height: int = 300) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize((width, height))


def stripes(width: int = 400, height: int = 300) -> Image.Image:
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, ::8] = pixels[:, 1::8] = pixels[:, 2::8] = pixels[:, 3::8] = 255
    return Image.fromarray(pixels)


def test_pictures_within_all_limits_are_kept_in_order(run: Run) -> None:
    for seed in range(4):
        run.add(f"{seed}.png", clouds(seed))
    assert run(USUAL) == ["0.png", "1.png", "2.png", "3.png"]
    assert run.entries == {}
    assert run.file("filtered_images.jsonl").count("\n") == 4
    summary = json.loads(run.file("summary.json"))
    rules = summary.pop("rules")
    assert summary == {"stage": "filtering", "total_input": 4, "total_filtered": 4, "rejected": {}}
    assert rules[0] == {
        "name": "min_resolution",
        "key": "filtering.min_resolution",
        "what": "shorter side in pixels",
        "threshold": 224,
        "minimum": True,
    }


def test_what_each_rule_read_of_each_picture_is_kept_whether_it_went_or_stayed(run: Run) -> None:
    run.add("kept.png", clouds(0))
    run.add("small.png", clouds(1, 200, 150))
    run(USUAL)
    kept, small = (json.loads(line) for line in run.file("values.jsonl").splitlines())
    assert (kept["outcome"], small["outcome"]) == ("kept", "min_resolution")
    assert (kept["values"]["min_resolution"], small["values"]["min_resolution"]) == (300, 150)
    assert small["values"]["max_resolution"] == 200
    assert all(value is not None for value in kept["values"].values())


def test_no_pictures_give_empty_files(run: Run) -> None:
    assert run(USUAL) == []
    assert run.file("filtered_images.jsonl") == ""


@pytest.mark.parametrize(
    ("width", "height", "reasons"),
    [
        (224, 224, ()),
        (223, 400, ("min_resolution",)),
        (400, 223, ("min_resolution",)),
        (4096, 224, ()),
        (4097, 300, ("max_resolution",)),
        (4097, 100, ("min_resolution", "max_resolution")),
    ],
)
def test_resolution_limits_the_shorter_and_the_longer_side(
    run: Run, width: int, height: int, reasons: tuple[str, ...]
) -> None:
    run.add("a.png", clouds(0, width, height))
    stage = dataclasses.replace(BARE, min_resolution=224, max_resolution=4096)
    assert run(stage) == ([] if reasons else ["a.png"])
    assert [entry.reasons for entry in run.entries.values()] == ([reasons] if reasons else [])


@pytest.mark.parametrize(("height", "reasons"), [(300, ()), (226, ("min_resolution",))])
def test_a_large_picture_is_kept_and_judged_by_the_size_it_is_used_at(
    run: Run, height: int, reasons: tuple[str, ...]
) -> None:
    run.add("wide.png", clouds(0, 4200, height))  # 4096 wide it is 293 or 220 high
    stage = dataclasses.replace(BARE, min_resolution=224, max_resolution=4096, oversize="shrink")
    assert run(stage) == ([] if reasons else ["wide.png"])
    assert [entry.reasons for entry in run.entries.values()] == ([reasons] if reasons else [])


def test_a_word_for_oversize_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"oversize='crop': shrink or reject is allowed"):
        dataclasses.replace(BARE, oversize="crop")


def test_a_rejected_picture_has_every_evaluated_value_and_threshold(run: Run) -> None:
    image = run.add("small.png", clouds(0, 100, 80))
    run(USUAL)
    entry = run.entries["small.png"]
    assert (entry.stage, entry.verdict, entry.kind, entry.id, entry.path, entry.dataset) == (
        "filtering",
        "rejected",
        "image",
        image.id,
        image.path,
        "d",
    )
    assert run.findings("small.png") == {
        "min_resolution": (False, 80, 224),
        "max_resolution": (True, 100, 4096),
        "watermark": (True, 0.0, 0.3),
    }
    assert entry.findings[0].reason == "shorter side in pixels 80 is below 224"


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"])
def test_what_cannot_be_read_is_rejected_as_unreadable(run: Run, data: bytes) -> None:
    run.add("good.png", clouds(0))
    run.add_bytes("bad.jpg", data)
    assert run(USUAL) == ["good.png"]
    assert run.entries["bad.jpg"].reasons == ("unreadable",)
    assert run.findings("bad.jpg") == {"unreadable": (False, "decode", None)}


def test_a_picture_that_vanished_is_unmeasured_and_not_rejected(run: Run) -> None:
    gone = run.add("gone.png", clouds(0))
    Path(gone.path).unlink()
    assert run(USUAL) == []
    assert (run.entries["gone.png"].verdict, run.entries["gone.png"].reasons) == ("unmeasured", ("missing",))
    assert json.loads(run.file("summary.json"))["rejected"] == {}
    assert run.ledger.unmeasured_count == 1


def test_edges_in_a_corner_are_taken_for_a_watermark(run: Run) -> None:
    run.add("plain.png", clouds(0))
    run.add("striped.png", stripes())
    assert run(USUAL) == ["plain.png"]
    assert run.entries["striped.png"].reasons == ("watermark",)
    assert run.findings("striped.png")["watermark"][1] > 0.3


@pytest.mark.parametrize(
    ("setting", "bound", "image", "reason"),
    [
        ("min_sharpness", 1.0, Image.new("L", (300, 300), 128), "min_sharpness"),
        ("min_entropy", 0.5, Image.new("L", (300, 300), 128), "min_entropy"),
        ("min_brightness", 0.1, Image.new("L", (300, 300), 5), "min_brightness"),
        ("max_brightness", 0.9, Image.new("L", (300, 300), 255), "max_brightness"),
    ],
)
def test_blur_information_and_brightness_have_limits_that_can_be_set(
    run: Run, setting: str, bound: float, image: Image.Image, reason: str
) -> None:
    run.add("a.png", clouds(0))
    run.add("b.png", image)
    assert run(BARE) == ["a.png", "b.png"]
    assert run(dataclasses.replace(BARE, **{setting: bound})) == ["a.png"]
    assert run.entries["b.png"].reasons == (reason,)


def test_of_near_duplicates_the_one_with_most_pixels_is_kept_and_named(run: Run) -> None:
    run.add("small.png", clouds(0, 400, 300))
    large = run.add("large.png", clouds(0, 800, 600))
    run.add("other.png", clouds(1))
    assert run(USUAL) == ["large.png", "other.png"]
    finding = run.entries["small.png"].findings[-1]
    assert run.entries["small.png"].reasons == ("duplicate",)
    assert (finding.name, finding.passed, finding.threshold) == ("duplicate", False, 8)
    assert isinstance(finding.value, int)
    assert 0 <= finding.value < 8
    assert re.search(r"of 64 bits of the hash differ, and the largest local difference is 0\.\d+ ", finding.reason)
    assert large.path in finding.reason
    assert large.id in finding.reason
    assert set(run.findings("small.png")) == {"min_resolution", "max_resolution", "watermark", "duplicate"}


def test_duplicates_are_sought_among_what_the_cheap_rules_leave(run: Run) -> None:
    run.add("huge.png", clouds(0, 4100, 3075))
    run.add("fine.png", clouds(0, 400, 300))
    assert run(USUAL) == ["fine.png"]
    assert run.entries["huge.png"].reasons == ("max_resolution",)


@pytest.mark.parametrize("dedup", [{}, {"phash": dataclasses.replace(PHASH, threshold=None)}])
def test_null_and_none_keep_duplicates(run: Run, dedup: dict[str, ConfirmedHashes]) -> None:
    run.add("a.png", clouds(0, 400, 300))
    run.add("b.png", clouds(0, 800, 600))
    assert run(dataclasses.replace(USUAL, dedup=dedup)) == ["a.png", "b.png"]


def with_redness(threshold: float | None, seen: list[str]) -> Filtering:
    return dataclasses.replace(USUAL, nsfw=Redness(seen=seen, batch_size=4), nsfw_threshold=threshold)


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


def test_the_result_does_not_depend_on_the_order_of_pictures(run: Run) -> None:
    for seed in range(6):
        run.add(f"{seed}.png", clouds(seed % 3, 400 + seed, 300))
    first = sorted(run(USUAL))
    reasons = {name: entry.reasons for name, entry in run.entries.items()}
    run.images.reverse()
    assert sorted(run(USUAL)) == first == ["3.png", "4.png", "5.png"]
    assert {name: entry.reasons for name, entry in run.entries.items()} == reasons


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"nsfw_threshold": 1.5}, r"^nsfw_threshold=1\.5: a number from 0 to 1 or null is allowed"),
        ({"watermark_threshold": -0.1}, r"^watermark_threshold=-0\.1: a number from 0 to 1"),
        ({"phash_threshold": 0}, r"^phash_threshold=0: a whole number from 1 to 20"),
        ({"phash_threshold": 7.5}, r"^phash_threshold=7\.5: a whole number from 1 to 20 or null is allowed"),
        ({"min_resolution": "224"}, r"^min_resolution='224': a whole number from 1 to 100000 or null is allowed"),
        ({"min_resolution": 500, "max_resolution": 400}, r"^min_resolution=500: at most max_resolution \(400\)"),
        ({"min_brightness": 0.9, "max_brightness": 0.1}, r"^min_brightness=0\.9: at most max_brightness \(0\.1\)"),
        ({"min_entropy": 9}, r"^min_entropy=9: a number from 0 to 8"),
        ({"scores": {"x": {"min": 1}}}, r"^scores\.x=\{'min': 1\}: _target_"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key_and_what_is_allowed(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        dataclasses.replace(BARE, **settings)


def test_a_scorer_without_any_limit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^min=None: a number is needed, here or as max"):
        ScoreLimits(model=Redness(seen=[], batch_size=1), min=None, max=None)


def test_the_corner_edge_score_is_the_statistics_ratio() -> None:
    statistics = ImageStatistics(
        width=1,
        height=1,
        format="PNG",
        phash="0" * 16,
        content_phash="0" * 16,
        sharpness=0,
        brightness=0,
        entropy=0,
        corner_edge_ratio=0.25,
    )
    assert CornerEdges(statistics=STATISTICS).derive(statistics) == Score(value=0.25)
    assert CornerEdges(statistics=STATISTICS).sources == (STATISTICS,)
