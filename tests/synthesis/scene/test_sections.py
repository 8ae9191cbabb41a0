"""Headings with their entries, and pages of which nobody could tell what belongs to which heading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_documents import programme
from synthesis.made_scenes import TEXT, courses, english, line, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import OcrLine, Qa, Scene
from dcvlr.synthesis.scene.read import read_document
from dcvlr.validation.checks.proof import Proof

SECTIONS = {
    "Indoors": ["Pottery", "Swimming", "Chess"],
    "Outdoors": ["Rowing", "Archery", "Hockey", "Climbing", "Golf"],
    "Evenings": ["Spanish", "First aid"],
}


def sections(of: Scene) -> dict[str, list[str]]:
    assert of.text is not None
    found = read_document(of.text, TEXT, english().words).sections
    return {one.head.label: [each.label for each in one.entries.entries] for one in found}


def lines(**moved: tuple[float, float]) -> list[OcrLine]:
    """Those of the programme, some of them elsewhere by x and y."""
    there = programme().text.lines  # type: ignore[union-attr]
    shifts = [moved.get(one.text.replace(" ", "_"), (0, 0)) for one in there]
    return [line(one.text, one.quad[0][0] + x, one.quad[0][1] + y) for one, (x, y) in zip(there, shifts, strict=True)]


def menu(*, sides: str = "3.40") -> Scene:
    """Headings at the edge of their entries, each of which has a price beside it."""
    parts = {"Coffee": ("Espresso", "Flat white"), "Cakes": ("Lemon cake", "Brownie", "Scone")}
    made, y = [line("CAFE LUMEN", 200, 20, height=40)], 100
    for head, names in parts.items():
        made.append(line(head, 50, y))
        for n, name in enumerate(names, start=1):
            made += [line(name, 50, y + 40 * n), line("2.60" if name != "Scone" else sides, 400, y + 40 * n)]
        y += 40 * len(names) + 70
    return scene(*made)


def test_entries_stand_under_the_nearest_heading_above() -> None:
    assert sections(programme()) == SECTIONS


def test_what_has_a_price_beside_it_stands_under_a_heading_at_the_same_edge() -> None:
    assert sections(menu()) == {"Coffee": ["Espresso", "Flat white"], "Cakes": ["Lemon cake", "Brownie", "Scone"]}
    assert sections(menu(sides="with jam")) == {}


def test_one_heading_alone_makes_no_sections() -> None:
    assert sections(courses()) == {}


@pytest.mark.parametrize(
    "other",
    [
        scene(*(one for one in lines() if one.text != "Archery")),
        scene(*(one for one in lines() if one.text != "Golf")),
        scene(*(one for one in lines() if one.text != "Outdoors")),
        scene(*(one for one in lines() if one.text != "Evenings")),
        scene(*lines(), line("Cooking", 90, 80)),
        scene(*lines(), line("Singing", 90, 720)),
        scene(*lines(Hockey=(40, 0))),
        scene(*lines(Outdoors=(300, 0))),
        scene(*(line(one.text, *one.quad[0], score=0.8) if one.text == "Chess" else one for one in lines())),
        scene(*(line("Rowing", *one.quad[0]) if one.text == "Spanish" else one for one in lines())),
    ],
    ids=[
        *("an entry unread", "the last entry unread", "a heading unread", "the last heading unread"),
        *("an entry above", "an entry below", "an entry further in", "a heading elsewhere"),
        *("an entry that is not legible", "an entry under two headings"),
    ],
)
def test_a_page_on_which_a_line_may_belong_elsewhere_has_none(other: Scene) -> None:
    assert sections(other) == {}


def asked() -> dict[str, list[Qa]]:
    found: dict[str, list[Qa]] = {}
    for one in writer()([programme()], Memo(Path("unused")))[0].qas:
        found.setdefault(one.generator.partition("/")[2], []).append(one)
    return found


def proven(one: Qa) -> bool:
    return Proof(wording=english())([one], Memo(Path("unused")))[0].passed


def test_each_entry_is_asked_for_under_its_own_heading() -> None:
    heading = {entry: head for head, entries in SECTIONS.items() for entry in entries}
    for one in asked()["section_of"]:
        (entry,) = re.findall(r'"([^"]+)"', one.question)
        assert one.answer == heading[entry]
        assert set(one.options or ()) <= set(SECTIONS)
        assert proven(one)


def test_an_entry_that_stands_under_another_heading_is_not_proven() -> None:
    for one in asked()["section_of"]:
        for head in one.evidence[:-1]:
            assert head.box is not None
            x0, y0, x1, y1 = head.box
            moved = replace(one.evidence[-1], box=(x0, y0 + 30, x1, y1 + 30))
            other = replace(one, evidence=(*one.evidence[:-1], moved))
            assert proven(other) == (head.text == one.answer)


def test_entries_are_counted_under_their_own_heading() -> None:
    counts = {one.question: one for one in asked()["at"]}
    assert counts
    for one in counts.values():
        (head,) = re.findall(r'"([^"]+)"', one.question)
        assert one.answer == str(len(SECTIONS[head]))
        assert proven(one)
        assert one.program is not None
        twice = re.sub(r"entries\((T\d+)", r"entries(\1, \1", one.program)
        assert not proven(replace(one, program=twice, answer=str(int(one.answer) + 1)))
        fewer = re.sub(r"entries\(T\d+, ", "entries(", one.program)
        assert not proven(replace(one, program=fewer, answer=str(int(one.answer) - 1)))


def test_an_entry_of_the_next_section_is_not_counted() -> None:
    one = next(
        each for some in asked().values() for each in some if str(each.program).count("entries(") == len(SECTIONS)
    )
    assert proven(one)
    assert one.program is not None
    next_one = r"entries\(([^)]+)\)\), entry\((T\d+), entries\((T\d+), "
    taken = re.sub(next_one, r"entries(\1, \3)), entry(\2, entries(", one.program)
    assert taken != one.program
    assert not proven(replace(one, program=taken))
