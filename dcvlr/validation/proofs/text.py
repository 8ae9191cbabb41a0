"""Answers about lines of text, found again in the lines that a QA cites."""

from __future__ import annotations

import re
from decimal import Decimal

from dcvlr.records import Evidence, Qa
from dcvlr.validation.proofs.reading import (
    box_of,
    exactly,
    in_one_row,
    middle,
    of_kind,
    quoted,
    require,
    same_choice,
    winner,
)

_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{1,2}-\d{1,2}-\d{2,4}")
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp](?:[Mm]|\.[Mm]\.?))?")


def value_beside_label(qa: Qa) -> str:
    label, value = exactly(qa, 2, "text")
    _check_pair(label, value)
    require(quoted(qa) == [_bare(label.text)], f"the question does not name {label.ref}")
    return _bare(value.text)


def value_after_label(qa: Qa) -> str:
    (line,) = exactly(qa, 1, "text")
    label, colon, value = line.text.partition(":")
    require(colon == ":" and quoted(qa) == [label.strip()], f"{line.ref} does not begin with the label and a colon")
    return value.strip()


def table_cell(qa: Qa) -> str:
    label, head, cell = exactly(qa, 3, "text")
    require(quoted(qa) == [label.text, head.text], "the question does not name the row and the column")
    (left, top, right, bottom), at = box_of(cell), box_of(head)
    require(in_one_row(label, cell) and left > middle(box_of(label))[0], f"{cell.ref} is not in the row of {label.ref}")
    require(left < at[2] and at[0] < right and (top + bottom) / 2 > at[3], f"{cell.ref} is not below {head.ref}")
    return cell.text


def line_below(qa: Qa) -> str:
    upper, lower = exactly(qa, 2, "text")
    require(quoted(qa) == [upper.text], f"the question does not name {upper.ref}")
    _check_next(upper, lower)
    return lower.text


def line_above(qa: Qa) -> str:
    lower, upper = exactly(qa, 2, "text")
    require(quoted(qa) == [lower.text], f"the question does not name {lower.ref}")
    _check_next(upper, lower)
    return upper.text


def highest_line(qa: Qa) -> str:
    lines = of_kind(qa, "text")
    same_choice(qa, [line.text for line in lines])
    return winner(lines, lambda line: -middle(box_of(line))[1]).text


def lowest_line(qa: Qa) -> str:
    lines = of_kind(qa, "text")
    same_choice(qa, [line.text for line in lines])
    return winner(lines, lambda line: middle(box_of(line))[1]).text


def largest_letters(qa: Qa) -> str:
    return winner(of_kind(qa, "text"), _height).text


def upper_or_lower_half(qa: Qa) -> str:
    return _half(qa, 1, "upper half", "lower half")


def left_or_right_half(qa: Qa) -> str:
    return _half(qa, 0, "left half", "right half")


def words_in_line(qa: Qa) -> str:
    (line,) = exactly(qa, 1, "text")
    words = re.split(r"\s+", line.text.strip())
    require(quoted(qa) == [words[0].rstrip(",.!")], f"{line.ref} does not begin with the word of the question")
    return str(len(words))


def word_occurrences(qa: Qa) -> str:
    (word,) = quoted(qa) or [""]
    found = [re.split(r"[^A-Za-z]+", line.text).count(word) for line in of_kind(qa, "text")]
    require(all(found), f"{word!r} is not in all lines of the evidence")
    return str(sum(found))


def line_count(qa: Qa) -> str:
    lines = of_kind(qa, "text")
    require(all(f'"{line.text}" [{line.ref}]' in qa.reasoning for line in lines), "the reasoning counts other lines")
    return str(len(lines))


def only_date(qa: Qa) -> str:
    date = _only(qa, _DATE)
    numbers = sorted(int(number) for number in re.findall(r"\d+", date))  # of them the year is no day or month
    short = len(re.findall(r"\d{4}", date)) == 0
    exists = numbers[0] <= 12 and (short or numbers[1] <= 31) and sum(number <= 31 for number in numbers) >= 2
    require(exists, f"{date} is no day of a calendar")
    return date


def only_time(qa: Qa) -> str:
    time = _only(qa, _TIME)
    hour, *rest = (int(number) for number in re.findall(r"\d+", time))
    require(hour < 24 and max(rest) < 60, f"{time} is on no clock")
    return time


def amount_sum(qa: Qa) -> str:
    (_, x), (_, y) = _amounts(qa)
    return str(x + y)


def amount_difference(qa: Qa) -> str:
    (_, x), (_, y) = _amounts(qa)
    require(x > y, "the amount that is said to be larger is not")
    return str(x - y)


def largest_amount(qa: Qa) -> str:
    return winner(_chosen_amounts(qa), lambda row: float(row[1]))[0]


def smallest_amount(qa: Qa) -> str:
    return winner(_chosen_amounts(qa), lambda row: -float(row[1]))[0]


def _half(qa: Qa, axis: int, low: str, high: str) -> str:
    require(len(qa.evidence) == 2, "a line and the whole picture are needed")
    line, whole = qa.evidence
    require((line.kind, whole.ref) == ("text", "P:whole"), "a line and the whole picture are needed")
    require(quoted(qa) == [line.text], f"the question does not name {line.ref}")
    centre = middle(box_of(whole))[axis]
    begin, end = box_of(line)[axis], box_of(line)[axis + 2]
    require(begin > centre or end < centre, f"{line.ref} crosses the middle of the picture")
    return low if end < centre else high


def _only(qa: Qa, pattern: re.Pattern[str]) -> str:
    (line,) = exactly(qa, 1, "text")
    found = pattern.findall(line.text)
    require(len(found) == 1, f"{line.ref} has {len(found)} of them")
    return str(found[0])


def _amounts(qa: Qa) -> list[tuple[str, Decimal]]:
    """Labels with their amounts, in the order of the question."""
    rows = _rows(qa)
    require(quoted(qa) == [label for label, _ in rows], "the question does not name the labels of the evidence")
    require(len(rows) == 2, "two labelled amounts are needed")
    return rows


def _chosen_amounts(qa: Qa) -> list[tuple[str, Decimal]]:
    rows = _rows(qa)
    same_choice(qa, [label for label, _ in rows])
    return rows


def _rows(qa: Qa) -> list[tuple[str, Decimal]]:
    lines = of_kind(qa, "text")
    require(len(lines) % 2 == 0, "a label has no amount")
    rows = []
    for label, value in zip(lines[::2], lines[1::2], strict=True):
        _check_pair(label, value)
        digits = re.sub(r"[^\d.-]", "", value.text)
        require(re.fullmatch(r"-?\d+\.\d\d", digits) is not None, f"{value.ref} is not an amount")
        rows.append((_bare(label.text), Decimal(digits)))
    return rows


def _check_pair(label: Evidence, value: Evidence) -> None:
    right = box_of(value)[0] >= middle(box_of(label))[0]
    require(right and in_one_row(label, value), f"{value.ref} is not to the right of {label.ref}")


def _check_next(upper: Evidence, lower: Evidence) -> None:
    (left, top, right, bottom), below = box_of(upper), box_of(lower)
    require(top < below[1] and bottom < below[3], f"{lower.ref} is not below {upper.ref}")
    require(below[1] - bottom < bottom - top, f"there is room for a line between {upper.ref} and {lower.ref}")
    require(left < below[2] and below[0] < right, f"{lower.ref} stands beside {upper.ref}")


def _height(line: Evidence) -> float:
    return box_of(line)[3] - box_of(line)[1]


def _bare(text: str) -> str:
    return text.strip(" :")
