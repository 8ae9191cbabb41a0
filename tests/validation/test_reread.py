"""Lines that an answer rests on, read a second time from the picture itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from contracts.checks import qa
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from dcvlr.binning.ocr.rapid_lines import RapidOcrLines
from dcvlr.binning.ocr.rapidocr import RapidOcr
from dcvlr.identity import file_digest, identity, speed
from dcvlr.memo import Memo
from dcvlr.records import Decode, Evidence, Failure, Finding, ImageRecord, OcrLine, OcrResult, Picture, Qa, of_picture
from dcvlr.validation.checks.reread import Reread, agrees

pytestmark = pytest.mark.slow

pytest.importorskip("rapidocr", reason="the rapidocr extra is not installed")

BILL = {(40, 40): "Coffee", (480, 40): "3.20", (40, 120): "Bread", (480, 120): "9.30"}


@pytest.fixture(scope="module")
def ocr() -> RapidOcr:
    return RapidOcr(engine="onnxruntime", language="en", min_score=0.6, max_side=2000, batch_size=4, engines=1)


def drawn(folder: Path, lines: dict[tuple[int, int], str] = BILL) -> ImageRecord:
    image = Image.new("RGB", (640, 240), "white")
    for position, text in lines.items():
        ImageDraw.Draw(image).text(position, text, fill="black", font=ImageFont.load_default(size=28))
    image.save(folder / "bill.png")
    return ImageRecord(id=file_digest(folder / "bill.png"), path=str(folder / "bill.png"), dataset="d")


def asked(image: ImageRecord, *refs: str, **changes: object) -> Qa:
    evidence = tuple(Evidence(kind="text", ref=ref, box=(0, 0, 1, 1), text="") for ref in refs)
    return qa(image=image.path, image_id=image.id, evidence=evidence, **changes)


def text_of(memo: Memo, ocr: RapidOcr, image: ImageRecord) -> OcrResult:
    found = memo.measure(ocr, [image])[image.id]
    assert isinstance(found, OcrResult)
    return found


def test_clear_print_reads_the_same_again(tmp_path: Path, ocr: RapidOcr) -> None:
    image, memo = drawn(tmp_path), Memo(tmp_path / "memo")
    assert [line.text for line in text_of(memo, ocr, image).lines] == ["Coffee", "3.20", "Bread", "9.30"]
    assert Reread(ocr=ocr)([asked(image, "T1", "T2"), asked(image, "T4")], memo) == [
        Finding(name="reread", passed=True, value=0, threshold=0),
        Finding(name="reread", passed=True, value=0, threshold=0),
    ]


def test_lines_of_both_pictures_are_read_again_each_in_its_own(tmp_path: Path, ocr: RapidOcr) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, memo = drawn(tmp_path / "a"), Memo(tmp_path / "memo")
    second = drawn(tmp_path / "b", {(40, 40): "Tea", (480, 40): "7.10"})
    lines = [(first, "T4", 1), (second, "T2", 2)]
    evidence = [of_picture(asked(image, ref).evidence[0], number) for image, ref, number in lines]
    pair = replace(asked(first), images=(first, second), evidence=tuple(evidence))
    assert Reread(ocr=ocr)([pair], memo) == [Finding(name="reread", passed=True, value=0, threshold=0)]
    assert [len(text_of(memo, ocr, image).lines) for image in (first, second)] == [4, 2]


def test_only_cited_lines_are_read_and_each_once(tmp_path: Path, ocr: RapidOcr) -> None:
    image, memo = drawn(tmp_path), Memo(tmp_path / "memo")
    text_of(memo, ocr, image)
    key = f"rapidocr_lines-{identity(ocr.again)}"
    Reread(ocr=ocr)([asked(image, "T1", "T2"), asked(image, "T2"), asked(image, "T2", "T1")], memo)
    assert memo.computed[key] == 2
    Reread(ocr=ocr)([asked(image, "T1", "T2"), asked(image, "T3")], memo)
    assert memo.computed[key] == 3


@dataclass(frozen=True, kw_only=True)
class Misreader:
    """Reads 8.20 where 3.20 is printed; its second look is that of rapidocr."""

    name: ClassVar[str] = "misreader"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = OcrResult

    ocr: RapidOcr
    batch_size: int = speed()

    @property
    def decode(self) -> Decode:
        return self.ocr.decode

    @property
    def again(self) -> RapidOcrLines:
        return self.ocr.again

    def check_ready(self) -> None:
        """Always ready."""

    def __call__(self, items: Sequence[Picture], /) -> list[OcrResult]:
        return [replace(result, lines=tuple(map(_misread, result.lines))) for result in self.ocr(items)]


def _misread(line: OcrLine) -> OcrLine:
    return replace(line, text="8.20") if line.text == "3.20" else line


def test_what_reads_otherwise_again_is_refused_with_both_readings(tmp_path: Path, ocr: RapidOcr) -> None:
    image, memo = drawn(tmp_path), Memo(tmp_path / "memo")
    wrong, right = Reread(ocr=Misreader(ocr=ocr, batch_size=4))(
        [asked(image, "T1", "T2"), asked(image, "T3", "T4")], memo
    )
    reason = "'8.20' reads '3.20' in a second look"
    assert wrong == Finding(name="reread", passed=False, value=1, threshold=0, reason=reason)
    assert right == Finding(name="reread", passed=True, value=0, threshold=0)


def test_a_picture_that_is_gone_leaves_the_question_unmeasured(tmp_path: Path, ocr: RapidOcr) -> None:
    image, memo = drawn(tmp_path), Memo(tmp_path / "memo")
    text_of(memo, ocr, image)
    Path(image.path).unlink()
    (found,) = Reread(ocr=ocr)([asked(image, "T1")], memo)
    assert isinstance(found, Failure)
    assert found.kind == "missing"


def test_what_rests_on_no_line_and_ocr_that_reads_no_lines_again_pass(tmp_path: Path, ocr: RapidOcr) -> None:
    image, memo = drawn(tmp_path), Memo(tmp_path / "memo")
    assert Reread(ocr=ocr)([asked(image)], memo) == [Finding(name="reread", passed=True)]
    (found,) = Reread(ocr=None)([asked(image, "T1")], memo)
    assert (found.passed, found.reason) == (True, "not checked: binning.ocr reads no single lines again")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "again", "same"),
    [
        ("Total Sales (Inclusive of GST) :", "TotalSales(Inclusive of GST):", True),
        ("TOTAL", "Total", True),
        ("12.50", "12,50", False),
        ("04-05-2018", "04-05-2013", False),
        ("0.91", "U.91", False),
        ("2.0", "20", False),
        ("-5.00", "5.00", False),
        ("6%", "6", False),
        ("3.20", "", False),
    ],
)
def test_what_counts_as_the_same_reading(first: str, again: str, same: bool) -> None:
    assert agrees(first, again) == same
