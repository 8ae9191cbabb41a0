"""Selection by a student's pass rate: what is asked, what goes to the ledger and why, what is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts.checks import qa
from ledgers import run_stage as run
from scripted import Script, Scripted

from dcvlr.llm.solver import Solver
from dcvlr.records import Failure, Qa
from dcvlr.records.requests import Reply, Request
from dcvlr.selection.stage import Selection

QUOTAS = [{"from": 0, "to": 0, "share": 0.25}, {"from": 1, "to": 3, "share": 0.5}, {"from": 4, "to": 4, "share": 0.25}]


def question(number: int, passes: int, *, blind: int = 0, **changes: Any) -> Qa:
    """Its text says how often a student is to be right."""
    fields = {"id": f"q{number}", "image_id": f"i{number}", "image": f"{number}.png", "answer": "7"}
    return qa(**{**fields, "question": f"Number {number}: how many, see{passes} blind{blind}?", **changes})


def pupil() -> Script:
    """Right in as many replies to a question as it says, with and without the picture."""
    seen: Counter[tuple[str, bool]] = Counter()

    def script(request: Request) -> str:
        text = request.messages[0].text
        shown = bool(request.views)
        seen[text, shown] += 1
        times = int(text.split("see" if shown else "blind")[1][0])
        return f"Well, \\boxed{{{7 if seen[text, shown] <= times else 8}}}"

    return script


def knows(right: bool) -> Script:
    return lambda _: f"\\boxed{{{7 if right else 8}}}"


def solver(llm: Scripted, **changes: Any) -> Solver:
    settings: dict[str, Any] = {
        "samples": 4,
        "temperature": 1.0,
        "top_p": 1.0,
        "max_tokens": 256,
        "prompt": "Look. {question}\n{options}",
        "tolerance": 0.01,
        "seed": 0,
    }
    return Solver(llm=llm, **{**settings, **changes})


def guessing(llm: Scripted) -> Solver:
    return solver(llm, samples=2, prompt="Guess. {question}\n{options}")


def selection(student: Scripted, **changes: Any) -> Selection:
    settings: dict[str, Any] = {
        "student": solver(student),
        "blind": guessing(student),
        "max_blind_share": 0.5,
        "teacher": None,
        "teacher_up_to": 0,
        "min_teacher_agreeing": 1,
        "quotas": QUOTAS,
        "fill": False,
        "bins": ["A", "B", "C"],
        "bins_ratio": None,
        "dataset_size": None,
        "max_per_image": None,
        "max_per_dataset": None,
        "max_per_kind": None,
        "seed": 0,
        "batch": 3,
    }
    return Selection(**{**settings, **changes})


def test_each_question_gets_its_pass_count(tmp_path: Path) -> None:
    student = Scripted(script=pupil())
    qas = [question(n, passes) for n, passes in enumerate((0, 1, 3, 4))]
    kept, entries, summary = run(selection(student), qas, tmp_path)
    assert [(one.id, one.passes) for one in kept] == [("q0", 0), ("q1", 1), ("q2", 3), ("q3", 4)]
    assert entries == []
    assert summary["passes"] == {"0": 1, "1": 1, "3": 1, "4": 1}
    assert (tmp_path / "selected_qa_pairs.jsonl").read_text().count('"passes"') == 4
    shown = [request for request in student.asked if request.views]
    assert (len(shown), len(student.asked)) == (16, 24)
    assert {request.sampling.temperature for request in student.asked} == {1.0}
    assert not any(one.answer in request.messages[0].text for one in qas for request in student.asked)


def test_thresholds_quotas_caps_and_the_seed_ask_nothing_anew(tmp_path: Path) -> None:
    qas = [question(n, n % 5, blind=n % 3) for n in range(12)]
    first, again = Scripted(script=pupil()), Scripted(script=pupil())
    run(selection(first), qas, tmp_path)
    changes: list[dict[str, Any]] = [
        {"quotas": None},
        {"max_blind_share": 0.0},
        {"dataset_size": 4, "bins_ratio": [1.0, 0.0, 0.0], "fill": True},
        {"max_per_image": 1, "max_per_dataset": 2},
        {"seed": 5, "batch": 100},
        {"student": solver(again, tolerance=0.5)},
    ]
    for change in changes:
        run(replace(selection(again), **change), qas, tmp_path)
    assert (len(first.asked), len(again.asked)) == (12 * 6, 0)
    run(replace(selection(again), student=solver(again, samples=6)), qas, tmp_path)
    assert len(again.asked) == 12 * 2  # only the two samples that were not there


def test_what_is_solved_blind_is_out(tmp_path: Path) -> None:
    qas = [question(0, 3, blind=1), question(1, 3, blind=2)]
    kept, (entry,), summary = run(selection(Scripted(script=pupil())), qas, tmp_path)
    assert [one.id for one in kept] == ["q0"]
    assert (entry.verdict, entry.reasons, entry.record and entry.record.passes) == ("rejected", ("blind",), 3)
    assert [(f.name, f.passed, f.value, f.threshold) for f in entry.findings] == [
        ("passes", True, 3, None),
        ("blind", False, 1.0, 0.5),
    ]
    assert entry.findings[1].reason == "the student is right without the picture in 2 of 2 replies"
    assert summary["removed"] == {"blind": 1}


def test_nothing_is_asked_blind_where_it_is_not_wanted(tmp_path: Path) -> None:
    student = Scripted(script=pupil())
    run(selection(student, blind=None), [question(0, 2, blind=2)], tmp_path)
    assert [bool(request.views) for request in student.asked] == [True] * 4


@pytest.mark.parametrize(("right", "kept_ids"), [(True, ["q0", "q1"]), (False, ["q1"])])
def test_a_hard_question_counts_only_if_the_teacher_agrees(right: bool, kept_ids: list[str], tmp_path: Path) -> None:
    teacher = Scripted(script=knows(right), family="teacher")
    qas = [question(0, 0), question(1, 1)]
    kept, entries, _ = run(selection(Scripted(script=pupil()), teacher=guessing(teacher)), qas, tmp_path)
    assert [one.id for one in kept] == kept_ids
    assert len(teacher.asked) == 2  # about the hard one alone
    assert [entry.reasons for entry in entries] == ([] if right else [("teacher",)])
    if entries:
        assert entries[0].findings[-1].reason == (
            "the teacher agrees with the answer in 0 of 2 replies, others say '8'"
        )


def test_a_student_that_is_away_is_no_verdict(tmp_path: Path) -> None:
    def away(request: Request) -> str | Failure:
        return Failure(kind="timeout", message="away") if "Number 1" in request.messages[0].text else "\\boxed{7}"

    qas = [question(0, 4), question(1, 4)]
    kept, (entry,), summary = run(selection(Scripted(script=away), blind=None), qas, tmp_path)
    assert [one.id for one in kept] == ["q0"]
    assert (entry.id, entry.verdict, entry.findings[0].value) == ("q1", "unmeasured", "timeout")
    assert entry.record == qas[1]  # without a pass count
    assert summary["unmeasured_count"] == 1
    mended = Scripted(script=knows(True))
    kept, entries, _ = run(selection(mended, blind=None), qas, tmp_path)
    assert ([one.passes for one in kept], entries, len(mended.asked)) == ([4, 4], [], 4)


def test_a_question_that_fails_a_gate_is_rejected_even_if_another_could_not_be_held(tmp_path: Path) -> None:
    def away(_: Request) -> Failure:
        return Failure(kind="server", message="away")

    stage = selection(Scripted(script=pupil()), teacher=guessing(Scripted(script=away, family="teacher")))
    _, entries, _ = run(stage, [question(0, 0, blind=2), question(1, 0)], tmp_path)
    assert [(entry.id, entry.verdict) for entry in entries] == [("q0", "rejected"), ("q1", "unmeasured")]


def test_a_request_that_is_refused_for_good_is_a_rejection(tmp_path: Path) -> None:
    def refusing(request: Request) -> str | Failure:
        return Failure(kind="refused", message="no") if "Number 1" in request.messages[0].text else "\\boxed{8}"

    kept, (entry,), summary = run(selection(Scripted(script=refusing)), [question(0, 0), question(1, 0)], tmp_path)
    assert [one.id for one in kept] == ["q0"]
    assert (entry.verdict, entry.reasons, entry.findings[0].value) == ("rejected", ("passes", "blind"), "refused")
    assert summary["unmeasured_count"] == 0


def test_a_reply_that_is_cut_before_its_box_is_wrong(tmp_path: Path) -> None:
    student = Scripted(script=lambda _: Reply(text="It may be\n7", finish="length"))
    kept, _, _ = run(selection(student), [question(0, 0)], tmp_path)
    assert [one.passes for one in kept] == [0]


def test_a_dataset_size_is_met_exactly_and_the_rest_is_in_the_ledger(tmp_path: Path) -> None:
    qas = [question(n, n % 5, bin="ABC"[n % 3]) for n in range(60)]
    stage = selection(Scripted(script=pupil()), dataset_size=20, bins_ratio=[0.4, 0.4, 0.2], blind=None)
    kept, entries, summary = run(stage, qas, tmp_path)
    assert Counter(one.bin for one in kept) == {"A": 8, "B": 8, "C": 4}
    assert Counter(one.passes == 0 for one in kept) == {True: 5, False: 15}
    assert Counter(one.passes == 4 for one in kept) == {True: 5, False: 15}
    assert [one.id for one in kept] == [one.id for one in qas if any(one.id == other.id for other in kept)]
    assert len(entries) == 40
    assert {entry.reasons for entry in entries} == {("quota",)}
    assert "the dataset has its questions of bin" in entries[0].findings[0].reason
    assert (summary["selected_count"], summary["unfilled"], summary["removed"]) == (20, 0, {"quota": 40})


def test_what_cannot_be_filled_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    qas = [question(n, 4, generator="openai:gpt/gold") for n in range(6)]
    kept, _, summary = run(selection(Scripted(script=pupil()), dataset_size=4, blind=None), qas, tmp_path / "strict")
    assert len(kept) == 1
    assert summary["unfilled"] == 3
    assert summary["quotas"] == [
        {"bin": "A", "passes": "0", "wanted": 1, "available": 0, "given": 0, "missing": 1},
        {"bin": "A", "passes": "1-3", "wanted": 2, "available": 0, "given": 0, "missing": 2},
        {"bin": "A", "passes": "4", "wanted": 1, "available": 6, "given": 1, "missing": 0},
    ]
    assert caplog.messages == [
        "selection: bin A gives 0 of 1 wanted questions of 0 passes (0 available)",
        "selection: bin A gives 0 of 2 wanted questions of 1-3 passes (0 available)",
        "dataset_size=4: only 1 questions were selected",
    ]
    stage = selection(Scripted(script=pupil()), dataset_size=4, blind=None, fill=True)
    kept, _, summary = run(stage, qas, tmp_path / "filled")
    assert (len(kept), summary["unfilled"], summary["quotas"][2]["given"]) == (4, 0, 4)


def test_caps_hold_and_say_so(tmp_path: Path) -> None:
    qas = [question(n, 2, image_id=f"i{n // 4}", dataset="ab"[n // 8]) for n in range(16)]
    stage = selection(Scripted(script=pupil()), max_per_image=2, max_per_dataset=3, blind=None)
    kept, entries, _ = run(stage, qas, tmp_path)
    assert Counter(one.dataset for one in kept) == {"a": 3, "b": 3}
    assert max(Counter(one.image_id for one in kept).values()) == 2
    assert Counter(entry.reasons for entry in entries).keys() == {("max_per_image",), ("max_per_dataset",)}
    assert entries[0].findings[0].threshold in (2, 3)


def test_a_pass_count_in_no_band_is_out(tmp_path: Path) -> None:
    quotas = [{"from": 0, "to": 3, "share": 1.0}]
    kept, (entry,), _ = run(
        selection(Scripted(script=pupil()), quotas=quotas, dataset_size=2, fill=True),
        [question(0, 1), question(1, 4)],
        tmp_path,
    )
    assert [one.id for one in kept] == ["q0"]
    assert entry.findings[0].reason == "4 of 4 passes are in no band of selection.quotas"


def test_no_questions_are_fine(tmp_path: Path) -> None:
    kept, entries, summary = run(selection(Scripted(script=pupil()), dataset_size=4), [], tmp_path)
    assert (kept, entries, summary["unfilled"]) == ([], [], 4)


def test_hard_questions_for_which_nobody_vouches_are_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    qas = [question(n, passes) for n, passes in enumerate((0, 1, 3, 4))]
    run(selection(Scripted(script=pupil()), quotas=QUOTAS), qas, tmp_path / "a")
    assert "nobody vouches for the answers of 4 of 4" in caplog.text
    caplog.clear()
    run(
        selection(Scripted(script=pupil()), quotas=QUOTAS, teacher=solver(Scripted(script=knows(True)))),
        qas,
        tmp_path / "b",
    )
    people = [msgspec.structs.replace(one, generator="openai:gpt/gold") for one in qas]
    run(selection(Scripted(script=pupil()), quotas=QUOTAS), people, tmp_path / "c")
    easy = [{"from": 1, "to": 4, "share": 1.0}]
    run(selection(Scripted(script=pupil()), quotas=easy), qas, tmp_path / "d")
    assert "nobody vouches" not in caplog.text
