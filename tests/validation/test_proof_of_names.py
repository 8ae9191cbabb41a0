"""What a question calls its columns, rows and values must be what the evidence calls them."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.checks import qa
from msgspec.structs import replace
from synthesis.made_scenes import english

from dcvlr.memo import Memo
from dcvlr.records import Evidence, Qa
from dcvlr.validation.checks.proof import Proof

PROOF = Proof(wording=english())


def reason(one: Qa) -> str:
    return PROOF([one], Memo(Path("unused")))[0].reason


def line(ref: str, x: float, y: float, text: str) -> Evidence:
    return Evidence(kind="text", ref=ref, box=(x, y, x + 80, y + 20), text=text)


def about(kind: str, question: str, answer: str, program: str, operations: str, *lines: Evidence) -> Qa:
    names = tuple(operations.split())
    return qa(
        generator=f"computed/{kind}",
        question=question,
        answer=answer,
        program=program,
        operations=names,
        difficulty=len(names),
        evidence=lines,
    )


def league(question: str) -> Qa:
    """Of three teams, what they lost."""
    lines = [line("T1", 0, 0, "Team"), line("T2", 200, 0, "Lost")]
    rows = (("T3", "Ashby", "T4", "5"), ("T5", "Brook", "T6", "2"), ("T7", "Dale", "T8", "7"))
    for n, (label, name, value, lost) in enumerate(rows, start=1):
        lines += [line(label, 0, 40 * n, name), line(value, 200, 40 * n, lost)]
    column = "a = column(T2, rows(T1), entry(T3, number(T4)), entry(T5, number(T6)), entry(T7, number(T8)))"
    return about("argmax", question, "Dale", f"{column}; argmax(a)", "argmax", *lines)


def test_a_column_is_called_by_its_heading() -> None:
    assert reason(league("Which team has the most defeats?")) == ""
    for other in ("wins", "points", "games"):
        refused = reason(league(f"Which team has the most {other}?"))
        assert refused == "the question calls a column otherwise than the evidence does"
    assert reason(league('Which team has the highest "Lost" figure?')) != ""  # its file of words has a word for it


def test_a_heading_without_a_word_of_its_own_is_quoted() -> None:
    one = league('Which team has the highest "Fouls" figure?')
    fouls = tuple(replace(each, text="Fouls") if each.ref == "T2" else each for each in one.evidence)
    assert reason(replace(one, evidence=fouls)) == ""
    assert "calls a column otherwise" in reason(
        replace(one, question='Which team has the highest "Cards" figure?', evidence=fouls)
    )


def test_rows_are_called_by_the_heading_of_their_labels() -> None:
    assert "calls a column otherwise" in reason(league("Which city has the most defeats?"))
    one = league("Which team has the most defeats?")
    elsewhere = tuple(
        replace(each, box=(400.0, 0.0, 480.0, 20.0)) if each.ref == "T1" else each for each in one.evidence
    )
    assert reason(replace(one, evidence=elsewhere)) == "T3 does not stand under T1"


def test_under_a_heading_a_value_stands_in_the_row_of_its_label() -> None:
    one = league("Which team has the most defeats?")
    below = tuple(replace(each, box=(0.0, 160.0, 400.0, 180.0)) if each.ref == "T8" else each for each in one.evidence)
    assert reason(replace(one, evidence=below)) == "T8 is not in the row of T7"


def test_what_is_no_item_with_a_price_does_not_cost_anything() -> None:
    one = league("Which item cost the most?")
    assert "not one of the kind" in reason(one)
    fares = tuple(replace(each, text=f"{each.text}.50") if each.text.isdigit() else each for each in one.evidence)
    program = str(one.program).replace("number(", "money(")
    assert "not one of the kind" in reason(replace(one, program=program, evidence=fares))


def chart(question: str, unit: str = "visitors") -> Qa:
    """Three months, and what is counted beside the axis."""
    lines = [line("T1", 0, 0, unit)]
    for n, (name, value) in enumerate((("Jan", "120"), ("Feb", "80"), ("Mar", "95"))):
        lines += [line(f"T{2 * n + 2}", 100 * n, 200, name), line(f"T{2 * n + 3}", 100 * n, 150, value)]
    column = "a = column(unit(T1), entry(T2, number(T3)), entry(T4, number(T5)), entry(T6, number(T7)))"
    return about("argmax", question, "Jan", f"{column}; argmax(a)", "argmax", *lines)


def test_what_a_chart_counts_is_what_stands_beside_its_axis() -> None:
    assert reason(chart("Which month has the most visitors?")) == ""
    assert "calls a column otherwise" in reason(chart("Which month has the most votes?"))
    assert reason(chart("Which month has the highest rainfall?", "Rainfall (mm)")) == ""
    assert "calls a column otherwise" in reason(chart("Which weekday has the most visitors?"))
    program = str(chart("").program).replace("unit(T1)", "unit(T3)")
    one = replace(chart("Which month has the most visitors?"), program=program)
    assert reason(one) == "T3 is a label or a value"


def series(question: str) -> Qa:
    lines = [line("T1", 100, 0, "North"), line("T2", 300, 0, "South")]
    for n, (year, left, right) in enumerate((("2021", "30", "20"), ("2022", "45", "25"), ("2023", "28", "22"))):
        x = 300 * n
        lines += [line(f"T{n}0", x, 300, year), line(f"T{n}1", x - 60, 200, left), line(f"T{n}2", x + 60, 200, right)]
    columns = [
        f"{name} = column({side}(T{head}), " + ", ".join(f"entry(T{n}0, number(T{n}{head}))" for n in range(3)) + ")"
        for name, side, head in (("a", "left", 1), ("b", "right", 2))
    ]
    program = f"{'; '.join(columns)}; argmax(above(rise(a, b), 0))"
    return about("series_most_ahead", question, "2022", program, "rise above argmax", *lines)


def test_series_are_called_by_their_names_in_the_legend() -> None:
    assert reason(series("For which year is the North value furthest above the South value?")) == ""
    for other in ("the South value furthest above the North value", "the North value furthest above the North value"):
        assert "calls a column otherwise" in reason(series(f"For which year is {other}?"))


def test_a_value_of_a_series_stands_nearest_to_its_own_label() -> None:
    one = series("For which year is the North value furthest above the South value?")
    moved = tuple(
        replace(each, box=(445.0, 200.0, 525.0, 220.0)) if each.ref == "T21" else each for each in one.evidence
    )
    assert reason(replace(one, evidence=moved)) == "T21 stands nearer to T10 than to T20"


def total(question: str, label: str = "TOTAL", kind: str = "read") -> Qa:
    lines = line("T1", 0, 0, label), line("T2", 200, 0, "12.40")
    if kind == "split":
        return about(kind, question, "3.10", "quotient(entry(T1, money(T2)), 4)", "select quotient", *lines)
    return about(kind, question, "12.40", "entry(T1, money(T2))", "select", *lines)


@pytest.mark.parametrize(
    ("label", "called"),
    [
        ("TOTAL", "the total"),
        ("Amount due", "the total"),
        ("Total incl. GST", "the total"),
        ("Sub-total", "the subtotal"),
        ("GST 6%", "the tax"),
        ("Total tax", "the tax"),
        ("Total excl. GST", "the total without tax"),
        ("Cash", "the cash handed over"),
        ("Cash change", "the change"),
        ("Rounding", "the rounding"),
        ("Deposit", 'the "Deposit"'),
        ("Paid so far", 'the "Paid so far"'),
    ],
)
def test_an_amount_is_called_by_its_label(label: str, called: str) -> None:
    assert reason(total(f"What is {called}?", label)) == ""
    for other in {"the total", "the subtotal", "the tax", "the change", "the cash handed over", 'the "Fee"'} - {called}:
        assert (
            reason(total(f"What is {other}?", label)) == "the question calls a value otherwise than the evidence does"
        )


def test_a_time_may_stand_behind_its_date() -> None:
    asked = "What time is it 40 minutes after the time on the receipt?"
    for text, refused in (("Date: 02/02/17 19:46", False), ("19:46", False), ("Doors: 19:46", True)):
        one = about(
            "time_later", asked, "20:26", "plus_minutes(time(T1), 40)", "select plus_minutes", line("T1", 0, 0, text)
        )
        assert bool(reason(one)) == refused, text


@pytest.mark.parametrize(("opens", "end", "refused"), [("20:30", "23:30", ""), ("22:30", "25:30", "another day")])
def test_no_time_is_later_than_its_day(opens: str, end: str, refused: str) -> None:
    asked = "If the programme begins 60 minutes after the doors open and lasts 120 minutes, when is it over?"
    program = "plus_minutes(plus_minutes(entry(T1, time(T2)), 60), 120)"
    lines = line("T1", 0, 0, "Doors"), line("T2", 200, 0, opens)
    one = about("doors_over", asked, end, program, "select plus_minutes plus_minutes", *lines)
    assert reason(one) == (f"the time is of {refused}" if refused else "")


def test_what_a_phrasing_says_of_itself_holds_too() -> None:
    asked = "If four people split the total equally, how much does each pay?"
    assert reason(total(asked, "TOTAL", "split")) == ""
    assert reason(total(asked, "Tax", "split")).startswith("'split' is of total")


def shares(question: str) -> Qa:
    rows = (("T1", "Rent 40%"), ("T2", "Food 35%"), ("T3", "Travel 25%"))
    lines = [line(ref, 0, 40 * n, text) for n, (ref, text) in enumerate(rows)]
    column = "a = column(entry(T1, percent(T1)), entry(T2, percent(T2)), entry(T3, percent(T3)))"
    return about("count_above", question, "2", f"{column}; count(above(a, 30))", "above count", *lines)


def test_a_limit_has_the_unit_of_its_column() -> None:
    assert reason(shares("How many entries have a share above 30%?")) == ""
    for limit in ("30", "30 min", "$30"):
        assert "not one of the kind" in reason(shares(f"How many entries have a share above {limit}?"))


def test_a_share_to_the_nearest_whole_percent_has_no_decimals() -> None:
    column = str(league("").program).partition(";")[0]
    share = about(
        "share",
        "What percentage of all defeats does Ashby have, to the nearest whole percent?",
        "36%",
        f"{column}; percent_of(at(a, T3), sum(a))",
        "at sum percent_of",
        *league("").evidence,
    )
    assert reason(share) == ""
    assert reason(replace(share, answer="35.7%")) == "'35.7%' is no whole percent"


@pytest.mark.parametrize(("other", "refused"), [("Cake", ""), ("TEA", "two rows of a column have one name")])
def test_a_name_is_that_of_one_row(other: str, refused: str) -> None:
    lines = line("T1", 0, 0, "Tea"), line("T2", 200, 0, "2.50"), line("T3", 0, 40, other), line("T4", 200, 40, "4.00")
    program = "a = column(entry(T1, money(T2)), entry(T3, money(T4))); at(a, T1)"
    assert reason(about("at", "How much did the Tea cost?", "2.50", program, "at", *lines)) == refused


def test_an_order_is_of_two_rows() -> None:
    lines = line("T1", 0, 0, "Tea"), line("T2", 200, 0, "2.50"), line("T3", 0, 40, "Cake"), line("T4", 200, 40, "4.00")
    program = "a = column(entry(T1, money(T2)), entry(T3, money(T4))); difference(10, sum(pick(a, T1, T3)))"
    asked, operations = "What is left of 10.00 after paying for the Tea and the Cake?", "pick sum difference"
    assert reason(about("order_change", asked, "3.50", program, operations, *lines)) == ""
    asked, program = asked.replace("Cake", "Tea"), program.replace("T1, T3", "T1, T1")
    twice = about("order_change", asked, "7.50", program, operations, *lines)
    assert reason(twice) == "the question names one row twice"


def test_a_heading_is_above_its_entries_by_where_it_stands() -> None:
    rows = (("Mains", "3"), ("Desserts", "9"), ("Soup", "5", "14.50"), ("Tart", "8", "5.60"))
    lines = [
        line(f"T{10 * n + m}", 200 * m, 40 * n, text) for n, row in enumerate(rows, 1) for m, text in enumerate(row)
    ]
    columns = (
        "a = column(entry(T10, number(T11)), entry(T20, number(T21)))",
        "b = column(entry(T30, number(T31)), entry(T40, number(T41)))",
        "c = column(entry(T30, money(T32)), entry(T40, money(T42)))",
    )
    program = f"{'; '.join(columns)}; nearest_above(a, at(b, argmax(c)))"
    asked = "Which section has the entry with the highest price?"
    one = about("dearest_under", asked, "Mains", program, "argmax at nearest_above", *lines)
    assert reason(one) == "'dearest_under' does not compare y"


def test_a_unit_price_is_no_price_of_a_row() -> None:
    lines = line("T1", 0, 0, "Milk"), line("T2", 200, 0, "2 x 1.50")
    program = "a = column(entry(T1, each(T2))); at(a, T1)"
    assert reason(about("at", "What is the unit price of Milk?", "1.50", program, "at", *lines)) == ""
    assert "not one of the kind" in reason(about("at", "How much did the Milk cost?", "1.50", program, "at", *lines))
