"""Whether two answers agree; where that cannot be told they do not, since a wrong yes costs more than a wrong no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from dcvlr.text.answers.choices import option_of
from dcvlr.text.answers.dates import date, time
from dcvlr.text.answers.maths import is_formula, same_formula
from dcvlr.text.answers.quantities import quantity
from dcvlr.text.answers.texts import folded, plain
from dcvlr.text.plurals import plural

_LONGEST = 1_000  # characters; longer texts must be equal but for spaces
_MOST_ITEMS = 50
_MOST_FORMULAS = 4  # of a list: each is held against each, which takes a while
_TRUTH = {"yes": True, "true": True, "no": False, "false": False}
_TRUTH_FIRST = re.compile(r"(yes|no|true|false)[,;.:]\s+(?=[^\W\d])", re.IGNORECASE)
_PARTS = re.compile(r"\s*[;\n]\s*|\s*,\s+(?:and\s+)?|\s+(?:and|&)\s+", re.IGNORECASE)
_TIGHT_PARTS = re.compile(r"\s*,\s*")
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_NAMED = re.compile(r"[A-Za-z]\s?=\s?(?=[^=]+$)")


def agree(given: str, wanted: str, options: Sequence[str] | None, *, tolerance: float) -> bool:
    """Whether the answer `given` says the same as `wanted`.

    With `options` both must mean the same one, by text or letter; an answer that means none of them agrees with
    nothing, unless `wanted` is none of them either. Without, the first of these decides that can read both: yes
    and true; dates; times; numbers with units, within the relative `tolerance` (0.05 is what ChartQA allows, 0 is
    exact) of the smaller one; formulas; lists, in any order unless in round brackets or numbers in square ones; texts,
    equal but for case, articles, quotes, closing marks, and singular or plural. A unit that only one has does not
    matter. Bare numbers from 1000 to 2999 may be years, so they are exact. Blank answers agree with nothing.
    """
    if not given.strip() or not wanted.strip():
        return False
    if options:
        right = list(options).index(wanted) if wanted in options else _option(wanted, options, tolerance)
        if right is not None:
            return _option(given, options, tolerance) == right
    return _say_the_same(given, wanted, tolerance)


def _option(answer: str, options: Sequence[str], tolerance: float) -> int | None:
    """What comes nearest decides: 12 is the option 12, even if 12.1 is within the tolerance."""
    if len(answer) > _LONGEST:
        return None
    ways = [partial(_say_the_same, tolerance=exactness) for exactness in (0.0, tolerance)]
    return option_of(answer, options, [str.__eq__, _have_one_text, *ways])


def _have_one_text(one: str, other: str) -> bool:
    text = folded(plain(one))
    return bool(text) and text == folded(plain(other))


def _say_the_same(one: str, other: str, tolerance: float) -> bool:
    if max(len(one), len(other)) > _LONGEST:
        return one.split() == other.split()
    if one.split() == other.split():
        return True
    lists = _items(one), _items(other)
    one, other = plain(one), plain(other)
    if not one or not other:
        return False
    verdict = _as_values(one, other, tolerance)
    if verdict is None and lists[0] and lists[1]:
        verdict = _same_items(lists[0], lists[1], tolerance)
    return _as_texts(one, other) if verdict is None else verdict


def _as_values(one: str, other: str, tolerance: float) -> bool | None:
    """None where they are not two truths, dates, times, quantities or formulas."""
    if (verdict := _as_truths(one, other)) is not None:
        return verdict
    for read in (date, time):
        values = read(one), read(other)
        if None not in values:
            return values[0] == values[1]
    quantities = quantity(one), quantity(other)
    if quantities[0] and quantities[1]:
        return quantities[0].agrees(quantities[1], tolerance)
    named = [_NAMED.match(text) for text in (one, other)]
    if bool(named[0]) != bool(named[1]):  # x = 5 and 5
        one, other = (text[name.end() :] if name else text for name, text in zip(named, (one, other), strict=True))
        return _as_values(one, other, tolerance)
    if is_formula(one) or is_formula(other):
        return one.replace(" ", "") == other.replace(" ", "") or (
            all(is_formula(text) or quantity(text) or len(text) == 1 for text in (one, other))
            and same_formula(one, other)
        )
    return None


def _as_truths(one: str, other: str) -> bool | None:
    """Yes, no, true or false, of which one may go on: "Yes, it is"."""
    alone = [_TRUTH.get(text.casefold()) for text in (one, other)]
    if alone == [None, None]:
        return None
    firsts = [_TRUTH_FIRST.match(text) for text in (one, other)]
    values = [_TRUTH[first[1].casefold()] if first else value for first, value in zip(firsts, alone, strict=True)]
    return None if None in values else values[0] == values[1]


def _items(text: str) -> tuple[str, list[str]] | None:
    """The kind of brackets around a list, or none, and its items."""
    lines = [_BULLET.sub("", line.strip()) for line in text.strip().splitlines() if line.strip()]
    text = lines[0] if len(lines) == 1 else ""
    bare = plain(text).replace("\\{", "{").replace("\\}", "}")
    opening = bare[:1] if bare[:1] + bare[-1:] in {"()", "[]", "{}"} else ""
    inside = bare[1:-1] if opening else bare
    parts = [*lines] if len(lines) > 1 else _PARTS.split(inside)
    if len(parts) == 1:
        parts = _TIGHT_PARTS.split(inside)
    parts = [part for part in parts if part.strip()]
    return (opening, parts) if 1 < len(parts) <= _MOST_ITEMS else None


def _same_items(one: tuple[str, list[str]], other: tuple[str, list[str]], tolerance: float) -> bool | None:
    (opening, items), (other_opening, others) = one, other
    if len(items) != len(others):
        return False
    if len(items) > _MOST_FORMULAS and any(is_formula(plain(item)) for item in items):
        return items == others
    in_order = [_say_the_same(a, b, tolerance) for a, b in zip(items, others, strict=True)]
    if all(in_order):
        return True
    if "(" in (opening, other_opening) or ("[" in (opening, other_opening) and all(quantity(plain(i)) for i in items)):
        return False
    left = list(others)
    for item in items:
        match = next((place for place, text in enumerate(left) if _say_the_same(item, text, tolerance)), None)
        if match is None:
            return False
        del left[match]
    return True


def _as_texts(one: str, other: str) -> bool:
    one_folded, other_folded = folded(one), folded(other)
    return bool(one_folded) and (one_folded == other_folded or _is_plural(one, other))


def _is_plural(one: str, other: str) -> bool:
    """Cat and cats, but not the names William and Williams, nor the symbols m and ms."""
    last_words = [text.split()[-1] for text in (one, other)]
    if any(len(word) < 3 for word in last_words) or all(word[0].isupper() for word in last_words):
        return False
    one, other = folded(one), folded(other)
    return plural(one) == other or plural(other) == one
