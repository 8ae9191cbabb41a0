"""What every exporter must do; an exporter's test subclasses this and offers `exporter`."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from msgspec.structs import replace
from PIL import Image, ImageOps

from dcvlr.identity import digest
from dcvlr.protocols import Exporter
from dcvlr.records import Evidence, ImageRecord, Qa


def qa(image: Path, index: int = 0, **changes: object) -> Qa:
    """An open question about a picture file."""
    fields = {
        "id": f"q{index}",
        "image": str(image),
        "image_id": digest(image.read_bytes()),
        "dataset": "shop/receipts",
        "bin": "A",
        "question": 'What is printed beside "Total"?',
        "options": None,
        "answer": "12.50",
        "reasoning": '1. "Total" is printed [T1].\n2. Beside it stands "12.50" [T2].',
        "evidence": (Evidence(kind="text", ref="T2", box=(1.0, 2.0, 3.5, 4.0), text="12.50"),),
        "generator": "computed/sum_pair",
        "created_from": "full features",
        "seed": 0,
    }
    return Qa(**{**fields, **changes})  # type: ignore[arg-type]


def picture(path: Path, colour: str = "red", mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (12, 8), colour).save(path)
    return path


def odd_pictures(folder: Path) -> list[Path]:
    """Pictures 12 wide and 8 high, red on the left and blue on the right, in what trainers may not read as they are."""
    upright = Image.new("RGB", (12, 8), "blue")
    upright.paste("red", (0, 0, 6, 8))
    folder.mkdir(parents=True)
    upright.quantize(4).save(folder / "flat.gif")
    upright.save(folder / "print.tif")
    upright.save(folder / "bitmap.bmp")
    upright.save(folder / "web.webp", lossless=True)
    upright.convert("CMYK").save(folder / "press.jpg", quality=100)
    upright.quantize(4).save(folder / "palette.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    upright.transpose(Image.Transpose.ROTATE_90).save(folder / "phone.jpg", exif=exif, quality=100)
    return sorted(folder.iterdir())


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@dataclass(frozen=True)
class Row:
    """What a trainer gets for one QA: all its texts in one, and the bytes of its pictures."""

    text: str
    pictures: list[bytes]


class ExporterContract:
    """Offer `exporter` and `rows`; set `placeholders_per_picture` for a format whose texts say `<image>`.

    Set `boxes` to 0 for a format that holds records, not solutions.
    """

    placeholders_per_picture: ClassVar[int] = 0
    boxes: ClassVar[int] = 1

    @pytest.fixture
    def exporter(self) -> Exporter:
        raise NotImplementedError

    def rows(self, folder: Path) -> list[Row]:
        """What was exported to `folder`, read as a trainer would."""
        raise NotImplementedError

    @pytest.fixture
    def qas(self, tmp_path: Path) -> list[Qa]:
        red, blue = picture(tmp_path / "red.png"), picture(tmp_path / "blue.jpg", "blue")
        odd = 'Which line, "a\nb", is "é 漢字, <image>"?'
        placeholders = "1. <image_0> and <|image_pad|> are printed.\n2. So are </s>, <video>, </think> and [IMG]."
        return [
            qa(red, 1),
            qa(red, 2, question=odd),
            qa(blue, 3, options=("12.50", "9,00"), answer="9,00"),
            qa(blue, 4, answer="<image>", reasoning=placeholders),
        ]

    def test_it_makes_the_folder_and_the_same_bytes_each_time(
        self, exporter: Exporter, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(iter(qas), tmp_path / "one")
        exporter(iter(qas), tmp_path / "two")
        assert digests(tmp_path / "one") == digests(tmp_path / "two") != {}

    def test_each_question_is_one_row_with_its_own_picture(
        self, exporter: Exporter, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(iter(qas), tmp_path / "out")
        rows = self.rows(tmp_path / "out")
        assert [[digest(shown) for shown in row.pictures] for row in rows] == [[qa.image_id] for qa in qas]

    def several(self, exporter: Exporter) -> Exporter:
        """`exporter`, or the one that is needed where a question is about several pictures."""
        return exporter

    def test_a_question_about_two_pictures_shows_both_in_their_order(
        self, exporter: Exporter, qas: list[Qa], tmp_path: Path
    ) -> None:
        red, blue = (ImageRecord(id=one.image_id, path=one.image, dataset=one.dataset) for one in (qas[0], qas[2]))
        pairs = [replace(qas[0], images=(red, blue)), replace(qas[2], images=(blue, red))]
        self.several(exporter)(iter([*pairs, qas[0]]), tmp_path / "out")
        rows = self.rows(tmp_path / "out")
        shown = [[digest(picture) for picture in row.pictures] for row in rows]
        assert shown == [[red.id, blue.id], [blue.id, red.id], [red.id]]
        assert [row.text.count("<image>") for row in rows] == [self.placeholders_per_picture * n for n in (2, 2, 1)]

    def test_there_are_as_many_placeholders_as_pictures(
        self, exporter: Exporter, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(iter(qas), tmp_path / "out")
        for row in self.rows(tmp_path / "out"):
            assert row.text.count("<image>") == self.placeholders_per_picture * len(row.pictures)
            assert not re.search(r"<image_\d|<\||</s>|<video>|</think>|\[IMG\]", row.text)

    def test_a_solution_has_one_box_whatever_the_reasoning_says(
        self, exporter: Exporter, qas: list[Qa], tmp_path: Path
    ) -> None:
        boxed = replace(qas[0], answer=r"\frac{1}{2", reasoning="1. Perhaps \\boxed{3}.\n2. No: \\fbox{4}.")
        exporter([boxed], tmp_path / "out")
        (row,) = self.rows(tmp_path / "out")
        if self.boxes:
            assert row.text.count(r"\boxed{") == self.boxes
            assert row.text.endswith(r"\boxed{\frac{1}(2}")

    def test_unicode_and_quotes_survive(self, exporter: Exporter, qas: list[Qa], tmp_path: Path) -> None:
        hostile = "Is “é 漢字 🙂”,\t'x' or \"y\\\\n\" printed\u2028there?"
        exporter([replace(qas[0], question=hostile)], tmp_path / "out")
        (row,) = self.rows(tmp_path / "out")
        assert hostile in row.text

    def test_every_picture_arrives_upright_in_a_format_that_trainers_read(
        self, exporter: Exporter, tmp_path: Path
    ) -> None:
        paths = odd_pictures(tmp_path / "odd")
        exporter([qa(path, index) for index, path in enumerate(paths)], tmp_path / "out")
        for row, path in zip(self.rows(tmp_path / "out"), paths, strict=True):
            with Image.open(io.BytesIO(row.pictures[0])) as image:
                assert (image.format, image.mode, image.size) == ("PNG", "RGB", (12, 8)), path.name
                assert ImageOps.exif_transpose(image).size == (12, 8)
                left, right = image.getpixel((1, 4)), image.getpixel((10, 4))
            assert isinstance(left, tuple)
            assert isinstance(right, tuple)
            assert left[0] > 200 > 60 > left[2], path.name
            assert right[2] > 200 > 60 > right[0], path.name

    def test_no_questions_make_an_empty_dataset(self, exporter: Exporter, tmp_path: Path) -> None:
        exporter([], tmp_path / "empty")
        assert any((tmp_path / "empty").iterdir())
        assert self.rows(tmp_path / "empty") == []
