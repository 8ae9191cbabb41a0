"""Lists below their headings, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthesis.made_scenes import TEXT, courses, english, line, receipt, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Scene
from dcvlr.synthesis.scene.read import read_document
from dcvlr.validation.checks.proof import Proof

NAMES = ["Pottery", "Swimming", "Spanish", "Chess", "First aid"]


def lists(of: Scene) -> dict[str, list[str]]:
    assert of.text is not None
    found = read_document(of.text, TEXT, english().words).lists
    return {one.entries.name: [each.label for each in one.entries.entries] for one in found}


def test_entries_belong_to_the_heading_above_them() -> None:
    assert lists(courses()) == {"Courses chosen": NAMES}


def test_bullets_are_no_part_of_the_entries() -> None:
    bulleted = [line(f"* {name.lower()}, daily", 90, 240 + 44 * n) for n, name in enumerate(NAMES)]
    assert lists(scene(line("Courses", 50, 196), *bulleted)) == {
        "Courses": [f"{name.lower()}, daily" for name in NAMES]
    }


def test_numbers_count_from_one_on() -> None:
    def numbered(*numbers: int) -> Scene:
        lines = (
            line(f"{number}. {name}", 90, 240 + 44 * n)
            for n, (number, name) in enumerate(zip(numbers, NAMES, strict=True))
        )
        return scene(line("How it is done", 50, 196), *lines)

    assert lists(numbered(1, 2, 3, 4, 5)) == {"How it is done": NAMES}
    assert lists(numbered(1, 2, 4, 5, 6)) == {}
    asked = writer()([numbered(1, 2, 3, 4, 5)], Memo(Path("unused")))[0].qas
    assert len(asked) > 8
    assert all(one.passed for one in Proof(wording=english())(asked, Memo(Path("unused"))))


def test_of_two_lists_under_one_heading_neither_is_asked_about() -> None:
    def two(*heads: str) -> Scene:
        below = [line(f"* {name}", 90, top + 40 * n) for top in (240, 500) for n, name in enumerate(NAMES)]
        return scene(*(line(head, 50, top) for head, top in zip(heads, (200, 460), strict=True)), *below)

    assert lists(two("Monday", "Friday")) == {"Monday": NAMES, "Friday": NAMES}
    assert lists(two("Monday", "Monday")) == {}


def moved(text: str, *, x: float = 0, y: float = 0) -> Scene:
    lines = courses().text.lines  # type: ignore[union-attr]
    return scene(
        *(line(one.text, one.quad[0][0] + x, one.quad[0][1] + y) if one.text == text else one for one in lines)
    )


@pytest.mark.parametrize(
    "other",
    [moved("Spanish", x=40), moved("Spanish", y=14), moved("Courses chosen", x=80), moved("Signed 2024-11-08", y=-100)],
    ids=["further in", "further down", "heading further in", "a line more at the same step"],
)
def test_what_runs_on_in_another_way_is_no_list(other: Scene) -> None:
    assert lists(other) == {}


def test_prose_centred_lines_and_receipts_are_no_lists() -> None:
    prose = ("The town has a", "market on every", "second Sunday of", "the month, where", "farmers sell what")
    assert lists(scene(line("Market", 50, 196), *(line(one, 50, 240 + 44 * n) for n, one in enumerate(prose)))) == {}
    centred = [line(name, 200 - 5 * len(name), 240 + 44 * n) for n, name in enumerate(NAMES)]
    assert lists(scene(line("Courses chosen", 120, 196), *centred)) == {}
    assert lists(receipt()) == {}


@pytest.mark.parametrize(
    "texts",
    [
        ("Blue Harbour Hotel", "12 Main Street", "Springfield", "Devon EX4 2BB", "United Kingdom"),
        ("Summer Concert", "Town Hall", "Saturday evening", "Free entry", "Bring a friend"),
    ],
    ids=["address", "notice"],
)
def test_a_block_at_the_edge_of_its_title_is_no_list(texts: tuple[str, ...]) -> None:
    title, *below = texts
    lines = [line(text, 50, 240 + 44 * n) for n, text in enumerate(below)]
    assert lists(scene(line(title, 50, 196, height=32), *lines)) == {}
    assert lists(scene(line(title, 50, 196, height=32), *(line(f"* {one.text}", 50, one.quad[0][1]) for one in lines)))


def test_an_entry_that_was_not_read_well_leaves_no_list() -> None:
    lines = courses().text.lines  # type: ignore[union-attr]
    doubtful = [line(one.text, *one.quad[0], score=0.8) if one.text == "Chess" else one for one in lines]
    assert lists(scene(*doubtful)) == {}
