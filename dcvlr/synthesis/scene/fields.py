"""Single values with a label: beside it in the same row, after a colon, or directly below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from dcvlr.synthesis.scene.line_rows import LineRow
from dcvlr.synthesis.scene.lines import Line, Page, normal
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.synthesis.scene.values import Quantity, dates_in, like_dates, quantity, times_in
from dcvlr.text.question_words import QuestionWords

_INLINE = re.compile(r"(?P<label>[A-Za-z][A-Za-z .#/&'()%0-9-]*?[A-Za-z.#)%])\s*:\s*(?P<value>[^\s:].*)")
_TOTAL_INLINE = re.compile(r"(?P<label>(?:grand |sub ?)?total) (?P<value>\S+)", re.IGNORECASE)
_DATED = r"(?P<label>{labels})(?: (?:{between}))? (?P<value>\d.*)"
_HAS_DIGITS = re.compile(r"\d.*\d")
_RATE = re.compile(r"\s*\(?\d+(?:\.\d+)? ?%\)?$")
_CURRENCY = re.compile(r"RM|MYR|USD|EUR|GBP|[$€£]")
_TERMS = re.compile(
    r"(?!.*\b(?:if|unless|discount|rebate|interest|deposit|instal\w*|return\w*)\b)"  # of something else, or on terms
    r"[^\d]*\b(?:payment|payable|paid|due|terms:?) within (?P<days>[1-9]\d?) days"
    r"(?: (?:of|from|after) (?:the )?(?:date of (?:the |this )?)?(?:invoice|bill|issue)(?: date)?)?(?: net)?\W*",
    re.IGNORECASE,
)
WITHIN_DAYS = "within days"  # the label of how many days there are to pay
_FEWEST_BELOW = 3  # labels in a row with values below them
_NEAR = 1.2  # heights of the label, between it and a value below it


class Field(Struct, frozen=True, gc=False):
    """One labelled value. `label_ref` and `ref` are the same line where label and value share it; `top` is its edge."""

    label: str
    label_ref: str
    value: Quantity
    ref: str
    top: float
    is_clear: bool  # or it is only legible, and needs something in the picture that confirms it


def read_fields(page: Page, rows: Sequence[LineRow], words: QuestionWords) -> list[Field]:
    """Fields with clear readings; a label that is printed twice gives none unless both have the same value."""
    found = [*_beside(rows), *_inline(rows), *_below(rows), *_alone(page), *_dated(page, words), *_terms(page)]
    by_label: dict[str, list[Field]] = {}
    for one in found:
        by_label.setdefault(normal(one.label), []).append(one)
    printed = Counter(normal(line.text) for line in page.lines)
    return [
        same[0]
        for label, same in by_label.items()
        if len({(one.value.kind, one.value.number) for one in same}) == 1
        and (printed[label] <= max(1, len(same)) or same[0].value.kind == "money")
    ]


def is_label(text: str) -> bool:
    """Mostly letters, short, and no value itself; a rate behind it ("Tax 10%") is no letter and no digit."""
    name = _RATE.sub("", text.rstrip(" :"))
    letters = sum(map(str.isalpha, name))
    return letters >= 3 and 2 * letters >= len(name) and len(name) <= 32 and not name[:1].isdigit() and ":" not in name


def _beside(rows: Sequence[LineRow]) -> Iterator[Field]:
    ends = [line.box[2] for row in rows for line in row.lines if _is_money(line.text)]
    for row in (one for one in rows if one.is_whole):
        for label, line in _pairs([line for line in row.lines if not _CURRENCY.fullmatch(line.text)]):
            value = quantity(line.text.lstrip(": ")) if line.is_legible and label.is_legible else None
            if value is not None and is_label(label.text) and not _lost_point(value, ends, line):
                clear = line.is_clear and label.is_clear
                yield Field(label.text.rstrip(" :"), label.ref, value, line.ref, row.top, clear)


def _pairs(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Label and value, alone in a row; among others the name of a sum with one amount behind it, or "Born: 1987"."""
    if len(lines) == 2:
        yield lines[0], lines[1]
        return
    for (label, line), behind in zip(pairwise(lines), [*lines[2:], None], strict=False):
        is_marked = _ends_with_colon(label) and not _ends_with_colon(line)
        is_sum = role_of(label.text) and _is_money(line.text) and (behind is None or quantity(behind.text) is None)
        if is_sum or (is_marked and (behind is None or _ends_with_colon(behind))):
            yield label, line


def _ends_with_colon(line: Line) -> bool:
    return line.text.endswith(":")


def _inline(rows: Sequence[LineRow]) -> Iterator[Field]:
    for row in rows:
        for line in row.lines:
            found = _INLINE.fullmatch(line.text) or _TOTAL_INLINE.fullmatch(line.text)
            if found is None or not line.is_legible or not row.is_whole:
                continue
            value = quantity(found["value"].strip())
            if value is not None and not _is_plain(value) and is_label(found["label"]):
                yield Field(found["label"], line.ref, value, line.ref, row.top, line.is_clear)


def _dated(page: Page, words: QuestionWords) -> Iterator[Field]:
    """A date behind the word that says what happened on it: "Signed 2024-11-08"."""
    labels, between = words.dated
    dated = _labelled_dates(tuple(labels), tuple(between))
    for line in page.lines:
        found = dated.fullmatch(line.text) if line.is_legible else None
        value = quantity(found["value"]) if found else None
        if found and value is not None and value.kind == "date":
            yield Field(found["label"], line.ref, value, line.ref, line.box[1], line.is_clear)


@lru_cache(maxsize=8)  # of each language once
def _labelled_dates(labels: Sequence[str], between: Sequence[str]) -> re.Pattern[str]:
    either, or_none = ("|".join(map(re.escape, some)) for some in (labels, between))
    return re.compile(_DATED.format(labels=either, between=or_none), re.IGNORECASE)


def _is_plain(value: Quantity) -> bool:
    """Whether it is a whole number, which behind a colon is a code as well; 12,000 is none."""
    return value.kind == "number" and value.notation == "0|"


def _below(rows: Sequence[LineRow]) -> Iterator[Field]:
    """Small labels in one row, each with a value right under its beginning in the next row, the last of its kind.

    What else there is in these rows stands beside them all, as the stub of a ticket does.
    """
    for above, below, beyond in zip(rows, rows[1:], [*rows[2:], None], strict=False):
        pairs = _stacked([line for line in above.lines if is_label(line.text)], above, below)
        if len(pairs) < _FEWEST_BELOW:
            continue
        under = _stacked([line for _, line in pairs], below, beyond) if beyond is not None else []
        goes_on = len(under) == len(pairs) and not all(is_label(line.text) for _, line in under)
        if goes_on:
            continue
        for label, line in pairs:
            value = quantity(line.text) if label.is_legible and line.is_legible else None
            if value is not None:
                clear = label.is_clear and line.is_clear
                yield Field(label.text.rstrip(" :"), label.ref, value, line.ref, below.top, clear)


def _stacked(lines: Sequence[Line], above: LineRow, below: LineRow) -> list[tuple[Line, Line]]:
    """Lines of the row above, each with the one that stands under it; none if other lines stand in between them.

    Nor if one of those below says by a colon what stands beside it.
    """
    pairs = [(line, under) for line in lines for under in below.lines if _stands_under(line, under)]
    if not pairs:
        return []
    alike = all(_are_in_one_piece([pair[n] for pair in pairs], row) for n, row in enumerate((above, below)))
    return pairs if alike and not any(_ends_with_colon(under) for _, under in pairs) else []


def _are_in_one_piece(some: Sequence[Line], row: LineRow) -> bool:
    """Whether they follow each other in the row, each once, with nothing between them."""
    refs, wanted = [line.ref for line in row.lines], [line.ref for line in some]
    return any(refs[at : at + len(wanted)] == wanted for at in range(len(refs)))


def _stands_under(label: Line, line: Line) -> bool:
    most = (1 + _NEAR) * max(label.height, 0.5 * line.height) + label.height
    return abs(line.box[0] - label.box[0]) <= label.height and 0 <= line.box[1] - label.box[1] <= most


def _alone(page: Page) -> Iterator[Field]:
    """The only date and the only time of a page need no label."""
    for name, find in (("date", dates_in), ("time", times_in)):
        holders = [line for line in page.lines if _HAS_DIGITS.search(line.text) and find(line.text)]
        if len(holders) != 1:
            continue
        if name == "date" and sum(like_dates(line.text) for line in page.lines) != 1:
            continue
        if name == "time" and sum(len(re.findall(r"\d:\d\d", line.text)) for line in page.lines) != 1:
            continue
        if holders[0].is_clear and len(find(holders[0].text)) == 1:
            (value,) = find(holders[0].text)
            yield Field(name, holders[0].ref, value, holders[0].ref, holders[0].box[1], True)


def _terms(page: Page) -> Iterator[Field]:
    """In how many days it has to be paid, counted from the date of the page."""
    for line in page.lines:
        if found := _TERMS.fullmatch(line.text):
            value = Quantity("number", Decimal(found["days"]), "0|")
            yield Field(WITHIN_DAYS, line.ref, value, line.ref, line.box[1], line.is_clear)


def _lost_point(value: Quantity, ends: Sequence[float], line: Line) -> bool:
    """Whether a whole number ends where amounts end, so that it may be one whose point was not read."""
    is_whole = value.kind == "number" and value.notation.startswith("0")
    return is_whole and any(abs(end - line.box[2]) <= line.height for end in ends)


def _is_money(text: str) -> bool:
    value = quantity(text)
    return value is not None and value.kind == "money"
