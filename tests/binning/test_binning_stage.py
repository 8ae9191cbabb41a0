from __future__ import annotations

import dataclasses
import io
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from bins_abc import above, bins_abc
from contracts.readers import saved
from PIL import Image, ImageDraw

from dcvlr.binning.balance import BalanceLimits
from dcvlr.binning.bins import Bin
from dcvlr.binning.stage import Binning
from dcvlr.errors import ConfigError
from dcvlr.identity import digest, speed
from dcvlr.memo import Memo
from dcvlr.protocols import Remembering, Signals
from dcvlr.records import (
    Caption,
    Decode,
    Detection,
    Detections,
    Failure,
    ImageRecord,
    OcrLine,
    OcrResult,
    Picture,
)
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

RED, BLUE = (255, 0, 0), (0, 0, 255)


@dataclass(frozen=True, kw_only=True)
class RedMarks:
    """Each red 10 x 10 cell is a line of text."""

    name: ClassVar[str] = "red"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult
    decode: ClassVar[Decode] = Decode(max_side=None)
    batch_size: int = speed()

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [self._read(item) for item in items]

    def _read(self, item: Picture) -> OcrResult:
        lines = tuple(_line(x, y) for x, y in squares(item, RED))
        return OcrResult(width=item.width, height=item.height, lines=lines)


@dataclass(frozen=True, kw_only=True)
class BlueMarks:
    """Each blue 10 x 10 cell is an object; a white corner cannot be looked at today."""

    name: ClassVar[str] = "blue"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode: ClassVar[Decode] = Decode(max_side=None)
    batch_size: int = speed()

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Picture], /) -> list[Detections | Failure]:
        return [self._found(item) for item in items]

    def _found(self, item: Picture) -> Detections | Failure:
        if tuple(item.pixels[-1, -1]) == (255, 255, 255):
            return Failure(kind="timeout", message="try again")
        found = (Detection(label=None, score=0.9, box=(x, y, x + 10, y + 10)) for x, y in squares(item, BLUE))
        return Detections(width=item.width, height=item.height, objects=tuple(found), labelled=False)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A caption that counts the squares."""

    ocr: RedMarks
    detector: BlueMarks

    @property
    def sources(self) -> tuple[RedMarks, BlueMarks]:
        return (self.ocr, self.detector)

    def derive(self, text: OcrResult, objects: Detections) -> Caption:
        return Caption(text=f"{len(text.lines)} red, {len(objects.objects)} blue")


@dataclass(frozen=True, kw_only=True)
class BlueIsSimilar:
    """0.2 for each object the caption tells of."""

    def __call__(
        self, images: Sequence[ImageRecord], captions: Signals[Caption], memo: Remembering
    ) -> Mapping[str, float | Failure]:
        texts = {image.id: captions[image.id] for image in images}
        return {i: text if isinstance(text, Failure) else 0.2 * int(text.text.split()[2]) for i, text in texts.items()}


def _line(x: int, y: int) -> OcrLine:
    return OcrLine(text=f"line at {x}", score=0.9, quad=((x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)))


def squares(item: Picture, colour: tuple[int, int, int]) -> list[tuple[int, int]]:
    cells = item.pixels[5::10, 5::10]
    return [(10 * x, 10 * y) for y, row in enumerate(cells) for x, cell in enumerate(row) if tuple(cell) == colour]


def marked(red: int = 0, blue: int = 0, *, shade: int = 0, broken: bool = False) -> Image.Image:
    """100 x 100 with `red` squares from the upper left on and `blue` ones from the lower left on."""
    image = Image.new("RGB", (100, 100), (shade, shade, shade))
    pen = ImageDraw.Draw(image)
    for i in range(red):
        pen.rectangle((10 * i, 0, 10 * i + 9, 9), fill=RED)
    for i in range(blue):
        pen.rectangle((10 * i, 90, 10 * i + 9, 99), fill=BLUE)
    if broken:
        image.putpixel((99, 99), (255, 255, 255))
    return image


def binning(**changes: Any) -> Binning:
    ocr, detector = RedMarks(batch_size=4), BlueMarks(batch_size=4)
    stage = Binning(
        ocr=ocr,
        detector=detector,
        captioner=Counted(ocr=ocr, detector=detector),
        similarity=None,
        bins=bins_abc(),
        text_boxes_threshold=2,
        text_area_threshold=0.2,
        object_count_threshold=5,
        unique_objects_threshold=3,
        spatial_dispersion_threshold=0.3,
        clip_similarity_threshold=0.25,
        bins_ratio=None,
        balance=BalanceLimits(size=None, strict=False),
        display_details=False,
    )
    return dataclasses.replace(stage, **changes)


@dataclass(frozen=True)
class Outcome:
    bins: dict[str, str]  # by file name
    folder: Path
    ledger: list[dict[str, Any]]
    computed: dict[str, int]  # by model

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    @property
    def summary(self) -> Any:
        return json.loads((self.folder / "summary.json").read_text())


def run(tmp_path: Path, stage: Binning, records: Sequence[ImageRecord]) -> Outcome:
    memo, ledger = Memo(tmp_path / "checkpoints"), io.BytesIO()
    kept = stage(records, memo, Ledger(ledger, "binning"), Folder(tmp_path / "files"))
    return Outcome(
        bins={Path(image.image.path).stem: image.bin for image in kept},
        folder=tmp_path / "files",
        ledger=[json.loads(line) for line in ledger.getvalue().splitlines()],
        computed={folder.split("-")[0]: count for folder, count in memo.computed.items()},
    )


def pictures(tmp_path: Path, *images: Image.Image) -> list[ImageRecord]:
    return saved(tmp_path / "pictures", list(images))


def test_pictures_go_where_their_text_and_objects_send_them(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(red=2, blue=5), marked(red=3, blue=6))
    assert run(tmp_path, binning(), records).bins == {"000": "A", "001": "B", "002": "C", "003": "A"}


def test_the_detector_looks_only_at_what_is_not_rich_in_text(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=4), marked(blue=6), marked())
    assert run(tmp_path, binning(), records).computed == {"red": 4, "blue": 2}


def test_changed_thresholds_shares_and_balance_need_no_model(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(blue=1), marked())
    run(tmp_path, binning(), records)
    shares = {"bins_ratio": [0.5, 0.25, 0.25], "balance": BalanceLimits(size=None, strict=True)}
    again = run(tmp_path, binning(bins=bins_abc(text_boxes=9, object_count=0), **shares), records[1:])
    assert set(again.computed.values()) <= {0}


def test_the_files_say_what_was_measured_and_null_where_nothing_was(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=1, blue=2))
    outcome = run(tmp_path, binning(), records)
    assert outcome.rows("all_binned_images.jsonl") == outcome.rows("bin_A.jsonl") + outcome.rows("bin_C.jsonl")
    assert outcome.rows("bin_B.jsonl") == []
    (rich,), (plain,) = outcome.rows("bin_A.jsonl"), outcome.rows("bin_C.jsonl")
    assert rich == {
        "id": records[0].id,
        "path": records[0].path,
        "dataset": "drawn",
        "bin": "A",
        "num_text_boxes": 3,
        "text_area_ratio": 0.03,
        "num_objects": None,
        "unique_classes": None,
        "spatial_dispersion": None,
        "clip_similarity": None,
        "caption": None,
        "ocr_text": "line at 0\nline at 10\nline at 20",
        "detected_objects": None,
    }
    assert (plain["num_objects"], plain["unique_classes"], plain["spatial_dispersion"]) == (2, None, 0.0)
    assert plain["detected_objects"] == {"region": 2}
    assert outcome.summary == {
        "stage": "binning",
        "bin_distribution": {"A": 1, "B": 0, "C": 1},
        "total_binned": 2,
        "wanted_shares": None,
        "total_with_exact_shares": 2,
        "bins": [
            {
                "name": "A",
                "rules": [
                    rule("num_text_boxes", "lines of text", 2),
                    rule("text_area_ratio", "share of the picture that text covers", 0.2),
                ],
            },
            {
                "name": "B",
                "rules": [
                    rule("unique_classes", "classes of objects", 3),
                    rule("num_objects", "objects", 5),
                    rule("spatial_dispersion", "share of the picture between the objects' centres", 0.3),
                ],
            },
            {"name": "C", "rules": []},
        ],
    }


def rule(name: str, what: str, threshold: float) -> dict[str, Any]:
    return {"name": name, "key": f"binning.{name}", "what": what, "threshold": threshold, "minimum": True}


def test_the_values_of_every_picture_are_written_with_where_it_went(tmp_path: Path) -> None:
    records = pictures(
        tmp_path,
        marked(red=3),
        marked(red=9),
        marked(blue=6),
        marked(blue=1),
        marked(red=2, blue=2),
        marked(broken=True),
    )
    limits = BalanceLimits(size=3, strict=False)
    stage = binning(bins_ratio=[0.4, 0.4, 0.2], balance=limits, similarity=BlueIsSimilar())
    rows = run(tmp_path, stage, records).rows("values.jsonl")
    assert [row["id"] for row in rows] == [record.id for record in records]
    assert [row["outcome"] for row in rows] == ["balance", "A", "B", "clip_similarity", "C", "timeout"]
    boxes = ("num_text_boxes", "num_objects", "clip_similarity")
    assert [tuple(row["values"][name] for name in boxes) for row in rows] == [
        (3, None, None),
        (9, None, None),
        (0, 6, None),
        (0, 1, 0.2),
        (2, 2, 0.4),
        (0, None, None),  # the detector was busy
    ]


def test_another_bin_takes_its_pictures_in_its_turn_and_measures_only_what_it_needs(tmp_path: Path) -> None:
    few = Bin(
        title="a few objects",
        any_of={"count": above("num_objects", 0)},
        requires={"lines": above("num_text_boxes", 0)},
        strongest_by="num_objects",
    )
    a, b, c = bins_abc().items()
    records = pictures(tmp_path, marked(red=3), marked(blue=6), marked(red=1, blue=1), marked(blue=2), marked())
    outcome = run(tmp_path, binning(bins=dict([a, b, ("D", few), c])), records)
    assert outcome.bins == {"000": "A", "001": "B", "002": "D", "004": "C"}
    (entry,) = outcome.ledger
    assert (Path(entry["path"]).stem, entry["reasons"]) == ("003", ["num_text_boxes"])
    assert outcome.summary["bin_distribution"] == {"A": 1, "B": 1, "D": 1, "C": 1}
    assert [row["id"] for row in outcome.rows("bin_D.jsonl")] == [records[2].id]


@pytest.mark.parametrize("names", [["A", "B"], ["C", "A"], ["C"], []])
def test_bins_of_which_the_last_does_not_take_the_rest_are_refused(names: list[str]) -> None:
    chosen = {name: bins_abc()[name] for name in names}
    if names == ["C"]:
        assert binning(bins=chosen).bin_names == ["C"]
    else:
        with pytest.raises(ConfigError, match="the last one takes the rest"):
            binning(bins=chosen)


def test_a_full_bin_keeps_its_strongest_and_the_ledger_says_why_the_rest_went(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=9), marked(red=5), marked())
    limits = BalanceLimits(size=3, strict=False)
    outcome = run(tmp_path, binning(bins_ratio=[0.5, 0.25, 0.25], balance=limits), records)
    assert outcome.bins == {"001": "A", "002": "A", "003": "C"}
    (entry,) = outcome.ledger
    assert (entry["stage"], entry["verdict"], entry["reasons"]) == ("binning", "rejected", ["balance"])
    assert [(f["name"], f["value"], f["threshold"]) for f in entry["findings"]] == [
        ("num_text_boxes", 3, 2),
        ("text_area_ratio", 0.03, 0.2),
        ("balance", 0.03, 2),
    ]
    assert outcome.summary["wanted_shares"] == {"A": 0.5, "B": 0.25, "C": 0.25}
    assert outcome.summary["total_with_exact_shares"] == 1


def test_shares_leave_out_no_picture(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(red=3), marked(red=9), marked(red=5), marked())
    outcome = run(tmp_path, binning(bins_ratio=[0.0, 0.5, 0.5]), records)
    assert outcome.bins == {"000": "A", "001": "A", "002": "A", "003": "C"}
    assert outcome.ledger == []


def test_a_caption_that_does_not_fit_sends_a_picture_to_the_ledger(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(blue=1), marked(blue=2), marked(red=3), marked(blue=6))
    outcome = run(tmp_path, binning(similarity=BlueIsSimilar()), records)
    assert outcome.bins == {"001": "C", "002": "A", "003": "B"}
    (plain,) = outcome.rows("bin_C.jsonl")
    assert (plain["caption"], plain["clip_similarity"]) == ("0 red, 2 blue", 0.4)
    (entry,) = outcome.ledger
    assert (entry["reasons"], entry["findings"][-1]["value"]) == (["clip_similarity"], 0.2)


def test_a_broken_file_is_rejected_and_a_busy_model_is_not_held_against_the_picture(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(broken=True), marked(red=3))
    (tmp_path / "junk.png").write_bytes(b"no picture")
    junk = ImageRecord(id=digest(b"no picture"), path=str(tmp_path / "junk.png"), dataset="drawn")
    outcome = run(tmp_path, binning(), [*records, junk])
    assert outcome.bins == {"001": "A"}
    assert {entry["path"]: (entry["verdict"], entry["reasons"]) for entry in outcome.ledger} == {
        junk.path: ("rejected", ["unreadable"]),
        records[0].path: ("unmeasured", ["timeout"]),
    }


@dataclass(frozen=True, kw_only=True)
class Illiterate:
    """Finds five lines in every picture and can read none."""

    name: ClassVar[str] = "illiterate"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult
    batch_size: int = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=None)

    def check_ready(self) -> None:
        """Always ready."""

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [OcrResult(width=picture.width, height=picture.height, lines=(), unread=5) for picture in items]


def test_a_page_in_an_unknown_script_is_rejected_with_that_reason(tmp_path: Path) -> None:
    records = pictures(tmp_path, marked(blue=1))
    outcome = run(tmp_path, binning(ocr=Illiterate(batch_size=4)), records)
    assert outcome.bins == {}
    (entry,) = outcome.ledger
    assert (entry["reasons"], entry["findings"][0]["value"]) == (["unknown_script"], 5)


def test_no_pictures_make_empty_files(tmp_path: Path) -> None:
    outcome = run(tmp_path, binning(bins_ratio=[0.4, 0.4, 0.2]), [])
    assert outcome.bins == {}
    assert outcome.summary["total_binned"] == 0
    assert outcome.rows("bin_A.jsonl") == []


def test_details_are_shown_for_each_picture_with_all_criteria(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    records = pictures(tmp_path, marked(red=3, blue=6), marked())
    with caplog.at_level(logging.INFO, logger="dcvlr.binning"):
        run(tmp_path, binning(display_details=True), records)
    shown = [record.getMessage() for record in caplog.records if "Assigned bin" in record.getMessage()]
    assert len(shown) == 2
    assert "Text boxes: 3 (threshold: >2) ✓ PASS" in shown[0]
    assert "Objects: 6 (threshold: >5) ✓ PASS" in shown[0]
    assert "Caption: 0 red, 0 blue" in shown[1]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text_area_threshold", 1.5),
        ("spatial_dispersion_threshold", -0.1),
        ("clip_similarity_threshold", 2),
        ("text_boxes_threshold", -1),
        ("object_count_threshold", 1.5),
        ("unique_objects_threshold", True),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{key}="):
        binning(**{key: value})


@pytest.mark.parametrize("ratio", [[0.5, 0.5], [0.5, 0.4, 0.2], [1.2, -0.1, -0.1]])
def test_shares_that_are_none_are_refused(ratio: list[float]) -> None:
    with pytest.raises(ConfigError, match="bins_ratio="):
        binning(bins_ratio=ratio)
