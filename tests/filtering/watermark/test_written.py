from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from PIL import Image

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.filtering.stage import Filtering
from dcvlr.filtering.watermark.written import WrittenMarks
from dcvlr.identity import digest, speed
from dcvlr.memo import Memo
from dcvlr.records import Decode, ImageRecord, LedgerEntry, OcrLine, OcrResult, Picture, Score
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger


@cache
def rule(*overrides: str) -> WrittenMarks:
    stage = make(compose(["filtering/watermark=written", "filtering/nsfw=none", *overrides]), "filtering")
    assert isinstance(stage, Filtering)
    assert isinstance(stage.watermark, WrittenMarks)
    return stage.watermark


def line(text: str, left: float, top: float, tilt_degrees: float = 0.0, width: float = 200.0) -> OcrLine:
    """20 pixels high; turned about its upper left corner."""
    cos, sin = math.cos(math.radians(tilt_degrees)), math.sin(math.radians(tilt_degrees))
    corners = [(0.0, 0.0), (width, 0.0), (width, 20.0), (0.0, 20.0)]
    a, b, c, d = [(left + x * cos - y * sin, top + x * sin + y * cos) for x, y in corners]
    return OcrLine(text=text, score=0.99, quad=(a, b, c, d))


def read(*lines: OcrLine) -> OcrResult:
    return OcrResult(width=800, height=600, lines=lines)


def score(lines: Sequence[OcrLine], *overrides: str) -> Score:
    return rule(*overrides).derive(read(*lines))


@pytest.mark.parametrize(
    "text",
    [
        *("shutterstock", "shuperstock", "Adobe Srock", "iStock by Getty Images", "alamy", "SAMPLE", "DO NOT COPY"),
        *("©2004knivesplus.com", "(c) L. Hart", "www.fotohaus.example", "mongabay.com", "Mira Kessler Photography"),
    ],
)
def test_what_stands_on_proofs_is_a_mark(text: str) -> None:
    found = score([line("82", 10, 10), line(text, 300, 300)])
    assert (found.value, found.label) == (1.0, text)


@pytest.mark.parametrize(
    "text",
    ["Indian Cobra", "RF 152", "SIMPLE", "Afternoon Tea", "samples", "6-21-79", "stocktaking", "Quarterly review"],
)
def test_other_text_in_a_picture_is_none(text: str) -> None:
    assert score([line(text, 300, 300)]).value == 0


def test_a_page_that_speaks_of_samples_keeps_its_place() -> None:
    page = [line(f"{word} 12.50", 40, 30 * row) for row, word in enumerate(("Bread", "Milk", "Tea", "Rice", "Oil"))]
    assert score([*page, line("SAMPLE", 300, 300)]).value == 0
    assert score([*page, line("SAMPLE", 300, 300)], "filtering.watermark.other_lines=5").value == 1


def test_one_text_again_and_again_tiles_a_picture_even_in_pieces() -> None:
    tilted = [line("Tom Adeyemi", 100 * n, 90 * n, 30) for n in range(3)]
    assert score([*tilted, line("m Adey", 500, 20, 30)]) == Score(value=0.9, label="Tom Adeyemi")
    in_rows_and_columns = [line("Northlight", 300 * (n % 2), 90 * n) for n in range(4)]
    assert score(in_rows_and_columns).value == 0.9


def test_items_of_a_list_below_each_other_and_other_texts_tile_nothing() -> None:
    assert score([line("Northlight", 40, 30 * n) for n in range(6)]).value == 0
    assert score([line("Northlight", 300 * (n % 2), 90 * n) for n in range(2)]).value == 0, "twice is no tile"
    others = [line(text, 40, 30 * n) for n, text in enumerate(("bread", "milk", "sugar", "coffee"))]
    tiled = [line("Northlight", 100 * n, 90 * n, 30) for n in range(3)]
    assert score([*tiled, *others]).value == 0, "most of the text is something else"


def test_a_name_alone_at_the_edge_is_a_signature_and_nowhere_else() -> None:
    assert score([line("Bob Shauchunas", 500, 570)]) == Score(value=0.7, label="Bob Shauchunas")
    assert score([line("Lena Hart", 20, 10)]).value == 0.7
    for other in (
        line("Bob Shauchunas", 300, 300),
        line("INDIAN COBRA", 500, 570),
        line("Bob Shauchunas", 500, 500, 40),
    ):
        assert score([other]).value == 0
    assert score([line("Bob Shauchunas", 500, 570), line("82", 10, 10)]).value == 0


def test_nothing_read_is_no_watermark_and_the_lines_are_those_of_the_bins() -> None:
    assert score([]).value == 0
    built = make(compose(["filtering/watermark=written", "binning.ocr.min_score=0.7"]), "filtering")
    assert built.watermark.sources[0].min_score == 0.7


def test_a_wrong_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"filtering\.watermark\.repeats=0"):
        rule("filtering.watermark.repeats=0")


@dataclass(frozen=True, kw_only=True)
class ReadsSample:
    """Reads the word sample in every picture."""

    name: ClassVar[str] = "reads_sample"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult

    batch_size: int = speed()

    @property
    def decode(self) -> Decode:
        return Decode(max_side=64)

    def check_ready(self) -> None:
        pass

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [read(line("SAMPLE", 20, 20)) for _ in items]


def test_only_what_the_cheap_rules_leave_is_read(tmp_path: Path) -> None:
    stage = make(compose(["filtering/watermark=written", "filtering/nsfw=none"]), "filtering")
    stage = replace(stage, watermark=replace(rule(), ocr=ReadsSample(batch_size=2)))
    images = []
    for side in (100, 300):
        path = tmp_path / f"{side}.png"
        Image.new("RGB", (side, side), "red").save(path)
        images.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="d"))
    memo, ledger = Memo(tmp_path / "checkpoints"), io.BytesIO()
    assert stage(images, memo, Ledger(ledger, "filtering"), Folder(tmp_path / "out")) == []
    entries = [msgspec.json.decode(entry, type=LedgerEntry) for entry in ledger.getvalue().splitlines()]
    assert [entry.reasons for entry in entries] == [("min_resolution",), ("watermark",)]
    assert entries[1].findings[-1].reason == "watermark score 1.0 (SAMPLE) is above 0.3"
    assert {name.rpartition("-")[0]: count for name, count in memo.computed.items()} == {
        "statistics": 2,
        "closer_look": 2,
        "reads_sample": 1,
    }
