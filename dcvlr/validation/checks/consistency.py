"""Reasoning that leads to its answer: it states it, does not contradict or repeat itself, and says something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.settings import Fraction, checked
from dcvlr.text.answers.plain import plain
from dcvlr.text.answers.same_values import truth
from dcvlr.text.equations import equations
from dcvlr.text.letters import is_none_of_others
from dcvlr.text.plurals import singular
from dcvlr.text.words import number_word, numbers, rounds_to, steps, words
from dcvlr.validation.each import each

_OPENING = re.compile(
    r"^(?:(?:first|second|third)(?:ly)?|then|next|finally|lastly|now|so|thus|again|in other words|that is)\b\W*",
    re.IGNORECASE,
)
_YES, _NO = frozenset({"yes", "true"}), frozenset({"no", "false"})
_NEGATIONS = frozenset({"no", "not", "never", "none", "nothing", "without", "cannot", "isn't", "doesn't", "aren't"})
_COMES_TO = re.compile(
    r"(?:=|\b(?:is|are|was|were|becomes?|equals?|gives?|makes?|leaves|reads?|says|comes? to|costs?|counts?))\s+"
    r"(?:[a-z]+\s+){0,2}?[$€£¥]?(?P<number>\d[\d,]*(?:\.\d+)?)\s?%?(?:\s+[a-z]+)?[.!]?$",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"^(?:therefore|so|thus|hence|consequently|it follows that)\b\W*"
    r"|\b(?:is|are|was|were|be) (?:therefore|so|thus|hence|consequently|clearly)\b\W*",
    re.IGNORECASE,
)
_COMPARATIVE = re.compile(r"more|less|fewer|\w{2,}er")
_PERSON = re.compile(r"\b(?:man|woman|boy|girl|person|lady|guy|child|player|driver|customer)\b", re.IGNORECASE)
_PRONOUNS = frozenset({"he", "him", "his", "she", "her", "hers"})
_SENTENCE = 4  # content words from which on an answer is a sentence, of which less is said again
_OF_A_SENTENCE = 0.5  # of `min_word_share`
_MOST_AROUND = 4  # words in front of a step that is said again, "to put it differently"
_EXACT = Decimal("0.0001")
_UP, _DOWN = ("high", "larg", "great", "long", "lat", "dear"), ("few", "low", "small", "short", "earli", "cheap")
_UPWARD, _DOWNWARD = (
    "|".join((word, *(f"{stem}er" for stem in stems))) for word, stems in (("more", _UP), ("less", _DOWN))
)
_MORE, _LESS = (re.compile(rf"\d\S{{0,15}} (?:{side})\b(?! than\b)", re.IGNORECASE) for side in (_UPWARD, _DOWNWARD))
_MOST, _LEAST = (
    re.compile(rf"\b(?:{word}|(?:{'|'.join(stems)})est)\b(?: (?:of|among) (?:them )?all\b)?", re.IGNORECASE)
    for word, stems in (("most", _UP), ("least", _DOWN))
)
_ABOVE_OTHERS, _BELOW_OTHERS = (
    re.compile(rf"\b(?:{own})\b.*\bthan\b|\b(?:others?|rest|all)\b.*\b(?:{opposite})\b(?! than)", re.IGNORECASE)
    for own, opposite in ((_UPWARD, _DOWNWARD), (_DOWNWARD, _UPWARD))
)


@dataclass(frozen=True, kw_only=True)
@checked
class Consistency:
    """The steps of the reasoning differ, at least one says something, and they end where the answer is.

    The answer's numbers stand in a step, and in the last one that calculates they are among its results; at least
    `min_word_share` of its other words stand in the steps, half of that where it is a sentence; "less" beside a
    number ("4.10 less") need not, nor "the lowest" where a step says that others are higher. Steps that find what the
    question asks for need not say an answer again that the evidence has word for word. Yes and no, and what begins so
    ("No, they differ"), may be said by the last step in other words, but not denied. `generic` are words that say
    nothing of a picture ("look", "answer"): a step of these and the answer alone says nothing.
    """

    name: ClassVar[str] = "consistency"

    min_word_share: Fraction
    generic: list[str]

    @cached_property
    def _generic(self) -> frozenset[str]:
        return frozenset(self.generic)

    @each
    def __call__(self, qa: Qa) -> Finding:
        reasoning = steps(qa.reasoning)
        reason = (
            _repeated(reasoning)
            or self._empty(qa, reasoning)
            or _wrong_end(qa, reasoning)
            or self._unstated(qa, reasoning)
        )
        return Finding(
            name=self.name, passed=not reason, value=len(reasoning), threshold=self.min_word_share, reason=reason
        )

    def _empty(self, qa: Qa, reasoning: Sequence[str]) -> str:
        idle = self._generic | set(words(qa.answer))
        if reasoning and all(idle.issuperset(words(step)) for step in reasoning):
            return "no step says anything of the picture"
        numbered = {word for word in words(qa.answer) if number_word(word) is not None}
        people = _PRONOUNS if _PERSON.search(qa.question) else set()
        related = self._related([qa.question], numbered | people, reasoning) or self._related(_about(qa), (), reasoning)
        return "" if related or not reasoning else "no step has to do with the question, its answer or its evidence"

    def _related(self, texts: Iterable[str], others: Iterable[str], reasoning: Sequence[str]) -> bool:
        """Whether a step has a word of the texts, or one of the others."""
        known = {singular(word) for text in texts for word in words(text) if word not in self._generic}.union(others)
        return any(not known.isdisjoint(map(singular, words(step))) for step in reasoning)

    def _unstated(self, qa: Qa, reasoning: Sequence[str]) -> str:
        """Where yes and no, and "none of the above", are not said word for word."""
        answer = _words_of(qa.answer)
        if (
            not reasoning
            or (answer and answer[0] in _YES | _NO and truth(plain(qa.answer)) is not None)
            or answer == ["none"]
            or is_none_of_others(qa.answer)
        ):
            return ""
        if _quoted(qa) and self._finds_what_is_asked(qa, reasoning):
            return ""
        values = _values(qa.answer)
        missing = [str(number) for number in values if not _is_stated(number, reasoning)]
        if missing:
            return f"no step states the answer's {', '.join(missing)}"
        content = [word for word in answer if number_word(word) is None and not any(map(str.isdigit, word))]
        if values:
            idle = self._generic | _ranked(qa.answer, reasoning)
            content = [word for word in content if word not in idle and not _COMPARATIVE.fullmatch(word)]
        else:  # "third" is what is asked for where nothing else is left
            content = [word for word in content if word not in self._generic] or content
        asked = set(words(qa.question))
        is_more = bool(values) or not set(content) <= asked  # than words of the question: 1.20 more
        found = "".join(word for step in (*reasoning, qa.question if is_more else "") for word in words(step))
        share = sum(_stem(word) in found for word in content) / len(content) if content else 1.0
        is_sentence = len(content) >= _SENTENCE
        least = self.min_word_share * _OF_A_SENTENCE if is_sentence else self.min_word_share
        return "" if share >= least else f"the steps do not state the answer {qa.answer!r}"

    def _finds_what_is_asked(self, qa: Qa, reasoning: Sequence[str]) -> bool:
        """Whether the steps have two words of the question, beside those that say nothing of a picture."""
        asked = {_stem(word) for word in words(qa.question) if word not in self._generic}
        return len(asked.intersection(_stem(word) for step in reasoning for word in words(step))) > 1


def _is_stated(number: Decimal, reasoning: Sequence[str]) -> bool:
    """In any step, but mostly in the last."""
    return any(rounds_to(abs(one), abs(number)) for step in reversed(reasoning) for one in _values(step))


def _quoted(qa: Qa) -> bool:
    """Whether a piece of evidence has the answer word for word."""
    answer = f" {' '.join(words(qa.answer))} "
    return bool(answer.strip()) and any(answer in f" {' '.join(words(item.text))} " for item in qa.evidence)


def _repeated(reasoning: Sequence[str]) -> str:
    bare = [" ".join(words(_OPENING.sub("", step))) for step in reasoning]
    for n, step in enumerate(bare):
        earlier = next((m for m, other in enumerate(bare[:n]) if _says_again(step, other)), None)
        if earlier is not None:
            return f"step {n + 1} repeats step {earlier + 1}"
    return ""


def _says_again(step: str, other: str) -> bool:
    """The same words, or some words in front of them, as in "to repeat: …"."""
    if step == other:
        return bool(step)
    around = step.removesuffix(other).split() if other.count(" ") >= _MOST_AROUND else []
    return step.endswith(f" {other}") and 0 < len(around) <= _MOST_AROUND


def _wrong_end(qa: Qa, reasoning: Sequence[str]) -> str:
    """What the last step calculates, or says of yes and no, is not what the answer says."""
    if not reasoning:
        return ""
    last, answer = reasoning[-1], set(_words_of(qa.answer))
    end = set(words(last))
    if answer <= _YES | _NO and answer:
        denied = (answer <= _YES and end & _NO and not end & _YES) or (
            answer <= _NO and end & _YES and not end & _NEGATIONS
        )
        return f"the last step denies the answer {qa.answer!r}" if denied else ""
    given = _values(qa.answer)
    if len(given) == 1:
        found = (number for equation in equations(last, _EXACT) for number in equation.results)
        results = [one for number in found for one in (number, abs(number))] or _stated_last(last, given)
        if results and not any(rounds_to(abs(number), abs(given[0])) for number in results):
            return f"the last step comes to {results[0]}, the answer is {qa.answer!r}"
    return _other_side(qa.answer, last) or _other_concluded(qa, last)


def _other_side(answer: str, last: str) -> str:
    """What the last step ends with as so much more, where the answer says less; "more than" may be of another thing."""
    for here, there in ((_MORE, _LESS), (_LESS, _MORE)):
        found = there.search(last)
        if found and not here.search(last) and here.search(answer) and not there.search(answer):
            return f"the last step says {found[0]!r}, the answer is {answer!r}"
    return ""


def _ranked(answer: str, reasoning: Sequence[str]) -> set[str]:
    """The words of "lowest of all" in the answer, where a step says that it is lower than others, or these higher."""
    sides = ((_MOST, _ABOVE_OTHERS), (_LEAST, _BELOW_OTHERS))
    return {
        word
        for extreme, beside in sides
        if any(map(beside.search, reasoning))
        for found in extreme.finditer(answer)
        for word in words(found[0])
    }


def _stated_last(last: str, given: Sequence[Decimal]) -> list[Decimal]:
    """The number that the step ends in, as in "the total becomes 3.40", unless it says the answer's before."""
    found = _COMES_TO.search(last)
    return numbers(found["number"]) if found and not set(given) & set(_values(last)) else []


def _other_concluded(qa: Qa, last: str) -> str:
    """What else the question or its options name, where the last step concludes it and does not name the answer."""
    concluded = _CONCLUDES.search(last)
    if not concluded or _holds(last, qa.answer):
        return ""
    named = [item.text for item in qa.evidence if _holds(qa.question, item.text) and _holds(qa.question, qa.answer)]
    rest = words(last[concluded.end() :])
    others = [text for text in (*named, *(qa.options or ())) if words(text) and rest[: len(words(text))] == words(text)]
    return f"the last step concludes {others[0]!r}, the answer is {qa.answer!r}" if others else ""


def _holds(text: str, part: str) -> bool:
    return f" {' '.join(words(part))} " in f" {' '.join(words(text))} "


def _values(text: str) -> list[Decimal]:
    return numbers(text) or [value for word in words(text) if (value := number_word(word)) is not None]


def _words_of(text: str) -> list[str]:
    return [word for word in words(text) if word not in {"a", "an", "the"}]


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def _about(qa: Qa) -> tuple[str, ...]:
    return (qa.question, qa.answer, *(qa.options or ()), *(item.text for item in qa.evidence))
