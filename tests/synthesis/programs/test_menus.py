"""A page in sections: how long the section of an entry is; of a menu what an order comes to, where the dearest is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_scenes import english, line, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof

MEMO = Memo(Path("unused"))
PROOF = Proof(wording=english())
MENU = {
    "Starters": {"Soup": "4.50", "Olives": "3.00", "Salad": "6.20"},
    "Mains": {"Risotto": "12.50", "Trout": "15.80", "Lasagne": "11.00", "Curry": "13.40"},
    "Desserts": {"Sorbet": "3.90", "Tart": "5.60"},
}


def menu(*, unsure: str = "") -> Scene:
    """`unsure` is an entry whose price was not surely read."""
    lines, y = [line("The Old Mill", 200, 20, height=40)], 120
    for head, entries in MENU.items():
        lines.append(line(head, 60, y, height=28))
        for name, price in entries.items():
            y += 40
            score = 0.95 if name == unsure else 0.9999
            lines += [line(name, 60, y), line(price, 500, y, score=score)]
        y += 64
    return scene(*lines)


def asked(of: Scene, kind: str, seeds: int = 8) -> list[Qa]:
    made = [qa for seed in range(seeds) for one in writer(seed=seed)([of], MEMO) for qa in one.qas]
    found = [one for one in made if one.generator == f"computed/{kind}"]
    assert [finding.reason for finding in PROOF(found, MEMO) if not finding.passed] == []
    return found


def named(question: str) -> list[str]:
    prices = {name: price for entries in MENU.values() for name, price in entries.items()}
    return [price for name, price in prices.items() if re.search(rf"\b{name}\b", question)]


def test_the_dearest_entry_stands_under_a_heading() -> None:
    dearest, cheapest = asked(menu(), "dearest_under"), asked(menu(), "cheapest_under")
    assert {one.answer for one in dearest} == {"Mains"}
    assert {one.answer for one in cheapest} == {"Starters"}
    assert {one.operations for one in dearest} == {("argmax", "at", "nearest_above")}


def test_an_order_of_two_is_paid_with_a_note() -> None:
    found = asked(menu(), "order_change")
    assert {one.operations for one in found} == {("pick", "sum", "difference")}
    for one in found:
        (note,) = re.findall(r"difference\((\d+),", str(one.program))
        first, second, left = (round(100 * float(price)) for price in (*named(one.question), one.answer))
        assert left == 100 * int(note) - first - second


def test_it_is_asked_whether_a_sum_is_enough_for_two() -> None:
    found = asked(menu(), "order_enough", seeds=20)
    assert {one.answer for one in found} == {"yes", "no"}
    for one in found:
        (held,) = re.findall(r"more\((\d+(?:\.\d+)?),", str(one.program))
        first, second = (round(100 * float(price)) for price in named(one.question))
        assert (one.answer == "yes") == (100 * float(held) > first + second)


def test_nobody_orders_the_whole_menu() -> None:
    made = [qa for seed in range(8) for one in writer(seed=seed)([menu()], MEMO) for qa in one.qas]
    priced = [qa for qa in made if "money(" in str(qa.program)]
    assert {"argmax", "count_above", "sum_pair"} <= {qa.generator.partition("/")[2] for qa in priced}
    assert not [qa for qa in priced if re.search(r"(?:sum|percent_of)\([a-e]\)", str(qa.program))]


def test_of_a_menu_with_an_unsure_price_nothing_is_asked_about_all() -> None:
    some = menu(unsure="Tart")
    for kind in ("dearest_under", "cheapest_under", "count_above", "mean"):
        assert not [qa for qa in asked(some, kind) if "money(" in str(qa.program)]
    assert all("Tart" not in qa.question for qa in asked(some, "order_change"))


@pytest.mark.parametrize("kind", ["dearest_under", "size_of"])
def test_another_heading_or_row_is_not_proven(kind: str) -> None:
    one = asked(menu(), kind)[0]
    other = "Desserts" if kind == "dearest_under" else str(int(one.answer) + 1)
    assert not PROOF([replace(one, answer=other)], MEMO)[0].passed
    assert one.program is not None
    swapped = (
        one.program.replace("argmax", "argmin") if kind == "dearest_under" else one.program.replace("at(c", "at(b")
    )
    assert swapped != one.program
    assert not PROOF([replace(one, program=swapped)], MEMO)[0].passed


def test_the_dearest_of_all_is_proven_only_where_each_entry_has_a_price() -> None:
    one = asked(menu(), "dearest_under")[0]
    (trout,) = [each.ref for each in one.evidence if each.text == "Trout"]
    program, left_out = re.subn(rf", entry\({trout}, money\(T\d+\)\)", "", str(one.program))
    assert left_out == 1
    assert PROOF([replace(one, program=program)], MEMO)[0].reason == "an entry has no price"


def test_an_entry_is_one_of_so_many_under_its_heading() -> None:
    counts = {name: str(len(entries)) for entries in MENU.values() for name in entries}
    for one in asked(menu(), "size_of"):
        (name,) = [name for name in counts if re.search(rf"\b{name}\b", one.question)]
        assert one.answer == counts[name]
    for one in asked(menu(), "size_more"):
        first, second = sorted((name for name in counts if name in one.question), key=one.question.index)
        if "longer section than" in one.question or "more entries" in one.question or "longer, by" in one.question:
            assert one.answer == ("yes" if counts[first] > counts[second] else "no")


def test_what_stands_between_two_entries_of_a_list() -> None:
    between = {"Salad": "Olives", "Lasagne": "Trout", "Curry": "Lasagne"}
    found = asked(menu(), "list_only_between")
    assert found
    for one in found:
        assert one.answer in ("Trout", "Lasagne")
        last = max(between, key=one.question.rfind)
        assert between[last] == one.answer
