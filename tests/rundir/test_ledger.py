from __future__ import annotations

import io
from pathlib import Path

import pytest
from ledgers import entries_in as entries

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.execution.workers import Worker
from dcvlr.pipeline import execute
from dcvlr.records import Failure, Finding, ImageRecord, Qa
from dcvlr.rundir.ledger import Ledger, ledger_at
from dcvlr.rundir.progress import NoProgress

IMAGE = ImageRecord(id="f00d", path="in/a.png", dataset="d")
SIZE = Finding(name="min_resolution", passed=True, value=300, threshold=224)
BLUR = Finding(name="min_sharpness", passed=False, value=3.5, threshold=100)
QA = Qa(
    id="q1",
    image="in/a.png",
    image_id="f00d",
    dataset="d",
    bin="A",
    question="How many?",
    options=None,
    answer="2",
    reasoning="1. I count 2.",
    evidence=(),
    generator="computed/count",
    created_from="full features",
    seed=0,
)


def opened() -> tuple[Ledger, io.BytesIO]:
    file = io.BytesIO()
    return Ledger(file, "filtering"), file


def test_a_rejected_picture_stands_with_all_findings_and_the_failed_ones_are_the_reasons() -> None:
    ledger, file = opened()
    ledger.reject(IMAGE, [SIZE, BLUR])
    [entry] = entries(file)
    assert (entry.stage, entry.verdict, entry.kind) == ("filtering", "rejected", "image")
    assert (entry.id, entry.path, entry.dataset, entry.record) == ("f00d", "in/a.png", "d", None)
    assert entry.findings == (SIZE, BLUR)
    assert entry.reasons == ("min_sharpness",)
    assert ledger.counts() == {"min_sharpness": 1}
    assert ledger.unmeasured_count == 0


def test_the_copies_of_a_rejected_picture_stand_in_its_entry() -> None:
    ledger, file = opened()
    ledger.reject(ImageRecord(id="f00d", path="in/a.png", dataset="d", copies=("in/b.png", "z/c.png")), [BLUR])
    assert entries(file)[0].copies == ("in/b.png", "z/c.png")


def test_losses_count_each_record_once_by_the_reason_that_alone_removed_it() -> None:
    ledger, _ = opened()
    dark = Finding(name="min_brightness", passed=False, value=0.01, threshold=0.02)
    for findings in ([SIZE, BLUR], [BLUR], [BLUR, dark], [dark]):
        ledger.reject(IMAGE, findings)
    ledger.unmeasured(IMAGE, [dark])
    assert ledger.losses() == {"min_sharpness": 2, "min_brightness": 1, "several reasons": 1}
    assert ledger.counts() == {"min_sharpness": 3, "min_brightness": 2}
    flow = ledger.flow(kept=5)
    assert (flow.received, flow.kept, flow.unmeasured) == (10, 5, 1)
    assert ledger.flow(kept=5, received=7).received == 7


def test_a_question_stands_with_its_record_under_its_own_id() -> None:
    ledger, file = opened()
    ledger.reject(QA, [BLUR], reasons=["because"])
    [entry] = entries(file)
    assert (entry.kind, entry.id, entry.path, entry.record) == ("qa", "q1", "in/a.png", QA)
    assert entry.reasons == ("because",)


def test_a_question_that_never_came_to_be_is_told_of_its_picture() -> None:
    ledger, file = opened()
    ledger.reject(IMAGE, [BLUR], kind="qa")
    [entry] = entries(file)
    assert (entry.kind, entry.id, entry.record) == ("qa", "f00d", None)


def test_what_could_not_be_measured_is_counted_apart_and_is_no_reason() -> None:
    ledger, file = opened()
    ledger.unmeasured(IMAGE, [BLUR])
    assert [entry.verdict for entry in entries(file)] == ["unmeasured"]
    assert ledger.counts() == {}
    assert ledger.unmeasured_count == 1


def test_a_failure_that_may_pass_is_unmeasured_and_a_fact_about_the_picture_is_a_rejection() -> None:
    ledger, file = opened()
    ledger.failed(IMAGE, Failure(kind="decode", message="truncated"), [SIZE])
    ledger.failed(IMAGE, Failure(kind="oom", message="no memory"))
    broken, missed = entries(file)
    assert (broken.verdict, broken.reasons) == ("rejected", ("unreadable",))
    assert broken.findings == (SIZE, Finding(name="unreadable", passed=False, value="decode", reason="truncated"))
    assert (missed.verdict, missed.reasons) == ("unmeasured", ("oom",))
    assert missed.findings == (Finding(name="oom", passed=False, value="oom", reason="no memory"),)


def test_reasons_are_counted_most_frequent_first_and_a_record_with_two_counts_in_both() -> None:
    ledger, _ = opened()
    ledger.reject(IMAGE, [BLUR])
    ledger.reject(IMAGE, [BLUR, Finding(name="duplicate", passed=False)])
    assert list(ledger.counts().items()) == [("min_sharpness", 2), ("duplicate", 1)]


def test_a_stage_that_ends_with_nothing_leaves_its_ledger_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "stage0_source" / "rejected.jsonl"
    with pytest.raises(ConfigError, match=r"no picture could be read; .*stage0_source/rejected.jsonl has the reasons"):
        refuse(path, [IMAGE])
    assert entries(io.BytesIO(path.read_bytes()))[0].path == "in/a.png"
    path.unlink()
    with pytest.raises(ConfigError, match=r"no picture could be read$"):
        refuse(path, [])
    assert not path.exists()


def test_a_ledger_that_is_not_kept_is_not_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^no picture could be read$"):
        refuse(tmp_path / "rejected.jsonl", [IMAGE], is_kept=False)


def refuse(path: Path, left_out: list[ImageRecord], *, is_kept: bool = True) -> None:
    with ledger_at(path, "source", kept_at=path if is_kept else None) as ledger:
        for image in left_out:
            ledger.reject(image, [BLUR])
        raise ConfigError("no picture could be read")


@pytest.mark.slow
def test_a_worker_that_writes_no_results_names_the_ledger_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"file_name": "gone.png"}\n')
    words = ["source=jsonl", f"images_dir={tmp_path / 'rows.jsonl'}", f"output_dir={tmp_path / 'out'}"]
    plan = build(compose([*words, "stages=[filtering]", "filtering/nsfw=none", "report=none"]))
    for worker in (Worker(), Worker(rank=1, size=2)):
        with pytest.raises(ConfigError) as refused:
            execute(plan, worker, NoProgress())
        ledger = tmp_path / "out/intermediate/stage0_source/rejected.jsonl"
        assert str(refused.value).endswith(f"no picture could be read; {ledger} has the reasons")
        assert ledger.is_file()
