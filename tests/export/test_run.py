"""What a run adds to its exporters: a card beside each export, and pushes that come after all of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree
from typing import Any, ClassVar

import msgspec
import pytest
from composed import composed_part
from contracts.exporters import picture, qa
from forked import run_python
from pictures import make_pictures

from dcvlr.config import conf_dir
from dcvlr.errors import DcvlrError
from dcvlr.execution.local import Local
from dcvlr.execution.workers import Worker
from dcvlr.export.csv import Csv
from dcvlr.export.folders import export_all
from dcvlr.export.jsonl import Jsonl
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.pipeline import Plan, Run, execute
from dcvlr.records import Audit, ImageRecord, Precision, Qa
from dcvlr.rundir.files import write_json, write_lines
from dcvlr.rundir.progress import NoProgress
from dcvlr.runs.audited import write_into_cards

EXPORTS = sorted(path.stem for path in (Path(conf_dir()) / "export").glob("*.yaml"))
COLOURS = ("red", "green", "blue", "black", "teal", "gold")


@dataclass(frozen=True, kw_only=True)
class NoPictures:
    location: str = "nowhere"
    root: str = ""

    def count(self) -> int:
        return 0

    def __call__(self, memo: Any, ledger: Any) -> list[ImageRecord]:
        return []


@dataclass(frozen=True, kw_only=True)
class OneRow(NoPictures):
    """A picture that its source has written a row about."""

    picture: str
    rows: str

    def __call__(self, memo: Any, ledger: Any) -> list[ImageRecord]:
        return [ImageRecord(id="0" * 32, path=self.picture, dataset="made", rows=self.rows)]


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


@dataclass(frozen=True, kw_only=True)
class OntoFullDisk:
    """Begins a file and then has no room left."""

    name: ClassVar[str] = "full"

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        Jsonl()(qas, folder)
        Path("/dev/full").write_bytes(b"{}")


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
        trackers={},
        runtime=runtime,
        remote=None,
        export_to=None,
        run_dir=folder,
        checkpoints=folder / "checkpoints",
        overwrite=False,
        report="none",
        defaults=dict,
    )
    for stage in ("stage0_source", Passing.folder):
        (folder / "intermediate" / stage).mkdir(parents=True)
        (folder / "intermediate" / stage / "rejected.jsonl").touch()
    return Run(plan=plan, memo=Memo(plan.checkpoints), results_dir=folder, kept_dir=folder, reporter=NoProgress())


def test_every_export_has_a_card_that_knows_the_settings_of_the_run(tmp_path: Path) -> None:
    exporters = {"jsonl": Jsonl(), "csv": Csv(byte_order_mark=False)}
    run(tmp_path / "run", exporters).finish([qa(picture(tmp_path / "red.png"), 1)])
    cards = {(tmp_path / "run/export" / name / "README.md").read_text() for name in exporters}
    (card, other) = sorted(cards)
    assert card.partition("license")[2].partition("## How")[0] == other.partition("license")[2].partition("## How")[0]
    assert "1 questions (1 open) about 1 pictures" in card
    assert "| `validation.min_words` | `7` |" in card


def test_a_run_that_was_audited_exports_its_cards_with_the_audit(tmp_path: Path) -> None:
    row = Precision(name="all", right=3, wrong=1, unclear=0, share=0.75, low=0.301, high=0.954)
    found = Audit(overall=row, bins=(), kinds=(), flagged=(), refused=(), calibration=(), agreements=())
    write_json(tmp_path / "run/audit.json", found)
    exporters = {"jsonl": Jsonl(), "csv": Csv(byte_order_mark=False)}
    run(tmp_path / "run", exporters).finish([qa(picture(tmp_path / "red.png"), 1)])
    cards = [(tmp_path / "run/export" / name / "README.md").read_text() for name in exporters]
    assert [card.count("| `all` | 3 | 1 | 0 | 75.0 % | 30.1 to 95.4 % |") for card in cards] == [1, 1]
    written = write_into_cards(tmp_path / "run", found)
    assert [path.read_text() for path in written] == cards[::-1]  # the command and the run write the same


def test_cards_of_a_run_have_the_licences_of_the_rows_that_its_source_wrote(tmp_path: Path) -> None:
    red = picture(tmp_path / "red.png")
    write_lines(tmp_path / "rows.jsonl", [{"file_name": str(red), "licence": "CC0"}])
    one = run(tmp_path / "run", {"jsonl": Jsonl()})
    one.plan = replace(one.plan, source=OneRow(picture=str(red), rows=str(tmp_path / "rows.jsonl")))
    one.images()
    one.finish([qa(red, 1)])
    assert "`CC0` (1)" in (tmp_path / "run/export/jsonl/README.md").read_text()


def test_an_audit_that_cannot_be_read_is_named_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/audit.json").write_text('{"overall"')
    run(tmp_path / "run", {"jsonl": Jsonl()}).finish([qa(picture(tmp_path / "red.png"), 1)])
    assert "## Audit" not in (tmp_path / "run/export/jsonl/README.md").read_text()
    assert "audit.json is left out" in caplog.text


def test_a_push_comes_after_all_exports_and_its_failure_leaves_them(tmp_path: Path) -> None:
    seen: list[str] = []
    exporters = {"pushed": PushedJsonl(seen=seen), "csv": Csv(byte_order_mark=False)}
    with pytest.raises(DcvlrError, match="the hub is away"):
        run(tmp_path / "run", exporters).finish([qa(picture(tmp_path / "red.png"), 1)])
    of_csv = ["csv/README.md", "csv/croissant.json", "csv/dataset.csv", "csv/images"]
    wanted = [*of_csv, "pushed/README.md", "pushed/croissant.json", "pushed/dataset.jsonl", "pushed/images"]
    assert seen == wanted
    there = sorted(str(path.relative_to(tmp_path / "run/export")) for path in (tmp_path / "run/export").glob("*/*"))
    assert there == wanted
    assert (tmp_path / "run/synthetic_qa_dataset.jsonl").stat().st_size > 0


def replaced(path: Path, colour: str) -> None:
    """Other bytes under the same size and time."""
    status = path.stat()
    picture(path, colour)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_goes_on_without_pictures_that_are_lost_and_names_them(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Gone, changed under equal size and time, and no longer readable, between others that are fine."""
    names = ["a.png", "gone.png", "b.png", "changed.bmp", "cut.png", "c.png"]
    paths = [picture(tmp_path / one, colour) for one, colour in zip(names, COLOURS, strict=True)]
    paths[4].write_bytes(paths[4].read_bytes()[:50])
    qas = [qa(path, 10 * n + m) for n, path in enumerate(paths) for m in range(2)]
    paths[1].unlink()
    replaced(paths[3], "white")
    exporters = {name: composed_part("export", f"export=[{','.join(EXPORTS)}]")[name]}
    (tmp_path / "run").mkdir()
    one = run(tmp_path / "run", exporters)
    one.finish(qas)
    card = (tmp_path / "run/export" / name / "README.md").read_text()
    assert list(one.not_exported) == [qas[i].image_id for i in (2, 6, 8)]
    assert "6 questions (6 open) about 3 pictures" in card
    for i, reason in ((2, "No such file"), (6, "no longer holds the bytes"), (8, "OSError")):
        assert one.not_exported[qas[i].image_id].startswith(f"{qas[i].image} cannot be exported: ")
        assert reason in one.not_exported[qas[i].image_id]
        assert caplog.text.count(f"{qas[i].image} cannot be exported") == 1
    assert not list((tmp_path / "run/export").glob(".*"))


@dataclass(frozen=True, kw_only=True)
class AwayPictures(NoPictures):
    def __call__(self, memo: Any, ledger: Any) -> list[ImageRecord]:
        ledger.unmeasured(ImageRecord(id="0" * 32, path="a.png", dataset="made"), [], reasons=["vanished"])
        return []


@dataclass(frozen=True, kw_only=True)
class Unsure(Passing):
    def __call__(self, records: Sequence[Qa], memo: Any, ledger: Any, files: Any) -> Sequence[Qa]:
        ledger.unmeasured(ImageRecord(id="1" * 32, path="b.png", dataset="made"), [], reasons=["timeout"])
        return records


@pytest.mark.parametrize(
    ("source", "stage", "unmeasured"),
    [(NoPictures(), Passing(min_words=1), 0), (AwayPictures(), Passing(min_words=1), 1),
     (AwayPictures(), Unsure(min_words=1), 2)],
)  # fmt: skip
def test_a_run_that_could_not_measure_everything_is_incomplete(
    tmp_path: Path, source: NoPictures, stage: Passing, unmeasured: int
) -> None:
    plan = replace(run(tmp_path / "run", {}).plan, source=source, stages={"validation": stage}, report="none")
    done = execute(plan, Worker(), NoProgress())
    assert done.flow["validation"].received == 0, "what a stage was handed, not what its ledger adds up to"
    manifest = json.loads((tmp_path / "run/manifest.json").read_bytes())
    assert (manifest["status"], manifest["unmeasured"]) == ("incomplete" if unmeasured else "complete", unmeasured)


@pytest.mark.slow
def test_a_run_whose_export_lacks_pictures_is_incomplete_and_the_next_one_mends_it(
    text_read: Path, tmp_path: Path
) -> None:
    images, out = make_pictures(tmp_path / "images"), copytree(text_read, tmp_path / "out")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "report=none"]
    run_cli(*words, code=0)
    receipt = images / "drawn__by" / "train" / "receipt_2.png"
    content, status = receipt.read_bytes(), receipt.stat()
    receipt.write_bytes(content[:-1] + b"\0")
    os.utime(receipt, ns=(status.st_atime_ns, status.st_mtime_ns))
    errors = run_cli(*words, "export=[jsonl]", code=1)
    assert errors == (
        f"dcvlr: exports lack the rows about 1 pictures, the first is: {receipt} cannot be exported: {receipt} no "
        "longer holds the bytes it had when it was found; touch it, so that the next run reads it anew\n"
    )
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert manifest["status"] == "incomplete"
    assert list(manifest["not_exported"]) == [digest(content)]
    receipt.write_bytes(content)
    os.utime(receipt, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert run_cli(*words, "export=[jsonl]", code=0) == ""
    dataset = (out / "synthetic_qa_dataset.jsonl").read_bytes().splitlines()
    assert len((out / "export/jsonl/dataset.jsonl").read_bytes().splitlines()) == len(dataset)


def run_cli(*words: str, code: int) -> str:
    done = run_python("-m", "dcvlr", *words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_a_disk_that_is_full_names_the_export_which_does_not_appear(tmp_path: Path) -> None:
    exporters = {"csv": Csv(byte_order_mark=False), "full": OntoFullDisk()}
    with pytest.raises(OSError, match=rf"No space left on device: '{tmp_path}/run/export/full'"):
        run(tmp_path / "run", exporters).finish([qa(picture(tmp_path / "red.png"), 1)])
    assert [path.name for path in (tmp_path / "run/export").iterdir()] == ["csv"]


@pytest.mark.usefixtures("small_files_only")
def test_an_export_whose_file_has_no_room_is_named_and_not_its_draft(tmp_path: Path) -> None:
    row = msgspec.structs.replace(qa(picture(tmp_path / "red.png"), 1), question="Which colour? " * 10_000)
    with pytest.raises(OSError, match=rf"File too large: '{tmp_path}/export/csv'"):
        export_all({"csv": Csv(byte_order_mark=False)}, tmp_path / "export", [row], lambda _: "")
    assert not list((tmp_path / "export").iterdir())
