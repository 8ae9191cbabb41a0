"""Which of all questions are asked: not one kind again and again, and of what one asks for want of others but a few."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

from msgspec.structs import replace
from synthesis.made_scenes import english

from dcvlr.synthesis.programs.ask import distractors
from dcvlr.synthesis.programs.draw import DrawnForm, Shares, answered, candidates, in_turn
from dcvlr.synthesis.programs.expressions import Column, KindGroup, Label, Read, Words, call
from dcvlr.synthesis.programs.forms.form import Appeal, Form, form, labels
from dcvlr.synthesis.programs.wording import Wording
from dcvlr.synthesis.scene.values import Quantity

ONE_LOOK = Shares(operations=(1.0,), yes_no=0.0)
ANIMALS = {"cat": 4, "cow": 2, "dog": 3, "bus": 5}
ONE = Quantity("number", Decimal(1), "0|")
ROWS = Column(
    tuple(Read(Quantity("number", Decimal(n), "0|"), f"T{n}", name, f"T{n}") for name, n in ANIMALS.items()),
    Words("object_kind", "count", "objects"),
)


def asking(kind: str, appeal: Appeal = "usual", count: int = 4) -> list[Form]:
    return [form(kind, call("at", ROWS, x), appeal=appeal, c=ROWS, x=x) for x in labels(ROWS)[:count]]


def drawn(forms: list[Form], total: int, seed: int) -> Counter[str]:
    found = in_turn(candidates(forms), total, ONE_LOOK, Random(seed))
    return Counter(one.form.kind for _, one in zip(range(total), found, strict=False))


def test_few_questions_are_asked_for_want_of_others_and_one_at_least() -> None:
    usual = [one for kind in ("sum", "mean", "max", "range") for one in asking(kind)]
    for seed in range(10):
        assert drawn([*asking("date_later", "filler"), *usual], 20, seed)["date_later"] == 3
        assert drawn([*asking("date_later", "filler"), *asking("sum", count=2)], 20, seed)["date_later"] == 1


def test_of_one_family_the_kind_that_was_not_asked_comes_first() -> None:
    for seed in range(20):
        assert drawn([*asking("list_first"), *asking("list_last", count=1)], 2, seed) == {
            "list_first": 1,
            "list_last": 1,
        }


def wrong(one: Form, seed: int = 0) -> set[str]:
    made = answered(DrawnForm(one, 1, None))
    assert made is not None
    return set(distractors(made, Wording(english().words), Random(seed)))


def test_of_a_choice_between_named_rows_the_others_are_wrong_and_no_unnamed_one_is_an_option() -> None:
    x, y, *_ = labels(ROWS)
    assert wrong(form("compare_more", call("argmax", call("pick", ROWS, x, y)), closed=True, c=ROWS, x=x, y=y)) == {
        "cow"
    }


def test_of_the_animals_no_vehicle_is_an_option() -> None:
    animals = KindGroup("animals", frozenset({"cat", "cow", "dog"}))
    assert wrong(form("group_most", call("argmax", call("among", ROWS, animals)), closed=True, c=ROWS, g=animals)) == {
        "cow",
        "dog",
    }


def test_one_kind_alone_may_be_the_answer_where_two_together_are_an_option() -> None:
    counted = Column((*ROWS.entries[:1], replace(ROWS.entries[1], value=ONE)), ROWS.words)
    of_one = form("several_names", call("names", call("several", counted)), closed=True, c=counted)
    found = {frozenset(wrong(of_one, seed)) for seed in range(20)}
    assert found == {frozenset({"cow"}), frozenset({"cow", "cat, cow"})}


def test_a_row_is_named_by_its_label() -> None:
    assert [one.text for one in labels(ROWS)] == ["cat", "cow", "dog", "bus"]
    assert labels(ROWS)[0] == Label("cat", "T4")
