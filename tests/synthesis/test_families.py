"""What each family asks about text, and what it leaves alone because there may be more than one answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from synthesis.made_scenes import all_scenes, answers, ask, asked, drafts, facts, line, receipt, scene, sign, writer

from dcvlr.memo import Memo
from dcvlr.records import OcrLine
from dcvlr.synthesis.generator.computed import CAPTION_CHOICE, FAMILIES


@pytest.fixture
def memo(tmp_path: Path) -> Memo:
    return Memo(tmp_path / "checkpoints")


def row(label: str, value: str, y: float = 50, **line_settings: float) -> tuple[OcrLine, OcrLine]:
    return line(label, 10, y), line(value, 200, y, **line_settings)


@pytest.mark.parametrize("family", [*FAMILIES, CAPTION_CHOICE])
def test_every_family_finds_something_in_the_made_scenes(family: str, memo: Memo) -> None:
    found = [qa.generator for qas in asked(writer(families=[family]), all_scenes(), memo) for qa in qas]
    assert set(found) == {f"computed/{family}"}


def test_the_value_beside_a_label() -> None:
    assert answers("text.value_beside_label", receipt()) == ["0.60", "10.00", "7.60"]
    assert answers("text.value_beside_label", scene(*row("Name:", "Ann Lee"))) == ["Ann Lee"]
    assert answers("text.value_beside_label", scene(*row("Item count", "12"))) == ["12"]


@pytest.mark.parametrize(
    "lines",
    [
        row("Total", "7.60", score=0.9),  # badly read
        row("Total", "7.60", score=0.99),  # for an amount, too
        (*row("Total", "7.60"), line("0.46", 300, 50)),  # two values
        (*row("Total", "7.60"), line("5.00", 200, 62)),  # another value half a row lower
        (*row("Total", "7.60"), line("Tax", 10, 62)),  # another label half a row lower
        (*row("Total", "7.60"), *row("TOTAL", "9.60", 100)),  # the label twice
        (*row("Total", "7.60"), line("Total 12", 10, 100)),  # the label once more, with its value
        row("Apple pie", "Ann Lee"),  # two columns of words
        row("Apple pie", "3"),  # a number that might be anything
        (*row("Items total", "1315"), *row("Cash", "20.00", 100, width=40)),  # a point that was not read: 13.15
        row("GST 1D", "7.60"),  # "ID" misread
        row("99 min", "7.60"),  # two values of a table
    ],
)
def test_no_value_is_asked_for_where_it_is_in_doubt(lines: tuple[OcrLine, ...]) -> None:
    asked = ask("text.value_beside_label", scene(*lines))
    assert not any("Cash" not in question for question in asked)


def test_the_value_after_a_colon() -> None:
    assert answers("text.value_after_label", receipt()) == ["03/05/2021", "Maria"]


@pytest.mark.parametrize(
    "text", ["Tel: 07-386 Fax: 07-387", "14:25", "T: 555", "Total:", "Name: A", "(Ref: 12)", "Open 9:00 to 17:00"]
)
def test_no_value_is_split_off_lines_that_are_no_label_and_value(text: str) -> None:
    assert not drafts("text.value_after_label", scene(line(text, 10, 10)))


def test_a_value_that_goes_on_in_the_next_box_is_not_asked_for() -> None:
    assert not drafts("text.value_after_label", scene(line("Name: Ann", 10, 10), line("Lee", 110, 10)))


def test_a_cell_of_a_table() -> None:
    assert ask("text.table_cell", receipt()) == {
        'In the row that begins with "Apples", what stands in the column "Pieces"?': "3 kg",
        'In the row that begins with "Apples", what stands in the column "Price"?': "4.50",
        'In the row that begins with "Pears", what stands in the column "Pieces"?': "2 kg",
        'In the row that begins with "Pears", what stands in the column "Price"?': "3.10",
    }


def test_a_row_with_an_empty_cell_is_left_alone() -> None:
    table = [line(t, x, 10) for t, x in (("Name", 10), ("Size", 100), ("Price", 200))]
    assert not drafts("text.table_cell", scene(*table, line("Apple", 10, 35), line("4.50", 200, 35)))


def test_neighbouring_lines() -> None:
    assert ask("text.line_below", receipt())['What is written on the line directly below "12 Market Street"?'] == (
        "Open every day"
    )
    assert ask("text.line_above", receipt())['Which line of text stands directly above "Open every day"?'] == (
        "12 Market Street"
    )


@pytest.mark.parametrize(
    "other",
    [
        line("Second line", 10, 60),  # so far down that a line may be missing between them
        line("Second line", 300, 32),  # beside it
        line("Second line", 10, 32, score=0.9),
        line("Second line", 10, 32, height=60),  # a heading of another size
        line("First line", 10, 32),  # the same words
    ],
)
def test_lines_that_are_no_clear_neighbours_are_left_alone(other: OcrLine) -> None:
    assert not drafts("text.line_below", scene(line("First line", 10, 10), other))


def test_order_of_lines() -> None:
    (highest,) = drafts("place.highest_line", sign())
    (lowest,) = drafts("place.lowest_line", sign())
    assert (highest.answer, sorted(highest.distractors)) == ("HARBOUR", ["Deep water", "No swimming"])
    assert (lowest.answer, sorted(lowest.distractors)) == ("No swimming", ["Deep water", "HARBOUR"])


def test_lines_on_one_height_have_no_order() -> None:
    beside = [line(word, x, 10) for word, x in (("First", 10), ("Second", 110), ("Third", 210))]
    assert not drafts("place.highest_line", scene(*beside))


def test_the_largest_letters() -> None:
    assert answers("text.largest_letters", receipt()) == ["GREEN CORNER"]
    assert not drafts("text.largest_letters", sign())  # all of one size


def test_halves_that_text_is_in() -> None:
    made = scene(line("Welcome here", 20, 20), line("Good morning", 250, 350), pixels=facts(400, 400))
    assert answers("place.upper_or_lower_half", made) == ["lower half", "upper half"]
    assert answers("place.left_or_right_half", made) == ["left half", "right half"]


def test_text_on_the_middle_is_in_no_half() -> None:
    made = scene(line("Welcome here", 140, 190), pixels=facts(400, 400))
    assert not drafts("place.upper_or_lower_half", made)
    assert not drafts("place.left_or_right_half", made)


def test_words_of_a_line_are_counted() -> None:
    assert ask("text.words_in_line", receipt()) == {
        'How many words are in the line of text that begins with "Open"?': "3",
        'How many words are in the line of text that begins with "See"?': "4",
        'How many words are in the line of text that begins with "Thank"?': "4",
    }


def test_how_often_a_word_is_printed() -> None:
    made = scene(line("Green tea", 10, 10), line("Black tea", 10, 50), line("Coffee", 10, 90))
    assert ask("text.word_occurrences", made) == {'How many times is the word "tea" printed in the picture?': "2"}
    assert not drafts("text.word_occurrences", scene(line("Green tea", 10, 10), line("TEA and tea", 10, 50)))
    assert not drafts("text.word_occurrences", scene(line("tea", 10, 10), line("tea", 10, 50), line("steam", 10, 90)))
    assert not drafts("text.word_occurrences", scene(line("tea", 10, 10), line("tea", 10, 50, score=0.9)))


def test_lines_are_counted_only_where_they_are_few_and_clear() -> None:
    assert answers("text.line_count", sign()) == ["3"]
    assert not drafts("text.line_count", receipt())
    faint = line("smaller print", 40, 200, score=0.7)
    assert sign().text is not None
    assert not drafts("text.line_count", scene(*sign().text.lines, faint, pixels=facts(400, 400)))  # type: ignore[union-attr]


def test_the_only_date_and_time() -> None:
    assert ask("text.only_date", receipt()) == {"Which date is printed in the picture?": "03/05/2021"}
    assert ask("text.only_time", receipt()) == {"Which time of day is printed in the picture?": "14:25"}
    assert not drafts("text.only_date", scene(line("03/05/2021", 10, 10), line("04/05/2021", 10, 50, score=0.7)))
    assert not drafts("text.only_time", scene(line("16:32.00", 10, 10)))


@pytest.mark.parametrize(
    "text",
    [
        "10.0.10.5",
        "12-34-56",
        "13/13/2020",
        "2020-31-12",
        "0/1/2020",
        "Ratio of 16:10",
        "25:10",
        "9:00-17:00",
        "13:30 pm",
    ],
)
def test_digits_that_may_be_no_date_or_time_are_left_alone(text: str) -> None:
    assert not drafts("text.only_date", scene(line(text, 10, 10)))
    assert not drafts("text.only_time", scene(line(text, 10, 10)))


def test_dates_and_times_in_words_are_rivals() -> None:
    assert not drafts("text.only_date", scene(line("03/05/2021", 10, 10), line("Jan 5, 2024", 10, 50)))
    assert not drafts("text.only_time", scene(line("14:25", 10, 10), line("Open at 9 AM", 10, 50)))


def test_a_time_is_kept_whole() -> None:
    assert answers("text.only_time", scene(line("10:30 p.m.", 10, 10))) == ["10:30 p.m."]
    assert answers("text.only_time", scene(line("12/25/18 8:13:39 PM", 10, 10))) == ["8:13:39 PM"]
    assert answers("text.only_date", scene(line("12/25/18 8:13:39 PM", 10, 10))) == ["12/25/18"]
    assert answers("text.only_time", scene(line("Date 03/05/2021 14:25", 10, 10))) == ["14:25"]


@pytest.mark.parametrize("text", ["https://example.org/a", "http: example", "Visit https: example", "Name: /usr/ann"])
def test_an_address_is_no_label_with_a_value(text: str) -> None:
    assert not drafts("text.value_after_label", scene(line(text, 10, 10)))


def test_amounts_are_quoted_as_they_are_printed() -> None:
    made = scene(*row("Total", "1,234.50", width=80), *row("Cash", "2,000.00", 100, width=80))
    (draft,) = drafts("amounts.sum", made)
    assert (draft.answer, draft.steps[0]) == ("3234.50", 'Beside "Total" [T1] the picture shows 1,234.50 [T2].')


def test_numbers_with_two_decimals_are_money_only_where_something_says_so() -> None:
    plain = (*row("Length", "7.60"), *row("Width", "9.60", 100))
    assert not drafts("amounts.sum", scene(*plain))
    assert drafts("amounts.sum", scene(line("Price", 200, 10), *plain))
    assert drafts("amounts.sum", scene(*row("Length", "$7.60"), *row("Width", "$9.60", 100)))


def test_arithmetic_with_amounts_of_one_column() -> None:
    sums = ask("amounts.sum", receipt())
    assert sums['What is the sum of the amounts printed beside "Subtotal" and "Paid in cash"?'] == "17.60"
    differences = ask("amounts.difference", receipt())
    assert (
        differences['By how much is the amount beside "Subtotal" larger than the amount beside "Discount"?'] == "7.00"
    )
    assert answers("amounts.largest", receipt()) == ["Paid in cash"]
    assert answers("amounts.smallest", receipt()) == ["Discount"]


def test_amounts_of_two_columns_or_currencies_are_not_mixed() -> None:
    apart = scene(*row("Total", "7.60"), line("Cash", 10, 100), line("9.00", 300, 100))
    mixed = scene(*row("Total", "7.60"), *row("Cash", "$9.00", 100))
    assert not drafts("amounts.sum", apart)
    assert not drafts("amounts.sum", mixed)


def test_equal_amounts_have_no_largest() -> None:
    made = scene(*row("Total", "7.60"), *row("Cash", "7.60", 100), *row("Tax", "0.40", 150))
    assert not drafts("amounts.largest", made)


def test_reasoning_cites_its_evidence_and_counts_its_steps() -> None:
    for family in FAMILIES:
        for made in all_scenes():
            for draft in drafts(family, made):
                assert len(draft.steps) >= 2
                cited = set(re.findall(r"\[([^\]\s]+)\]", " ".join(draft.steps)))
                assert {evidence.ref for evidence in draft.evidence} <= cited, draft
                assert len(draft.question.split()) >= 5


def test_questions_are_for_a_person_who_sees_only_the_picture(memo: Memo) -> None:
    for qas in asked(writer(), all_scenes(), memo):
        for qa in qas:
            assert not re.search(r"\bOCR\b|box|pixel|coordinate|detect|\bT\d|\bO\d", qa.question)
