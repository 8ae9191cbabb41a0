"""Two tables of one page that have the same rows."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace
from synthesis.made_scenes import english, line, rows, scene, two_tables, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof


def asked(of: Scene) -> dict[str, Qa]:
    """By kind, of those that look at both tables."""
    found = (one for each in writer()([of], Memo(Path("unused"))) for one in each.qas)
    return {one.generator.partition("/")[2]: one for one in found if one.program and "; b = " in one.program}


def proven(one: Qa) -> bool:
    return Proof(wording=english())([one], Memo(Path("unused")))[0].passed


def test_the_row_that_is_first_in_one_table_is_looked_up_in_the_other() -> None:
    found = asked(two_tables())
    answers = {
        kind: found[kind].answer for kind in ("lookup_argmax", "lookup_argmin", "lookup_difference") if kind in found
    }
    assert answers.items() <= {("lookup_argmax", "24.50"), ("lookup_argmin", "89.00"), *OTHER_WAY}
    assert answers
    for one in found.values():
        assert proven(one)
        assert one.program is not None
        refs = re.findall(r"\w+\((T\d+)\)\)", one.program)
        a, b = refs[0], refs[1]
        crossed = re.sub(rf"\(({a}|{b})\)\)", lambda hit, a=a, b=b: f"({b if hit[1] == a else a}))", one.program)  # type: ignore[misc]
        assert not proven(replace(one, program=crossed))


OTHER_WAY = {("lookup_argmax", "5"), ("lookup_argmin", "12"), ("lookup_difference", "64.50")}


def test_tables_with_other_rows_are_not_joined() -> None:
    lines = two_tables().text.lines  # type: ignore[union-attr]
    assert asked(scene(*(line("Whiteboard", 40, 500) if one.quad[0] == (40, 500) else one for one in lines))) == {}


def test_a_heading_that_both_tables_have_is_not_asked_about() -> None:
    twice = (("Article", "Price"), ("Desk lamp", "30.00"), ("Bookshelf", "5.00"), ("Paper tray", "12.00"))
    lines = two_tables().text.lines[:9]  # type: ignore[union-attr]
    both = scene(*lines, line("Second list", 40, 340, height=40), *rows(twice, (40, 300), 420))
    assert writer()([both], Memo(Path("unused")))[0].qas == ()
