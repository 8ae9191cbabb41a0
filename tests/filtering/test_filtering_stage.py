from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from filtering.filtered import BARE, PHASH, STATISTICS, USUAL, Run, clouds, stripes
from PIL import Image, ImageOps

from dcvlr.errors import ConfigError
from dcvlr.filtering.dedup.phash import ConfirmedHashes
from dcvlr.filtering.watermark.edges import CornerEdges
from dcvlr.records import ImageStatistics, Score


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


def test_a_most_of_pixels_below_what_pictures_are_shrunk_to_holds_with_shrink_too(run: Run) -> None:
    run.add("wide.png", clouds(0, 1001, 300))
    run.add("good.png", clouds(1, 1000, 300))
    assert run(dataclasses.replace(BARE, max_resolution=1000, oversize="shrink")) == ["good.png"]
    assert run.entries["wide.png"].reasons == ("max_resolution",)


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
    assert large.file_name in finding.reason
    assert large.id in finding.reason
    assert set(run.findings("small.png")) == {"min_resolution", "max_resolution", "watermark", "duplicate"}


@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_copy_in_a_border_has_more_pixels_but_not_of_the_picture(run: Run, colour: str) -> None:
    run.add("framed.png", ImageOps.expand(clouds(0, 800, 600), 80, colour))
    run.add("plain.png", clouds(0, 800, 600))
    assert run(USUAL) == ["plain.png"]
    assert run.entries["framed.png"].reasons == ("duplicate",)


@pytest.mark.slow
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


def test_the_corner_edge_score_is_the_statistics_ratio() -> None:
    statistics = ImageStatistics(
        width=1,
        height=1,
        format="PNG",
        phash="0" * 16,
        content_phash="0" * 16,
        content_pixels=1,
        sharpness=0,
        brightness=0,
        entropy=0,
        corner_edge_ratio=0.25,
    )
    assert CornerEdges(statistics=STATISTICS).derive(statistics) == Score(value=0.25)
    assert CornerEdges(statistics=STATISTICS).sources == (STATISTICS,)
