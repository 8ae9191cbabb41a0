"""Records written by hand, right ones and with one thing wrong in each: only the right ones are proven."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from contracts.checks import qa
from msgspec.structs import replace
from synthesis.made_scenes import english

from dcvlr.memo import Memo
from dcvlr.records import Evidence, Qa
from dcvlr.validation.checks.proof import Proof

PROOF, MEMO = Proof(wording=english()), Memo(Path("unused"))
VISITORS = {"Jan": 162, "Feb": 563, "Mar": 788, "Apr": 624, "May": 895, "Jun": 335}
MONTHS = "a = column(unit(T1), " + ", ".join(f"entry(T{n + 6}, number(T{n}))" for n in range(2, 8)) + ")"


def line(ref: str, x: float, y: float, text: str) -> Evidence:
    return Evidence(kind="text", ref=ref, box=(x, y, x + 10.0 * len(text), y + 20), text=text)


def chart() -> list[Evidence]:
    """T1 is what the bars count, T2 to T7 the values above them, T8 to T13 the months below."""
    values = [line(f"T{n}", 100.0 * n, 500 - value / 2, str(value)) for n, value in enumerate(VISITORS.values(), 2)]
    return [
        line("T1", 20, 20, "visitors"),
        *values,
        *(line(f"T{n + 6}", 100 * n, 540, m) for n, m in enumerate(VISITORS, 2)),
    ]


def record(kind: str, question: str, answer: str, program: str, evidence: list[Evidence]) -> Qa:
    fields: dict[str, Any] = {
        "generator": f"computed/{kind}",
        "question": question,
        "answer": answer,
        "program": program,
    }
    operations = operations_of(program)
    return qa(**fields, evidence=tuple(evidence), operations=operations, difficulty=len(operations))


def operations_of(program: str) -> tuple[str, ...]:
    """Those of the last statement, where what is read of a line is looked up."""
    result = re.sub(r"entry\(\w+, \w+\(\w+\)\)|\b(?:date|each|pieces)\(\w+\)", "select()", program.rpartition("; ")[2])
    return tuple(re.findall(r"(\w+)\(", result))


def of_months(kind: str, question: str, answer: str, result: str) -> Qa:
    return record(kind, question, answer, f"{MONTHS}; {result}", chart())


RISE = of_months(
    "growth_most",
    "Which month saw the largest rise in the number of visitors over the month before?",
    "Feb",
    "argmax(above(growth(a), 0))",
)
SIZE = of_months(
    "growth_size",
    "What is the largest rise in the number of visitors from one month to the next?",
    "401",
    "max(above(growth(a), 0))",
)
PERCENT = of_months(
    "growth_fell",
    "By what percentage did the number of visitors fall from Mar to Apr, to the nearest whole percent?",
    "21%",
    "percent_change(at(a, T11), at(a, T10))",
)
PERCENT = replace(
    PERCENT,
    program="a = column(unit(T1), entry(T10, number(T4)), entry(T11, number(T5))); "
    "percent_change(at(a, T11), at(a, T10))",
    evidence=tuple(one for one in PERCENT.evidence if one.ref in ("T1", "T4", "T5", "T10", "T11")),
)
SHARE = of_months(
    "span_share",
    "What percentage of all visitors falls on the months from Feb to Apr, both included, to the nearest whole percent?",
    "59%",
    "percent_of(sum(span(a, T9, T11)), sum(a))",
)
MEAN = of_months(
    "above_mean", "How many months have more visitors than the average of them all?", "4", "count(above(a, mean(a)))"
)
HALVES = of_months(
    "halves_rise",
    "By how much does the total number of visitors of the last three months exceed that of the first three?",
    "341",
    "difference(sum(last(a, 3)), sum(first(a, 3)))",
)
AGE = record(
    "age_at",
    "How old was the person on the date of the signature, in full years?",
    "47",
    "full_years(date(T3), entry(T1, date(T2)))",
    [line("T1", 40, 120, "Born"), line("T2", 240, 120, "1976-12-22"), line("T3", 40, 400, "Signed 2024-10-19")],
)
TOP = of_months(
    "top_rest",
    "Do the three months with the most visitors have more than the other three together?",
    "yes",
    "more(sum(top(a, 3)), sum(bottom(a, 3)))",
)
TICKET = record(
    "people_more",
    "What would the total be with two more people at the same price each?",
    "142.50",
    "product(each(T1), plus(pieces(T1), 2))",
    [line("T1", 60, 300, "Adults 3 at 28.50")],
)
FIRST = record(
    "first",
    "What do the first two items on the receipt come to?",
    "3.70",
    "document(T7); a = column(entry(T1, money(T2)), entry(T3, money(T4)), entry(T5, money(T6))); sum(first(a, 2))",
    [
        line("T1", 40, 100, "Milk"),
        line("T2", 300, 100, "1.20"),
        line("T3", 40, 140, "Bread"),
        line("T4", 300, 140, "2.50"),
        line("T5", 40, 180, "Rice"),
        line("T6", 300, 180, "3.10"),
        line("T7", 40, 220, "Cash"),
    ],
)


def asking(one: Qa, old: str, new: str) -> Qa:
    assert old in one.question
    return replace(one, question=one.question.replace(old, new))


def computing(one: Qa, old: str, new: str, answer: str | None = None) -> Qa:
    assert one.program is not None
    assert old in one.program
    program = one.program.replace(old, new)
    operations = operations_of(program)
    answer = one.answer if answer is None else answer
    return replace(one, program=program, answer=answer, operations=operations, difficulty=len(operations))


def reading(one: Qa, ref: str, text: str) -> Qa:
    return replace(one, evidence=tuple(replace(each, text=text) if each.ref == ref else each for each in one.evidence))


def lacking(one: Qa, *refs: str) -> Qa:
    return replace(one, evidence=tuple(each for each in one.evidence if each.ref not in refs))


def standing(one: Qa, ref: str, x: float, y: float) -> Qa:
    moved = (line(ref, x, y, each.text) if each.ref == ref else each for each in one.evidence)
    return replace(one, evidence=tuple(moved))


RIGHT = {"rise": RISE, "size": SIZE, "percent": PERCENT, "share": SHARE, "mean": MEAN, "halves": HALVES, "age": AGE}
RIGHT |= {"ticket": TICKET, "first": FIRST, "top": TOP}
WRONG = {
    "the month after": replace(RISE, answer="Mar"),
    "the month with the largest fall": computing(RISE, "argmax", "argmin", "Mar"),
    "the month with the most": computing(RISE, "above(growth(a), 0)", "a", "May"),
    "visitors that are votes": asking(RISE, "visitors", "votes"),
    "months that are years": asking(RISE, "month", "year"),
    "two months that changed places": standing(standing(RISE, "T9", 400, 540), "T10", 300, 540),
    "a value above another month": standing(RISE, "T3", 400, 400),
    "a month left out": lacking(computing(RISE, "entry(T9, number(T3)), ", "", "Mar"), "T3", "T9"),
    "the second largest rise": replace(SIZE, answer="271"),
    "a rise that is a fall": asking(SIZE, "rise", "fall"),
    "a change of the larger value": replace(PERCENT, answer="26%"),
    "a fall that is a rise": replace(asking(PERCENT, "fall", "rise"), generator="computed/growth_rose"),
    "a fall to another month": asking(PERCENT, "Apr", "May"),
    "a fall in the other direction": asking(PERCENT, "from Mar to Apr", "from Apr to Mar"),
    "the share of the others": replace(SHARE, answer="41%"),
    "a share of one month more": asking(SHARE, "to Apr", "to May"),
    "a share without its last month": computing(SHARE, "T9, T11", "T9, T10", "40%"),
    "a share with a misread value": reading(SHARE, "T5", "264"),
    "a share whose value is not cited": lacking(SHARE, "T5"),
    "months below the average": replace(MEAN, answer="2"),
    "an average that is a sum": computing(MEAN, "mean(a)", "sum(a)"),
    "fewer than the average": asking(MEAN, "more visitors", "fewer visitors"),
    "the last two months": asking(HALVES, "last three", "last two"),
    "halves that changed places": asking(
        HALVES, "last three months exceed that of the first", "first three months exceed that of the last"
    ),
    "halves of two months": computing(HALVES, ", 3)", ", 2)", "505"),
    "halves that share two months": computing(asking(HALVES, "three", "four"), ", 3)", ", 4)", "505"),
    "others that are not all others": computing(
        asking(TOP, "other three", "other two"), "bottom(a, 3)", "bottom(a, 2)"
    ),
    "a percentage that is cut off": replace(PERCENT, answer="20%"),
    "a share that is cut off": replace(SHARE, answer="58%"),
    "two rises that are equal": reading(RISE, "T4", "964"),
    "another number in digits": asking(HALVES, "last three", "last 4"),
    "a line with two amounts": reading(FIRST, "T2", "1.20 1.2"),
    "a month twice": computing(MEAN, "entry(T12, number(T6))", "entry(T12, number(T6)), entry(T12, number(T6))"),
    "a year more": replace(AGE, answer="48"),
    "the years between": asking(AGE, "How old was the person on", "How many years are there before"),
    "born is employed": reading(AGE, "T1", "Employed"),
    "signed is expired": reading(AGE, "T3", "Expires 2024-10-19"),
    "a birth that is not cited": lacking(AGE, "T1"),
    "another line beside the birth": standing(AGE, "T2", 240, 200),
    "the two people alone": computing(TICKET, "plus(pieces(T1), 2)", "2", "57.00"),
    "three more people": asking(TICKET, "two", "three"),
    "people that are muffins": reading(TICKET, "T1", "Muffins 3 at 28.50"),
    "the price of one": replace(TICKET, answer="28.50"),
    "items in another order": computing(
        FIRST,
        "entry(T1, money(T2)), entry(T3, money(T4)), entry(T5, money(T6))",
        "entry(T5, money(T6)), entry(T1, money(T2)), entry(T3, money(T4))",
        "4.30",
    ),
    "the first three": asking(FIRST, "first two", "first three"),
    "a receipt that is an invoice": asking(FIRST, "receipt", "invoice"),
    "a receipt by a line that says nothing of it": reading(FIRST, "T7", "Thank you"),
    "an operation that is not done": replace(MEAN, operations=("mean", "above", "sum")),
    "an operation that is left out": replace(MEAN, operations=("mean", "count"), difficulty=2),
    "prices that changed places": computing(FIRST, "T1, money(T2)", "T1, money(T4)"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_record_is_proven(name: str) -> None:
    assert PROOF([RIGHT[name]], MEMO)[0].reason == ""


@pytest.mark.parametrize("name", WRONG)
def test_with_one_thing_wrong_nothing_is_proven(name: str) -> None:
    assert not PROOF([WRONG[name]], MEMO)[0].passed
