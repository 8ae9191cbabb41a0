"""What stands behind the sections of the page, without a browser."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path

import pytest
from msgspec import UNSET
from msgspec.structs import replace
from PIL import Image
from report.test_audit import qa
from servers import Loopback, Request, Response

from dcvlr.api import DataSynthesisPipeline
from dcvlr.cli.report import main
from dcvlr.execution.workers import Worker
from dcvlr.records import Finding, ImageRecord, ImageValues, LedgerEntry
from dcvlr.records.status import ModelProgress, WorkerStatus
from dcvlr.remote import RemoteAccess, remote_files
from dcvlr.report.data import alike_questions, model_costs, report_data
from dcvlr.report.galleries import galleries
from dcvlr.report.page import render
from dcvlr.report.questions import question_cards
from dcvlr.report.thumbnails import Thumbnails
from dcvlr.rundir.files import write_json, write_lines
from dcvlr.rundir.progress import NoProgress
from dcvlr.rundir.reader import RunDirectory
from dcvlr.rundir.status_file import StatusFile


def test_no_text_ends_the_script_that_holds_it() -> None:
    page = render({"title": "</script><script>alert(1)</script>"})
    assert "</script><script>" not in page
    assert '{"title":"\\u003c/script>\\u003cscript>alert(1)\\u003c/script>"}' in page


def test_pairs_of_one_picture_come_before_the_same_words_about_two() -> None:
    same = "How much is the tea on this bill?"
    dataset = [
        replace(qa("q1", "read"), question=same, image_id="1" * 32),
        replace(qa("q2", "read"), question=same, image_id="2" * 32, answer="2.10"),
        replace(qa("q3", "read"), question="How much is this tea on the bill?", image_id="1" * 32),
        replace(qa("q4", "read"), question="In which year was it founded?", image_id="1" * 32),
    ]
    pairs = [(pair["likeness"], pair["same_picture"], pair["answers"]) for pair in alike_questions(dataset)]
    assert pairs == [(100, True, ["1.80", "1.80"]), (100, False, ["1.80", "2.10"]), (100, False, ["2.10", "1.80"])]


def test_costs_of_all_workers_are_added_and_what_was_remembered_has_no_seconds() -> None:
    def worker(rank: int, **counts: float) -> WorkerStatus:
        progress = ModelProgress(total=20, done=20, known=4, seconds=8.0, counts=counts)
        return WorkerStatus(
            process=f"p{rank}", host="h", rank=rank, size=2, started=0, updated=9, models={"llm-1": progress}
        )

    manifest = {"computed": {"ocr-2": 0, "llm-1": 10}, "spent": {"models": {"llm-1": {"cost": 3.0}}}}
    first = {"computed": 10, "cost": 1.0, "prompt_tokens": 70, "failed.timeout": 2}
    second = {"computed": 6, "completion_tokens": 5, "failed.timeout": 1, "failed.refused": 1}
    rows = {row["name"]: row for row in model_costs(manifest, [worker(0, **first), worker(1, **second)])}
    llm = rows["llm"]
    assert (llm["computed"], llm["remembered"], llm["rate"], llm["cost"]) == (16, 4, 2.0, 1.0)
    assert (llm["tokens"], llm["failed"]) == (75, 4)
    assert llm["ever"] == {"cost": 3.0}
    assert (rows["ocr"]["computed"], rows["ocr"]["remembered"], rows["ocr"]["rate"]) == (0, None, None)


def test_licences_are_those_of_the_rows_that_the_source_wrote(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made", "python": "3.11"})
    url, rows = "https://host/set/a.png", tmp_path / "rows/x.jsonl"
    write_lines(rows, [{"file_name": url, "licence": "CC0"}])
    image = ImageRecord(id="0" * 32, path=url, dataset="made", rows=str(rows))
    write_lines(tmp_path / "intermediate/stage1_filtering/filtered_images.jsonl", [image])
    write_lines(tmp_path / "synthetic_qa_dataset.jsonl", [replace(qa("q1", "sum"), image=url)])
    data = report_data(RunDirectory(tmp_path), Thumbnails(embedded=False, budget_bytes=0), {})
    assert data["licences"] == [["made", "CC0", 1]]


def test_a_run_that_failed_is_not_called_running(tmp_path: Path) -> None:
    def status() -> str:
        data = report_data(RunDirectory(tmp_path), Thumbnails(embedded=False, budget_bytes=0), {})
        return str(data["manifest"]["status"])

    write_json(tmp_path / "manifest.json", {"status": "running", "source": "made", "python": "3.11"})
    with StatusFile(tmp_path / "status", Worker(), NoProgress()):
        assert status() == "running"
    assert status() == "stopped"


def test_the_audit_asks_about_all_of_the_dataset_alike() -> None:
    dataset = [qa(f"q{index:03d}", "sum") for index in range(240)]
    cards = question_cards(dataset, [], [], Thumbnails(embedded=True, budget_bytes=0))
    assert len(cards["audited"]) == len(set(cards["audited"])) == 50
    assert 80 < sum(int(name[1:]) for name in cards["audited"]) / 50 < 160
    assert cards["audited"] != sorted(cards["audited"])


@pytest.mark.slow
def test_a_report_that_is_written_again_reaches_pictures_as_their_run_did(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((300, 300)).save(file, "PNG")

    def answer(request: Request) -> Response:
        is_list = request.path == "/list.txt"
        return Response(raw=b"a.png" if is_list else file.getvalue(), headers={"ETag": '"1"'})

    words = ["filtering/nsfw=none", "filtering/dedup=exact", "stages=[filtering]", "report=none"]
    words += ["remote.private_hosts=[127.0.0.1]", "remote.cache_folder=null"]
    with Loopback(answer) as server:
        DataSynthesisPipeline(words, images_dir=f"{server.url}/list.txt", output_dir=tmp_path / "out").run()
        remote_files.use(
            RemoteAccess(attempts=1, timeout_s=5.0, threads=1, private_hosts=[], cache_folder=None, cache_mb=0)
        )
        assert main([str(tmp_path / "out")]) == 0
    assert "data:image/jpeg;base64," in (tmp_path / "out/report.html").read_text()


def test_a_duplicate_is_shown_beside_the_picture_that_is_kept(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "kept.png")
    kept = ImageValues(id="1" * 32, path=str(tmp_path / "kept.png"), dataset="d", outcome="kept", values={})
    same = Finding(name="duplicate", passed=False, value=0, reason="all are equal", kept=kept.id)
    entries = [
        LedgerEntry(
            stage="filtering", verdict="rejected", kind="image", id=name * 32, path=f"{name}.png", dataset="d",
            reasons=("duplicate",), findings=(finding,),
        )
        for name, finding in (("2", same), ("3", replace(same, kept="4" * 32)), ("5", replace(same, kept=UNSET)))
    ]  # fmt: skip
    (_, rejected) = galleries(entries, [kept], {}, Thumbnails(embedded=False, budget_bytes=0))
    assert [card["beside"] and card["beside"]["path"] for card in rejected["cards"]] == [kept.path, None, None]


def test_changed_settings_are_shown_with_their_defaults(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made", "python": "3.11"})
    folder, default = tmp_path / ".hydra", {"seed": 0, "images_dir": "data", "filtering": {"max": None, "ask": ["a"]}}
    thumbnails = Thumbnails(embedded=False, budget_bytes=0)
    assert report_data(RunDirectory(tmp_path), thumbnails, default)["changed"] is None
    folder.mkdir()
    (folder / "config.yaml").write_text("{seed: 0, images_dir: 'https://h/l.txt?key=x', filtering: {max: 4, ask: []}}")
    assert report_data(RunDirectory(tmp_path), thumbnails, default)["changed"] == [
        ["filtering.ask", '["a"]', "[]"],
        ["filtering.max", "null", "4"],
        ["images_dir", "data", "https://h/l.txt"],
    ]


def test_what_left_a_stage_is_told_by_its_own_ledger_alone_and_in_all(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made", "python": "3.11"})
    both = LedgerEntry(
        stage="filtering", verdict="rejected", kind="image", id="1" * 32, path="a.png", dataset="d",
        reasons=("min_entropy", "min_resolution"), findings=(),
    )  # fmt: skip
    late = replace(both, stage="binning", reasons=("min_entropy",))
    entries = [both, replace(both, reasons=("min_entropy",)), replace(both, verdict="unmeasured", reasons=("timeout",))]
    write_lines(tmp_path / "rejected.jsonl", [*entries, late])
    for folder, stage in (("stage1_filtering", "filtering"), ("stage2_binning", "binning")):
        write_json(tmp_path / "intermediate" / folder / "summary.json", {"stage": stage})
    data = report_data(RunDirectory(tmp_path), Thumbnails(embedded=False, budget_bytes=0), {})
    filtering, binning = data["stages"]
    assert filtering["left_out"] == {"rejected": 2, "unmeasured": 1}
    assert [(one["reason"], one["alone"], one["total"]) for one in filtering["reasons"]] == [
        ("min_entropy", 1, 2), ("min_resolution", 0, 1), ("timeout", 1, 1),
    ]  # fmt: skip
    assert binning["left_out"] == {"rejected": 1}


def test_what_balance_cut_moves_with_the_bins_and_what_was_not_measured_does_not(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"status": "complete", "source": "made", "python": "3.11"})
    rows = [ImageValues(id=n * 32, path=f"{n}.png", dataset="d", outcome="kept", values={}) for n in "1234"]
    went = {"1": "A", "2": "balance", "3": "timeout"}  # the fourth was not binned
    binned = [replace(row, outcome=went[row.id[0]]) for row in rows if row.id[0] in went]
    for folder, values, summary in (
        ("stage1_filtering", rows, {"stage": "filtering", "rules": []}),
        ("stage2_binning", binned, {"stage": "binning", "bins": [{"name": "A", "rules": []}]}),
    ):
        write_json(tmp_path / "intermediate" / folder / "summary.json", summary)
        write_lines(tmp_path / "intermediate" / folder / "values.jsonl", values)
    data = report_data(RunDirectory(tmp_path), Thumbnails(embedded=False, budget_bytes=0), {})
    assert list(b64decode(data["bins"]["fixed"])) == [0, 0, 1, 0]
