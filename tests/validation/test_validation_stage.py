from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts.checks import qa
from validation.shipped import rationales

from dcvlr.errors import ConfigError
from dcvlr.execution.slices import Slices
from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import AskedFor, Evidence, LedgerEntry, Qa
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.validation.checks.arithmetic import Arithmetic
from dcvlr.validation.checks.duplicates import Duplicates
from dcvlr.validation.checks.grounding import Grounding
from dcvlr.validation.checks.steps import Steps
from dcvlr.validation.stage import Validation

CHECKS: dict[str, Check] = {
    "steps": Steps(min_steps=2),
    "arithmetic": Arithmetic(tolerance=0.0001),
    "duplicates": Duplicates(threshold=0.9),
}
NAMES = ("amber boat", "green kettle", "old piano", "tall fence", "narrow jug", "quiet field", "zinc vase")


def validation(**changes: Any) -> Validation:
    settings: dict[str, Any] = {"checks": CHECKS, "batch_size": 2, "rationales": rationales("steps")}
    return Validation(**{**settings, **changes})


def many(image: str, count: int, bin_: str = "A") -> list[Qa]:
    asked = [f"{NAMES[index % 7]} {index}?" for index in range(count)]
    return [
        qa(id=f"{image}-{index}", image_id=image, bin=bin_, question=question) for index, question in enumerate(asked)
    ]


def run(
    stage: Validation, qas: list[Qa], folder: Path, processes: int = 1
) -> tuple[list[Qa], list[LedgerEntry], dict[str, Any]]:
    file = io.BytesIO()
    memo = Memo(folder / "checkpoints", slices=lambda: Slices(rows=64, processes=processes))
    kept = stage(qas, memo, Ledger(file, "validation"), Folder(folder))
    entries = [msgspec.json.decode(line, type=LedgerEntry) for line in file.getvalue().splitlines()]
    return list(kept), entries, json.loads((folder / "summary.json").read_text())


def test_of_two_candidates_the_better_one_stays_and_the_other_goes_to_the_ledger(tmp_path: Path) -> None:
    kind = AskedFor(number=1, answer_type="number", difficulty="easy", style="read")
    one, another, other_question = many("a", 3)
    candidates = [msgspec.structs.replace(each, asked_for=kind) for each in (one, another)]
    kept, entries, summary = run(validation(), [*candidates, other_question], tmp_path)
    assert [each.id for each in kept] == ["a-0", "a-2"], "of equals the first"
    (entry,) = entries
    assert (entry.id, entry.reasons) == ("a-1", ("candidates",))
    assert (summary["validated_count"], summary["removed"]) == (2, {"candidates": 1})


def test_a_rejected_question_is_in_the_ledger_with_all_verdicts(tmp_path: Path) -> None:
    good, bad = qa(id="good"), qa(id="bad", image_id="b", reasoning="So 2 + 2 = 5 in all")
    kept, entries, summary = run(validation(), [good, bad], tmp_path)
    assert kept == [good]
    (entry,) = entries
    assert (entry.stage, entry.verdict, entry.kind, entry.id) == ("validation", "rejected", "qa", "bad")
    assert (entry.path, entry.dataset, entry.record) == ("a.png", "d", bad)
    assert entry.reasons == ("steps", "arithmetic")
    assert [(f.name, f.passed, f.value, f.threshold) for f in entry.findings] == [
        ("steps", False, 1, 2),
        ("arithmetic", False, 1, 0.0001),
        ("duplicates", True, None, None),
    ]
    assert entry.findings[2].reason == "not compared: failed another check"
    assert summary == {
        "stage": "validation",
        "original_count": 2,
        "validated_count": 1,
        "removed_count": 1,
        "removal_rate_percent": 50.0,
        "removed": {"arithmetic": 1, "steps": 1},
        "unmeasured_count": 0,
        "checked": {},
        "verdicts": {
            "steps": {"passed": 1, "failed": 1, "reasons": {"… reasoning steps, at least … are needed": 1}},
            "arithmetic": {"passed": 1, "failed": 1, "reasons": {"wrong": 1}},
            "duplicates": {"passed": 1, "not_checked": 1, "reasons": {"not compared: failed another check": 1}},
        },
    }


def test_reasons_are_counted_by_their_kind(tmp_path: Path) -> None:
    grounding = Grounding(min_word_share=1, relations=[], ignored=[])
    cited = (Evidence(kind="text", ref="T1", box=None, text="apples 4"),)
    qas = [
        qa(id="a", image_id="a", question="How many pears?", answer="7", evidence=cited),
        qa(id="b", image_id="b", question="How many pears?", answer="9.50", evidence=cited),
        qa(id="c", image_id="c", question="Which fruit?", answer="pears", evidence=cited),
        qa(id="d", image_id="d", question="Which fruit?", answer="pears", evidence=cited, seen=True),
        qa(id="e", image_id="e", question="Which fruit?", answer="apples", evidence=cited, seen=True),
    ]
    *_, summary = run(validation(checks={"grounding": grounding}), qas, tmp_path)
    assert summary["verdicts"]["grounding"] == {
        "passed": 1,
        "failed": 3,
        "not_checked": 1,
        "reasons": {
            "numbers neither in the evidence nor derived from it": 2,
            "not checked: words of the answer that the writer saw": 1,
            "words not in the evidence": 1,
        },
    }


def test_a_question_that_fails_another_check_knocks_out_no_good_one(tmp_path: Path) -> None:
    bad, good, again = qa(id="bad", reasoning="So 2 + 2 = 5 in all"), qa(id="good"), qa(id="again")
    kept, entries, _ = run(validation(), [bad, good, again], tmp_path)
    assert kept == [good]
    assert [(entry.id, entry.reasons) for entry in entries] == [
        ("bad", ("steps", "arithmetic")),
        ("again", ("duplicates",)),
    ]


def test_the_file_holds_what_passed_in_order(tmp_path: Path) -> None:
    qas = [*many("a", 3), *many("b", 3), *many("c", 1)]
    kept, entries, _ = run(validation(), qas, tmp_path)
    assert kept == qas
    assert entries == []
    lines = (tmp_path / "validated_qa_pairs.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Qa) for line in lines] == qas


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_the_batch_size_does_not_change_the_verdicts(batch_size: int, tmp_path: Path) -> None:
    qas = [qa(id=f"{image}{n}", image_id=image) for image in "abc" for n in range(3)]
    kept, entries, _ = run(validation(batch_size=batch_size), qas, tmp_path)
    assert [record.id for record in kept] == ["a0", "b0", "c0"]
    assert [entry.id for entry in entries] == ["a1", "a2", "b1", "b2", "c1", "c2"]


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_questions_that_are_shared_out_among_processes_get_the_same_verdicts(batch_size: int, tmp_path: Path) -> None:
    qas = [*many("a", 4), *many("b", 1), *many("c", 6), *many("d", 3), *many("e", 3)]
    qas[5:7] = [qa(id="sum", image_id="c", reasoning="1. 2 + 2 = 5\n2. So 5."), msgspec.structs.replace(qas[7], id="x")]
    alone = run(validation(batch_size=1), qas, tmp_path / "alone")
    assert [(entry.id, entry.reasons) for entry in alone[1]] == [("sum", ("arithmetic",)), ("c-2", ("duplicates",))]
    assert run(validation(batch_size=batch_size), qas, tmp_path / "shared", 3) == alone
    for path in (tmp_path / "alone").glob("*.json*"):
        assert (tmp_path / "shared" / path.name).read_bytes() == path.read_bytes()


def test_one_check_may_be_used_twice_under_two_names(tmp_path: Path) -> None:
    checks = {"steps": Steps(min_steps=2), "many_steps": Steps(min_steps=9)}
    _, entries, summary = run(validation(checks=checks), [qa()], tmp_path)
    assert entries[0].reasons == ("many_steps",)
    assert summary["removed"] == {"many_steps": 1}


def test_no_checks_and_no_questions_are_fine(tmp_path: Path) -> None:
    assert run(validation(checks={}), many("a", 2), tmp_path / "one")[0] == many("a", 2)
    kept, entries, summary = run(validation(), [], tmp_path / "two")
    assert (kept, entries, summary["removal_rate_percent"]) == ([], [], 0.0)


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"batch_size=0"):
        validation(batch_size=0)
