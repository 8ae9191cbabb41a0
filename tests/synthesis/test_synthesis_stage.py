"""The stage: what it measures, what it writes, what goes to the ledger."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from PIL import Image
from synthesis.made_scenes import receipt, writer

from dcvlr.errors import ConfigError
from dcvlr.execution.slices import Slices
from dcvlr.identity import file_digest
from dcvlr.memo import Memo
from dcvlr.protocols import Remembering
from dcvlr.records import (
    BinCriteria,
    BinnedImage,
    Caption,
    Detections,
    Finding,
    ImageRecord,
    OcrResult,
    PixelFacts,
    Qa,
    Questions,
    Scene,
)
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.synthesis.pixels.colours import NamedColours
from dcvlr.synthesis.stage import Synthesis

COLOURS = NamedColours(max_side=64, batch_size=8)


class OneSentence:
    """Says the same of every picture."""

    sources = (COLOURS,)

    def derive(self, facts: PixelFacts, /) -> Caption:
        return Caption(text="A picture.")


class WidePagesRead:
    """A receipt in every wide picture, nothing in any other."""

    sources = (COLOURS,)

    def derive(self, facts: PixelFacts, /) -> OcrResult:
        text = receipt().text
        assert text is not None
        return text if facts.width > facts.height else msgspec.structs.replace(text, lines=())


@dataclass
class NoObjects:
    """Finds nothing, and remembers how large the pictures were in which it looked."""

    looked: set[tuple[int, int]] = field(default_factory=set)
    sources = (COLOURS,)

    def derive(self, facts: PixelFacts, /) -> Detections:
        self.looked.add((facts.width, facts.height))
        return Detections(width=facts.width, height=facts.height, objects=(), labelled=True)


@dataclass
class Bench:
    folder: Path

    def picture(
        self, name: str, *, colour: str = "royalblue", bin_: str = "C", size: tuple[int, int] = (60, 40)
    ) -> BinnedImage:
        path = self.folder / name
        picture = Image.new("RGB", size, "white")
        picture.paste(colour, (0, 0, size[0], size[1] // 2))  # the upper half, so that there is something to compare
        picture.save(path)
        return self.binned(path, bin_)

    def broken(self, name: str) -> BinnedImage:
        path = self.folder / name
        path.write_bytes(b"no picture " + name.encode())
        return self.binned(path, "C")

    def binned(self, path: Path, bin_: str) -> BinnedImage:
        image = ImageRecord(id=file_digest(path), path=str(path), dataset="made")
        return BinnedImage(image=image, bin=bin_, criteria=BinCriteria(num_text_boxes=0, text_area_ratio=0.0))

    def run(
        self, stage: Synthesis, records: list[BinnedImage], processes: int = 1
    ) -> tuple[list[Qa], list[dict[str, object]]]:
        """What comes out, and the entries of the ledger."""
        entries = io.BytesIO()
        memo = Memo(self.folder / "checkpoints", slices=lambda: Slices(rows=64, processes=processes))
        written = stage(records, memo, Ledger(entries, "synthesis"), Folder(self.folder / "out"))
        return list(written), [json.loads(line) for line in entries.getvalue().splitlines()]

    def file(self, name: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "out" / name).read_text().splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def stage(**changes: object) -> Synthesis:
    settings: dict[str, object] = {
        "generator": writer(qa_per_image=2, batch=2),
        "ocr": None,
        "detector": None,
        "captioner": None,
        "pixels": COLOURS,
        "use_full_features": True,
        "rationale": "steps",
        "refinements": {},
        "bins": ["A", "B", "C"],
    }
    return Synthesis(**{**settings, **changes})  # type: ignore[arg-type]


def test_questions_are_written_whole_and_by_bin(bench: Bench) -> None:
    records = [
        bench.picture("a.png", bin_="A"),
        bench.picture("b.png", colour="red", bin_="B"),
        bench.picture("c.png", colour="navy"),
    ]
    qas, entries = bench.run(stage(), records)
    assert entries == []
    assert [qa.bin for qa in qas] == ["A", "A", "B", "B", "C", "C"]
    assert [row["id"] for row in bench.file("generated_qa_pairs.jsonl")] == [qa.id for qa in qas]
    assert [len(bench.file(f"bin_{bin_}_qa_pairs.jsonl")) for bin_ in "ABC"] == [2, 2, 2]
    summary = json.loads((bench.folder / "out" / "summary.json").read_text())
    assert summary == {"stage": "synthesis", "total_generated": 6, "by_bin": {"A": 2, "B": 2, "C": 2}}


def test_the_size_of_a_batch_does_not_change_what_is_written(bench: Bench) -> None:
    records = [bench.picture(f"{n}.png", size=(60 + n, 40)) for n in range(5)]
    writers = [writer(qa_per_image=2, batch=batch) for batch in (1, 2, 100)]
    outcomes = [bench.run(stage(generator=generator), records)[0] for generator in writers]
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_a_picture_that_gives_no_question_is_in_the_ledger(bench: Bench) -> None:
    qas, (entry,) = bench.run(stage(), [bench.picture("a.png", colour="white")])
    assert qas == []
    assert (entry["stage"], entry["verdict"], entry["kind"]) == ("synthesis", "rejected", "image")
    assert entry["reasons"] == ["no_question"]
    assert bench.file("generated_qa_pairs.jsonl") == []


def test_the_run_says_what_would_ask_better_about_photographs(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "dcvlr.synthesis"):
        qas, _ = bench.run(stage(), [bench.picture("a.png")])
    assert f"{len(qas)} questions are about colour and light alone" in caplog.text
    assert "binning/detector=yolo or detr" in caplog.text


def test_a_broken_picture_is_rejected_and_a_lost_one_is_tried_again(bench: Bench) -> None:
    lost = bench.picture("lost.png", colour="red")
    Path(lost.image.path).unlink()
    qas, entries = bench.run(stage(), [bench.broken("broken.png"), lost, bench.picture("good.png")])
    assert {Path(qa.image).name for qa in qas} == {"good.png"}
    assert [(entry["verdict"], entry["reasons"]) for entry in entries] == [
        ("rejected", ["decode"]),
        ("unmeasured", ["missing"]),
    ]


def test_no_pictures_give_no_questions(bench: Bench) -> None:
    assert bench.run(stage(), []) == ([], [])


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^batch=0: a whole number from 1"):
        writer(batch=0)


def test_nothing_to_ask_about_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^use_full_features=false: captions are needed then, or a writer that sees"):
        stage(use_full_features=False, captioner=None)


def test_objects_are_sought_only_where_text_offers_no_question(bench: Bench) -> None:
    detector = NoObjects()
    page, photograph = bench.picture("page.png"), bench.picture("photograph.png", size=(40, 60))
    made = stage(ocr=WidePagesRead(), detector=detector)
    qas, _ = bench.run(made, [page, photograph])
    assert [(qa.image_id == page.image.id, qa.evidence[0].kind) for qa in qas] == [
        *[(True, "text")] * 2,
        *[(False, "pixels")] * 2,
    ]
    assert detector.looked == {(40, 60)}


def test_where_only_captions_are_to_be_used_a_computed_question_rests_on_pixels_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dcvlr.synthesis"):
        qas, _ = bench.run(stage(captioner=OneSentence(), use_full_features=False), [bench.picture("a.png")])
    assert len(qas) == 2
    assert {item.kind for qa in qas for item in qa.evidence} == {"pixels"}
    assert "nothing is computed from captions, so only colours and light are asked about" in caplog.text


@pytest.mark.parametrize("processes", [2, 3])
def test_pictures_that_are_shared_out_among_processes_give_the_same_files_and_ledger(
    bench: Bench, processes: int
) -> None:
    colours = ["royalblue", "white", "red", "navy", "white", "green", "orange"]
    records = [
        bench.picture(f"{n}.png", colour=colour, bin_="AC"[n % 2], size=(60, 40 + n))
        for n, colour in enumerate(colours)
    ]
    records.insert(3, bench.broken("broken.png"))
    qas, entries = bench.run(stage(), records)
    files = {path.name: path.read_bytes() for path in (bench.folder / "out").iterdir()}
    assert len(qas) > 5
    assert [entry["reasons"] for entry in entries] == [["no_question"], ["decode"], ["no_question"]]
    assert bench.run(stage(), records, processes) == (qas, entries)
    assert {path.name: path.read_bytes() for path in (bench.folder / "out").iterdir()} == files


@dataclass(frozen=True)
class WritesNothing:
    """Notes in which process it is asked."""

    name: ClassVar[str] = "nothing"
    batch: ClassVar[int] = 1
    sees_images: ClassVar[bool] = True

    asks: bool

    def needs(self, scene: Scene, asked: Set[str]) -> Set[str]:
        return frozenset()

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> list[Questions]:
        return [Questions(qas=(), lost=(Finding(name=f"{os.getpid()}", passed=False),)) for _ in scenes]


def test_a_writer_that_asks_a_model_stays_in_the_process_that_has_it(bench: Bench) -> None:
    records = [bench.picture(f"{n}.png", size=(60, 40 + n)) for n in range(4)]
    _, here = bench.run(stage(generator=WritesNothing(asks=True)), records, 2)
    _, elsewhere = bench.run(stage(generator=WritesNothing(asks=False)), records, 2)
    assert {str(entry["reasons"]) for entry in here} == {f"['{os.getpid()}']"}
    assert len({str(entry["reasons"]) for entry in elsewhere} - {f"['{os.getpid()}']"}) == 2
