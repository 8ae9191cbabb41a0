"""What is said of the place of a row needs every row up to it: a gap has room for one that is not cited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_scenes import english, line, rows, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Finding, Qa, Scene
from dcvlr.validation.checks.proof import Proof

MEMO = Memo(Path("unused"))
COURSES = ("Drawing", "Pottery", "Chess", "Weaving", "Fencing")
GOODS = (("Bread", "7.00"), ("Rice", "2.00"), ("Milk", "3.00"), ("Soap", "4.00"), ("Salt", "1.50"), ("Tea", "2.50"))


def listed() -> Scene:
    entries = (line(f"• {text}", 60, 100 + 40 * n) for n, text in enumerate(COURSES))
    return scene(line("Courses", 40, 60, height=24), *entries)


def bought() -> Scene:
    return scene(line("Corner shop", 40, 20, height=30), *rows((*GOODS, ("Total", "20.00")), (40, 300), 80))


def of_kind(kind: str, of: Scene) -> Qa:
    asked = (qa for seed in range(30) for qa in writer(seed=seed)([of], MEMO)[0].qas)
    return next(qa for qa in asked if qa.generator == f"computed/{kind}")


def finding(one: Qa) -> Finding:
    return Proof(wording=english())([one], MEMO)[0]


def without(one: Qa, row: str, answer: str) -> Qa:
    """The record as if a row had never been read."""
    (ref,) = [each.ref for each in one.evidence if each.text.endswith(row)]
    program = re.sub(rf"(?:, )?entry\({ref}, \w+\((T\d+)\)\)", "", one.program or "")
    values = re.findall(rf"entry\({ref}, \w+\((T\d+)\)\)", one.program or "")
    evidence = tuple(each for each in one.evidence if each.ref not in (ref, *values))
    return replace(one, program=program, evidence=evidence, answer=answer, options=None)


@pytest.mark.parametrize(
    ("kind", "row", "answer"),
    [("list_first", "Drawing", "Pottery"), ("list_first", "Chess", "Drawing"), ("list_count", "Weaving", "4")],
)
def test_an_entry_that_is_left_out_leaves_a_gap(kind: str, row: str, answer: str) -> None:
    one = of_kind(kind, listed())
    assert finding(one).passed
    assert finding(without(one, row, answer)).reason == "there is room for a row that is not cited"


def test_the_last_entry_leaves_none() -> None:
    assert finding(without(of_kind("list_count", listed()), "Fencing", "4")).passed


@pytest.mark.parametrize("row", ["Rice", "Milk", "Soap"])
def test_an_item_that_is_left_out_of_the_first_ones_leaves_a_gap(row: str) -> None:
    one = of_kind("first", bought())
    assert (finding(one).passed, one.answer) == (True, "17.50")
    left = {"Rice": "18.00", "Milk": "17.00", "Soap": "16.00"}
    found = finding(without(one, row, left[row]))
    assert found.reason == "there is room for a row that is not cited"
