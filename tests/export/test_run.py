"""What a run adds to its exporters: a card beside each export, and pushes that come after all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from contracts.exporters import picture, qa

from dcvlr.errors import DcvlrError
from dcvlr.execution.local import Local
from dcvlr.export.csv import Csv
from dcvlr.export.jsonl import Jsonl
from dcvlr.memo import Memo
from dcvlr.pipeline import Plan, Run
from dcvlr.records import ImageRecord, Qa
from dcvlr.rundir.progress import NoProgress


@dataclass(frozen=True, kw_only=True)
class NoPictures:
    location: str = "nowhere"

    def count(self) -> int:
        return 0

    def __call__(self, memo: Any, ledger: Any) -> list[ImageRecord]:
        return []


@dataclass(frozen=True, kw_only=True)
class Passing:
    """A validation that lets everything through."""

    name: ClassVar[str] = "validation"
    folder: ClassVar[str] = "stage4_validation"
    takes: ClassVar[type] = Qa
    gives: ClassVar[type] = Qa
    result: ClassVar[str] = "validated_qa"
    min_words: int

    def __call__(self, records: Sequence[Qa], memo: Any, ledger: Any, files: Any) -> Sequence[Qa]:
        return records


@dataclass(frozen=True, kw_only=True)
class PushedJsonl:
    """Writes JSON lines; its push always fails, once it saw what lies in `exports`."""

    name: ClassVar[str] = "pushed"
    seen: list[str]

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        Jsonl()(qas, folder)

    def publish(self, folder: Path) -> None:
        self.seen.extend(sorted(str(path.relative_to(folder.parent)) for path in folder.parent.glob("*/*")))
        raise DcvlrError("the hub is away")


def run(folder: Path, exporters: dict[str, Any]) -> Run:
    runtime = Local(
        num_processes=1,
        max_restarts=0,
        chunk_size=8,
        lease_s=60.0,
        decode_threads=1,
        decode_memory_mb=512,
    )
    plan = Plan(
        source=NoPictures(),
        stages={"validation": Passing(min_words=7)},
        exporters=exporters,
        runtime=runtime,
        run_dir=folder,
        checkpoints=folder / "checkpoints",
        overwrite=False,
        report="none",
    )
    for stage in ("stage0_source", Passing.folder):
        (folder / "intermediate" / stage).mkdir(parents=True)
        (folder / "intermediate" / stage / "rejected.jsonl").touch()
    return Run(plan=plan, memo=Memo(plan.checkpoints), results_dir=folder, reporter=NoProgress())


def test_every_export_has_a_card_that_knows_the_settings_of_the_run(tmp_path: Path) -> None:
    exporters = {"jsonl": Jsonl(), "csv": Csv(byte_order_mark=False)}
    run(tmp_path / "run", exporters).finish([qa(picture(tmp_path / "red.png"), 1)])
    cards = {(tmp_path / "run/export" / name / "README.md").read_text() for name in exporters}
    (card, other) = sorted(cards)
    assert card.partition("license")[2].partition("## How")[0] == other.partition("license")[2].partition("## How")[0]
    assert "1 questions (1 open) about 1 pictures" in card
    assert "| `validation.min_words` | `7` |" in card


def test_a_push_comes_after_all_exports_and_its_failure_leaves_them(tmp_path: Path) -> None:
    seen: list[str] = []
    exporters = {"pushed": PushedJsonl(seen=seen), "csv": Csv(byte_order_mark=False)}
    with pytest.raises(DcvlrError, match="the hub is away"):
        run(tmp_path / "run", exporters).finish([qa(picture(tmp_path / "red.png"), 1)])
    wanted = ["csv/README.md", "csv/dataset.csv", "pushed/README.md", "pushed/dataset.jsonl", "pushed/images"]
    assert seen == wanted
    there = sorted(str(path.relative_to(tmp_path / "run/export")) for path in (tmp_path / "run/export").glob("*/*"))
    assert there == wanted
    assert (tmp_path / "run/synthetic_qa_dataset.jsonl").stat().st_size > 0
