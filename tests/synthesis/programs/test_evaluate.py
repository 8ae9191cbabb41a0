"""What programs are worth, and when they have no value."""

from __future__ import annotations

import ast
from decimal import Decimal

import pytest

from dcvlr.synthesis.programs.evaluate import OPERATIONS, evaluate
from dcvlr.synthesis.programs.expressions import (
    Column,
    Constant,
    Expression,
    Label,
    OpCall,
    Read,
    Words,
    call,
    walk,
    written,
)
from dcvlr.synthesis.programs.of_days import Weekday
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.values import Quantity, quantity, shown
from dcvlr.validation.proofs.operations import OPERATIONS as PROVEN
from dcvlr.validation.proofs.shapes import SHAPES


def value(text: str) -> Quantity:
    found = quantity(text)
    assert found is not None
    return found


def column(**values: str) -> Column:
    entries = tuple(
        Read(value(text), f"T{2 * n}", name, f"T{2 * n - 1}") for n, (name, text) in enumerate(values.items(), 1)
    )
    return Column(entries, Words("item", "price"))


def constant(text: str) -> Constant:
    return Constant(value(text))


PRICES = column(bread="2.85", apples="4.50", cake="12.75", oil="10.90")
BREAD, CAKE = Label("bread", "T1"), Label("cake", "T5")


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        (call("argmax", PRICES), "cake"),
        (call("argmin", PRICES), "bread"),
        (call("nth_largest", PRICES, constant("2")), "oil"),
        (call("descending", PRICES), ("cake", "oil", "apples", "bread")),
        (call("sum", PRICES), "31.00"),
        (call("mean", PRICES), "7.75"),
        (call("count", call("above", PRICES, constant("5.00"))), "2"),
        (call("sum", call("bottom", PRICES, constant("2"))), "7.35"),
        (call("sum", call("without", PRICES, CAKE)), "18.25"),
        (call("difference", call("at", PRICES, CAKE), call("at", PRICES, BREAD)), "9.90"),
        (call("percent_of", call("at", PRICES, CAKE), call("sum", PRICES)), "41%"),
        (call("ratio", call("at", PRICES, CAKE), call("at", PRICES, BREAD)), "4.5"),
        (call("more", call("at", PRICES, BREAD), call("at", PRICES, CAKE)), False),
        (call("argmax", call("union", PRICES, column(tea="13.15", soap="2.35"))), "tea"),
        (call("count", call("union", PRICES, column(tea="13.15", soap="2.35"))), "6"),
        (call("only", call("changed", column(a="1", b="2", c="3"), column(a="1", b="5", c="3"))), "b"),
        (call("count", call("until", PRICES, constant("10.00"))), "3"),
        (
            call("difference", call("max", PRICES), call("at", PRICES, call("nth_largest", PRICES, constant("2")))),
            "1.85",
        ),
        (call("weekday", call("minus_days", constant("2024-03-30"), constant("30"))), Weekday(3)),
        (call("minus_minutes", constant("00:35"), constant("25")), "00:10"),
        (call("quotient", constant("31.00"), constant("4")), "7.75"),
        (call("weekday", constant("2024-02-29")), Weekday(3)),
        (call("plus_days", constant("2024-02-29"), constant("30")), "2024-03-30"),
        (call("plus_minutes", constant("22:50"), constant("45")), "23:35"),
        (call("difference", constant("09:05"), constant("07:50")), "75"),
    ],
)
def test_a_program_has_the_value_that_one_calculates_by_hand(program: Expression, answer: object) -> None:
    result = evaluate(program)
    assert (shown(result) if isinstance(result, Quantity) else result) == answer


@pytest.mark.parametrize(
    "program",
    [
        call("argmax", column(a="3.00", b="3.00", c="1.00")),
        call("count", call("above", PRICES, constant("4.50"))),
        call("sum", call("top", column(a="3.00", b="2.00", c="2.00"), constant("2"))),
        call("quotient", constant("10.00"), constant("3")),
        call("percent_of", constant("1.00"), constant("8.00")),
        call("difference", constant("1.00"), constant("2.00")),
        call("only", call("above", PRICES, constant("5.00"))),
        call("argmax", call("union", PRICES, column(Bread="13.15", soap="2.35"))),
        call("only", call("changed", column(a="1", b="2"), column(a="1", b="2"))),
        call("plus_minutes", constant("23:50"), constant("45")),
        call("minus_minutes", constant("00:20"), constant("25")),
        call("count", call("until", PRICES, constant("7.35"))),
        call("count", call("until", PRICES, constant("31.00"))),
    ],
)
def test_ties_roundings_that_may_flip_and_limits_that_a_value_meets_have_no_answer(program: Expression) -> None:
    with pytest.raises(AmbiguousError):
        evaluate(program)


def test_a_program_is_written_with_what_it_looks_at() -> None:
    program = call("difference", call("max", PRICES), Read(value("3.10"), "T12", "Tax", "T11", "tax"))
    assert written(walk(program), 5.2) == (
        "tilt(5.2); "
        "a = column(entry(T1, money(T2)), entry(T3, money(T4)), entry(T5, money(T6)), entry(T7, money(T8))); "
        "difference(max(a), entry(T11, money(T12)))"
    )


def test_every_operation_can_be_proven() -> None:
    assert set(OPERATIONS) == set(PROVEN)


def test_shapes_use_operations_alone() -> None:
    for shape in SHAPES.values():
        for node in ast.walk(ast.parse(shape, mode="eval")):
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name)
                assert node.func.id in OPERATIONS


def test_decimals_are_exact() -> None:
    assert evaluate(OpCall("sum", (column(a="0.10", b="0.20"),))) == Quantity("money", Decimal("0.30"), "2|")
