"""Whether two answers agree; where that cannot be told they do not, since a wrong yes costs more than a wrong no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from dcvlr.errors import require_package
from dcvlr.text.answers.choices import option_of
from dcvlr.text.answers.estimates import is_estimate
from dcvlr.text.answers.lists import items, same_items
from dcvlr.text.answers.plain import folded, one_spelling, plain
from dcvlr.text.answers.same_values import same_values
from dcvlr.text.answers.sentences import shortened, turned_name, without_doing, without_preposition, without_sentence
from dcvlr.text.plurals import plural

_PACKAGES = ("math_verify", "pint", "text_to_num")  # formulas, units, numbers in words
_ONLY_LOOKS_PLURAL = re.compile(r"news|\w+ics", re.IGNORECASE)
_LONGEST = 1_000  # characters; longer texts must be equal but for spaces


def agree(given: str, wanted: str, options: Sequence[str] | None, *, tolerance: float, estimated: bool = False) -> bool:
    """Whether the answer `given` says the same as `wanted`.

    With `options` both must mean the same one, by text or letter; an answer that means none of them agrees with
    nothing, unless `wanted` is none of them either. Without, the first of these decides that can read both: yes
    and true; dates; times; ranges; ordinals; numbers with units; formulas; lists, in any order unless in round brackets
    or numbers in square ones; texts, equal but for case, articles, quotes, closing marks, spelling, and singular or
    plural, or said in a sentence. A unit that only one has does not matter. Blank answers agree with nothing.

    Numbers agree exactly, but for a rounding to two decimals or more. The relative `tolerance` (0.05 is what ChartQA
    allows) holds for estimates alone: where `wanted` calls itself one ("about 5"), or the caller does by `estimated`.
    Bare numbers from 1000 to 2999 may be years, so they are always exact.
    """
    if not given.strip() or not wanted.strip():
        return False
    allowed = tolerance if estimated or is_estimate(wanted.strip()) or is_estimate(given.strip()) else 0.0
    if options:
        right = list(options).index(wanted) if wanted in options else _option(wanted, options, allowed)
        if right is not None:
            return _option(given, options, allowed) == right
    return _say_the_same(given, wanted, allowed)


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
    if one.split() == other.split():
        return True
    if max(len(one), len(other)) > _LONGEST:
        return False
    if _are_same(one, other, tolerance):
        return True
    subject, predicate = without_sentence(plain(one))
    other_subject, other_predicate = without_sentence(plain(other))
    if subject == other_subject == "-" and (predicate, other_predicate) == (plain(one), plain(other)):
        return False
    if subject != other_subject and not {subject, other_subject} & {"", "-"}:  # the dog is red, the cat is red
        return False
    if _counts(subject, other_predicate) or _counts(other_subject, predicate):
        return False
    if _are_same(predicate, other_predicate, tolerance):
        return True
    if (subject == "-") == (other_subject == "-"):
        return False
    if subject != "-":
        ways = without_doing(predicate), other_predicate
    else:
        ways = predicate, without_doing(other_predicate)
    return ways != (predicate, other_predicate) and _are_same(*ways, tolerance)


def _counts(label: str, text: str) -> bool:
    """Row 3 is not 3 rows."""
    return text.casefold().endswith(f" {plural(label)}")


def _are_same(one: str, other: str, tolerance: float) -> bool:
    lists = items(one), items(other)
    one, other = plain(one), plain(other)
    if not one or not other:
        return False
    verdict = same_values(one, other, tolerance)
    if verdict is None and lists[0] and lists[1]:
        verdict = same_items(lists[0], lists[1], partial(_say_the_same, tolerance=tolerance))
    return _as_texts(one, other) if verdict is None else verdict


def _as_texts(one: str, other: str) -> bool:
    if _have_one_spelling(one, other):
        return True
    if _have_one_spelling(turned_name(one), turned_name(other)):
        return True
    bare = without_preposition(one), without_preposition(other)
    if (bare[0] == one) == (bare[1] == other):  # in the box, on the box
        return False
    return _have_one_spelling(*bare)


def _have_one_spelling(one: str, other: str) -> bool:
    spelling = one_spelling(shortened(one))
    return bool(spelling) and (spelling == one_spelling(shortened(other)) or _is_plural(one, other))


def _is_plural(one: str, other: str) -> bool:
    """Cat and cats, but not the names William and Williams, nor the symbols m and ms."""
    last_words = [text.split()[-1] for text in (one, other)]
    if any(len(word) < 3 or _ONLY_LOOKS_PLURAL.fullmatch(word) for word in last_words):
        return False
    if all(word[0].isupper() for word in last_words):
        return False
    one, other = folded(one), folded(other)
    return plural(one) == other or plural(other) == one


def require_answers(owner: str) -> None:
    """Raise `MissingPackageError` unless `owner` can compare any two answers."""
    for package in _PACKAGES:
        require_package(package, extra="llm", owner=owner)
