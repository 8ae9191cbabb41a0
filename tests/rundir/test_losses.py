"""What a run that made nothing says of it."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from dcvlr.records import Finding, LedgerEntry
from dcvlr.rundir.files import write_lines
from dcvlr.rundir.ledger import what_took_most


def entry(stage: str, reason: str, message: str) -> LedgerEntry:
    finding = Finding(name=reason, passed=False, reason=message)
    return LedgerEntry(
        stage=stage,
        verdict="rejected" if stage == "source" else "unmeasured",
        kind="image",
        id="",
        path="a.png",
        dataset="d",
        reasons=(reason,),
        findings=(finding,),
    )


def test_files_that_are_no_pictures_are_named_only_where_nothing_else_was_left_out(tmp_path: Path) -> None:
    assert what_took_most_of(tmp_path, []) == "no record was left out, there was nothing to make it from"
    passed_over = [entry("source", "passed_over", "a hidden folder")] * 9
    assert what_took_most_of(tmp_path, passed_over).startswith("source left out most, 9 records were rejected")
    late = [entry("synthesis", "timeout", "no answer in 2 s")] * 2
    assert what_took_most_of(tmp_path, [*passed_over, *late]) == (
        "synthesis left out most, 2 records were unmeasured for 'timeout', for example: no answer in 2 s"
    )


def what_took_most_of(run: Path, entries: list[LedgerEntry]) -> str:
    write_lines(run / "rejected.jsonl", entries)
    return what_took_most(run)


def test_each_reason_of_an_entry_counts(tmp_path: Path) -> None:
    small = entry("filtering", "min_resolution", "300 is below 500")
    both = replace(small, reasons=("min_entropy", "min_resolution"))
    assert what_took_most_of(tmp_path, [both, both, small]) == (
        "filtering left out most, 3 records were unmeasured for 'min_resolution', for example: 300 is below 500"
    )
