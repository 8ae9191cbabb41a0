"""Answers that rest on the evidence: found in it, counted in it, or calculated from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import permutations
from typing import ClassVar

from dcvlr.records import Evidence, Finding, Qa
from dcvlr.settings import Fraction, checked
from dcvlr.text.durations import durations
from dcvlr.text.equations import equations
from dcvlr.text.words import number_word, numbers, rounds_to, stands_in, steps, unwrapped, words
from dcvlr.validation.each import each

_FACTORS = frozenset({Decimal(2), Decimal(100)})  # of means and percentages
_MOST_NUMBERS = 8  # that a result said in words may follow from
_PER_CENT = re.compile(r"%|per ?cent|\b100\b", re.IGNORECASE)
_LONG = 4  # letters from which on a word may be found inside run-together words, as OCR reads them
_ASKS_FOR_A_COUNT = re.compile(r"\b(how many|number of|count)\b", re.IGNORECASE)
_ASKS_FOR_WORDS = re.compile(r"\bwords?\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:the|this|that|a|an|each|which)\s+(?:(?!is\b|was\b|are\b)\w+[\s,-]+){0,3}ones?\b", re.IGNORECASE
)
_NOT_GROUNDED = "not checked: written from the picture alone, without evidence"
_PROVEN = "not checked: computed, and held against its evidence by proof"
_SEEN_NUMBERS = "not checked: numbers that the writer saw in the picture"
_SEEN_WORDS = "not checked: words of the answer that the writer saw"
_MATHS = re.compile(r"\$([^$]*)\$")
_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, kw_only=True)
@checked
class Grounding:
    """All numbers and at least `min_word_share` of the content words of the answer can be traced to the evidence.

    A number is traced if it stands in the evidence, or is the result of a right equation of the reasoning, or of one
    that a step says in words, between traced numbers; where the question asks for a count, also if it counts the
    evidence's items, the words of one of them or the places where a quoted word is; or if a duration has it that says
    in other units what traced numbers say (125 min, 2 h 5 min). A word is traced if it stands in
    the evidence or is one of `relations`, which boxes and numbers are compared by. `ignored` words carry no content;
    nor do words that the question already uses. A QA that a model wrote from the picture alone may have no evidence;
    then it passes with value None: there is nothing to hold it against.

    A writer that was shown the picture may say what no evidence holds: its words are then not checked, and its numbers
    only where it cites nothing but the picture itself. What is not checked passes with value None and the reason.
    """

    name: ClassVar[str] = "grounding"

    min_word_share: Fraction
    relations: list[str]
    ignored: list[str]

    @each
    def __call__(self, qa: Qa) -> Finding:
        answer = _MATHS.sub(r"\1", unwrapped(qa.answer)).strip()
        if not qa.evidence and qa.created_from == "image":
            return self._not_checked(_NOT_GROUNDED)
        if not qa.evidence:
            return self._finding(0.0, "there is no evidence")
        if qa.program is not None:
            return self._not_checked(_PROVEN)
        if any(stands_in(evidence.text, answer) for evidence in qa.evidence):
            return self._finding(1.0, "")
        if qa.seen and all(evidence.kind == "picture" for evidence in qa.evidence):
            return self._not_checked(_SEEN_NUMBERS if _numbers(answer) else _SEEN_WORDS)
        traced = _traced_numbers(qa)
        has_numbers = bool(_numbers(answer))
        answer = _without_converted(answer, qa, traced)
        loose = [number for number in _numbers(answer) if number not in traced]
        if loose:
            return self._finding(
                0.0, f"numbers neither in the evidence nor derived from it: {', '.join(map(str, loose))}"
            )
        found = self._words(qa, answer, has_numbers=has_numbers)
        return self._not_checked(_SEEN_WORDS) if qa.seen and not found.passed else found

    def _words(self, qa: Qa, answer: str, *, has_numbers: bool) -> Finding:
        content = self._content_words(answer)
        fresh = [word for word in content if word not in set(words(qa.question))]
        judged = fresh if fresh or has_numbers else content
        missing = [word for word in judged if not self._is_traced(word, qa.evidence)]
        share = 1 - len(missing) / len(judged) if judged else float(has_numbers)
        if share >= self.min_word_share and (judged or has_numbers):
            return self._finding(share, "")
        reason = f"words not in the evidence: {', '.join(missing)}" if missing else "the answer says nothing to look up"
        return self._finding(share, reason)

    def _not_checked(self, reason: str) -> Finding:
        return Finding(name=self.name, passed=True, threshold=self.min_word_share, reason=reason)

    def _finding(self, share: float, wrong: str) -> Finding:
        return Finding(
            name=self.name, passed=not wrong, value=round(share, 4), threshold=self.min_word_share, reason=wrong
        )

    def _content_words(self, answer: str) -> list[str]:
        return [
            word
            for word in words(answer)
            if word not in self._ignored and number_word(word) is None and not any(map(str.isdigit, word))
        ]

    def _is_traced(self, word: str, evidence: Sequence[Evidence]) -> bool:
        return word in self._relations or any(_has_word(item.text, word) for item in evidence)

    @cached_property
    def _relations(self) -> frozenset[str]:
        return frozenset(self.relations)

    @cached_property
    def _ignored(self) -> frozenset[str]:
        return frozenset(self.ignored)


def _has_word(text: str, word: str) -> bool:
    found = words(text)
    if any(other == word or other == f"{word}s" or f"{other}s" == word for other in found):
        return True
    return len(word) >= _LONG and word in "".join(found)


def _numbers(text: str) -> list[Decimal]:
    """Numbers in digits, inside words too ("Q3"), and in English words, but not in "the red one"."""
    inside = [Decimal(digits) for word in words(text) if not word.isdigit() for digits in re.findall(r"\d+", word)]
    named = [number for word in words(_PRONOUN.sub("", text)) if (number := number_word(word)) is not None]
    return [*(numbers(text) or inside), *named]


def _traced_numbers(qa: Qa) -> set[Decimal]:
    traced = {number for evidence in qa.evidence for number in (*numbers(evidence.text), *_numbers(evidence.text))}
    traced |= set(map(abs, traced))  # a discount of -2.00 is 2.00, but 2.00 is not -2.00
    counts, before = set(_counts(qa)), list[Decimal]()
    for step in steps(qa.reasoning):
        for equation in equations(step, Decimal("0.0001")):
            known = [operand in traced or operand in counts or operand in _FACTORS for operand in equation.operands]
            if equation.right and all(known) and traced.intersection(equation.operands):
                traced.update(equation.results, map(abs, equation.results))
        traced |= _results_in_words(step, before, traced)
        before += map(abs, numbers(step))
    return traced | counts if _ASKS_FOR_A_COUNT.search(qa.question) else traced


def _without_converted(answer: str, qa: Qa, traced: set[Decimal]) -> str:
    """The answer without durations that say in other units what traced numbers say: 125 min is 2 h 5 min."""
    stated = [one for text in (*(item.text for item in qa.evidence), *steps(qa.reasoning)) for one in durations(text)]
    known = {one.seconds for one in stated if traced.issuperset(one.numbers)}
    for one in reversed([*durations(answer)]):
        answer = answer[: one.start] + answer[one.end :] if one.seconds in known else answer
    return answer


def _results_in_words(step: str, before: Sequence[Decimal], traced: set[Decimal]) -> set[Decimal]:
    """Numbers of a step that follow from two others, of it or the steps before: "3 from 7 leaves 4", "together 10".

    Sum, difference, product, quotient, and where per cent are spoken of the rounded share; the sum of all, too.
    """
    stated = [abs(number) for number in numbers(step)]
    known = [one for one in dict.fromkeys((*before, *stated)) if one in traced]
    if not 1 < len(known) <= _MOST_NUMBERS:
        return set()
    share = Decimal(100) if _PER_CENT.search(step) else None
    return {result for result in stated if result not in traced and _follows(result, known, share)}


def _follows(result: Decimal, known: Sequence[Decimal], share: Decimal | None) -> bool:
    return result == sum(known) or any(
        result in {a + b, abs(a - b), a * b}
        or (b and (a / b == result or (share is not None and rounds_to(share * a / b, result))))
        for a, b in permutations([one for one in known if one != result], 2)
    )


def _counts(qa: Qa) -> Iterator[Decimal]:
    """What can be counted: items of each kind, words of one if asked for, places of a quoted word."""
    yield Decimal(len(qa.evidence))
    yield from map(Decimal, Counter(evidence.kind for evidence in qa.evidence).values())
    if _ASKS_FOR_WORDS.search(qa.question):
        yield from (Decimal(len(evidence.text.split())) for evidence in qa.evidence if evidence.kind == "text")
    everything = [word for evidence in qa.evidence for word in words(evidence.text)]
    for quoted in _QUOTED.findall(qa.question):
        yield Decimal(everything.count(quoted.casefold()))
