"""What every exporter must do; an exporter's test subclasses this and offers `exporter`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from dcvlr.identity import digest
from dcvlr.protocols import Exporter
from dcvlr.records import Evidence, Qa


def qa(image: Path, number: int = 0, **changes: object) -> Qa:
    """An open question about a picture file."""
    fields = {
        "id": f"q{number}",
        "image": str(image),
        "image_id": digest(image.read_bytes()),
        "dataset": "shop/receipts",
        "bin": "A",
        "question": 'What is printed beside "Total"?',
        "options": None,
        "answer": "12.50",
        "reasoning": '1. "Total" is printed [T1].\n2. Beside it stands "12.50" [T2].',
        "evidence": (Evidence(kind="text", ref="T2", box=(1.0, 2.0, 3.5, 4.0), text="12.50"),),
        "generator": "computed/text.value_beside_label",
        "created_from": "full features",
        "seed": 0,
    }
    return Qa(**{**fields, **changes})  # type: ignore[arg-type]


def picture(path: Path, colour: str = "red", mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (12, 8), colour).save(path)
    return path


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@dataclass(frozen=True)
class Row:
    """What a trainer gets for one QA: all its texts in one, and the bytes of its pictures."""

    text: str
    pictures: list[bytes]


class ExporterContract:
    """Offer `exporter` and `rows`; set `placeholders_per_picture` for a format whose texts say `<image>`."""

    placeholders_per_picture: ClassVar[int] = 0

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
        marks = "1. <image_0> and <|image_pad|> are printed."
        return [
            qa(red, 1),
            qa(red, 2, question=odd),
            qa(blue, 3, options=("12.50", "9,00"), answer="9,00"),
            qa(blue, 4, answer="<image>", reasoning=marks),
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

    def test_there_are_as_many_placeholders_as_pictures(
        self, exporter: Exporter, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(iter(qas), tmp_path / "out")
        for row in self.rows(tmp_path / "out"):
            assert row.text.count("<image>") == self.placeholders_per_picture * len(row.pictures)
            assert not re.search(r"<image_\d|<\|", row.text)

    def test_no_questions_make_an_empty_dataset(self, exporter: Exporter, tmp_path: Path) -> None:
        exporter([], tmp_path / "empty")
        assert any((tmp_path / "empty").iterdir())
