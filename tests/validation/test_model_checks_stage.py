"""Checks that ask a model, inside the stage: what is not asked, what could not be, and how they came out."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts.checks import qa
from scripted import Scripted, knowing
from validation.model_checks import blind, solve, swapped
from validation.shipped import rationales

from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Failure, LedgerEntry, Qa
from dcvlr.records.requests import Request
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.validation.checks.duplicates import Duplicates
from dcvlr.validation.checks.lengths import Lengths
from dcvlr.validation.stage import Validation


def run(checks: dict[str, Check], qas: list[Qa], folder: Path, **changes: Any) -> tuple[Any, ...]:
    """Ids of what is kept, the ledger's entries by id, the summary."""
    settings = {"batch_size": 4, "rationales": rationales("steps"), **changes}
    file = io.BytesIO()
    ledger = Ledger(file, "validation")
    kept = Validation(checks=checks, **settings)(qas, Memo(folder / "checkpoints"), ledger, Folder(folder))
    entries = [msgspec.json.decode(line, type=LedgerEntry) for line in file.getvalue().splitlines()]
    assert ledger.unmeasured_count == sum(entry.verdict == "unmeasured" for entry in entries)
    summary = json.loads((folder / "summary.json").read_text())
    return [one.id for one in kept], {entry.id: entry for entry in entries}, summary


def asking(names: list[str]) -> list[Qa]:
    return [
        qa(id=name, image_id=name, question=f"How many letters has {name}?", answer=str(len(name))) for name in names
    ]


def counting(request: Request) -> str | Failure:
    """Counts letters; some it cannot answer for now or ever, some it gets wrong."""
    word = request.messages[0].text.rpartition("letters has ")[2].partition("?")[0]
    if word.startswith(("timeout", "refused")):
        return Failure(kind="timeout" if word.startswith("timeout") else "refused", message="as it was told")
    return "\\boxed{99}" if word.startswith("wrong") else f"\\boxed{{{len(word)}}}"


def test_what_could_not_be_asked_is_unmeasured_and_asked_again(tmp_path: Path) -> None:
    llm = Scripted(script=counting)
    qas = asking(["fine", "timeout", "refused", "wrong", "good"])
    kept, entries, summary = run({"solve": solve(llm)}, qas, tmp_path)
    assert kept == ["fine", "good"]
    assert {name: (entry.verdict, entry.reasons) for name, entry in entries.items()} == {
        "timeout": ("unmeasured", ("timeout",)),
        "refused": ("rejected", ("solve",)),
        "wrong": ("rejected", ("solve",)),
    }
    (finding,) = entries["timeout"].findings
    assert (finding.name, finding.passed, finding.value, finding.reason) == (
        "solve",
        False,
        "timeout",
        "as it was told",
    )
    assert entries["timeout"].record == qas[1]
    assert (summary["removed_count"], summary["unmeasured_count"], summary["removed"]) == (2, 1, {"solve": 2})
    assert summary["checked"] == {
        "solve": {"evaluated": 3, "mean": 0.6667, "rejected": 2, "flagged": 0, "unmeasured": 1}
    }
    before = len(llm.asked)
    run({"solve": solve(llm)}, qas, tmp_path)
    assert [request.messages[0].text.count("timeout") for request in llm.asked[before:]] == [1]


def test_a_question_that_another_check_rejects_is_rejected_whatever_a_server_does(tmp_path: Path) -> None:
    checks = {"solve": solve(Scripted(script=counting)), "blind": blind(Scripted(script=knowing({"wrong": "99"})))}
    away = {"blind": blind(Scripted(script=lambda _: Failure(kind="server", message="away"), family="away"))}
    _, entries, _ = run(checks | away, asking(["wrong", "fine"]), tmp_path)
    assert (entries["wrong"].verdict, entries["wrong"].reasons) == ("rejected", ("solve",))
    assert [(f.name, f.passed) for f in entries["wrong"].findings] == [("solve", False), ("blind", True)]
    assert (entries["fine"].verdict, entries["fine"].reasons) == ("unmeasured", ("server",))


def test_nothing_is_paid_for_a_question_that_a_free_check_rejects(tmp_path: Path) -> None:
    bounds = {"min_answer_words": 0, "max_answer_words": 9, "min_reasoning_words": 0, "max_reasoning_words": 99}
    llm = Scripted(script=counting)
    checks: dict[str, Check] = {
        "solve": solve(llm),
        "duplicates": Duplicates(threshold=1.0),
        "lengths": Lengths(min_question_words=5, max_question_words=5, **bounds),
    }
    long, twice = qa(id="long", image_id="fine", question="How many letters has it in all?"), asking(["wrong"])[0]
    again = msgspec.structs.replace(twice, id="again", answer="99")
    kept, entries, _ = run(checks, [*asking(["fine"]), long, twice, again], tmp_path)
    assert kept == ["fine", "again"]  # the first of the two same ones is wrong, so it costs the second nothing
    assert len(llm.asked) == 2
    assert [(f.name, f.passed, f.reason) for f in entries["long"].findings] == [
        ("solve", True, "not asked: failed another check"),
        ("duplicates", True, "not compared: failed another check"),
        ("lengths", False, "question has 7 words, at most 5"),
    ]


def test_the_check_that_costs_least_is_asked_first_and_what_it_refuses_pays_no_other(tmp_path: Path) -> None:
    guessing, solving = Scripted(script=knowing({"has cat?": "3"})), Scripted(script=counting, family="other")
    checks: dict[str, Check] = {"solve": solve(solving, samples=1), "blind": blind(guessing, samples=2)}
    kept, entries, _ = run(checks, asking(["cat", "dog"]), tmp_path)
    assert kept == ["dog"]
    assert entries["cat"].reasons == ("blind",)
    assert [(f.name, f.reason) for f in entries["cat"].findings] == [
        ("solve", "not asked: failed another check"),
        ("blind", "solved without the picture in 2 of 2 replies"),
    ]
    assert (len(guessing.asked), len(solving.asked)) == (4, 1)


def test_a_flagged_question_passes_and_stands_in_a_file_of_its_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    llm = Scripted(script=knowing({"has cat?": "3", "has horse?": "5"}))
    with caplog.at_level(logging.INFO, "dcvlr.validation"):
        kept, entries, summary = run({"blind": blind(llm, action="flag")}, asking(["cat", "dog", "horse"]), tmp_path)
    assert (kept, entries) == (["cat", "dog", "horse"], {})
    flagged = [json.loads(line) for line in (tmp_path / "flagged.jsonl").read_text().splitlines()]
    assert [(line["id"], line["findings"][0]["name"], line["findings"][0]["value"]) for line in flagged] == [
        ("cat", "blind", 1.0),
        ("horse", "blind", 1.0),
    ]
    assert summary["checked"]["blind"] == {
        "evaluated": 3,
        "mean": 0.6667,
        "rejected": 0,
        "flagged": 2,
        "unmeasured": 0,
    }
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("dcvlr.validation")]
    assert messages == ["blind: 3 questions evaluated, mean 0.667, 2 flagged"]


def test_another_picture_comes_from_the_whole_run_whatever_the_batches(tmp_path: Path) -> None:
    qas = asking([letter * 4 for letter in "abcdefg"])
    shown = []
    for batch_size in (1, 3, 100):
        llm = Scripted(script=counting)
        run({"swapped": swapped(llm, samples=1)}, qas, tmp_path / str(batch_size), batch_size=batch_size)
        shown.append({(request.messages[0].text, request.views[0].image.id) for request in llm.asked})
    assert len(shown[0]) == 7
    assert shown[0] == shown[1] == shown[2]


def test_a_check_that_asks_may_stand_twice_with_other_thresholds_and_asks_once(tmp_path: Path) -> None:
    llm = Scripted(script=counting)
    checks: dict[str, Check] = {"solve": solve(llm), "strict": solve(llm, min_agreement=1.0)}
    _, entries, _ = run(checks, asking(["wrong", "fine"]), tmp_path)
    assert entries["wrong"].reasons == ("solve",)
    assert len(llm.asked) == 2
