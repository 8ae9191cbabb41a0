"""Questions that say their own answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.text.words import words
from dcvlr.validation.each import each

_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, kw_only=True)
class Leak:
    """The answer's words stand together in the question.

    It is no leak where it is an alternative, "red or blue", or where the question names all of its options.
    """

    name: ClassVar[str] = "leak"

    @each
    def __call__(self, qa: Qa) -> Finding:
        passed = not leaks(qa.answer, qa.question) or _names_all(qa.options or (), qa.question)
        reason = "" if passed else f"the question says the answer {qa.answer!r}"
        return Finding(name=self.name, passed=passed, reason=reason)


def leaks(answer: str, question: str) -> bool:
    """Whether `answer` stands word for word in `question`, other than beside an "or"."""
    return any("or" not in beside for beside in _beside(answer, question))


def _names_all(options: Sequence[str], question: str) -> bool:
    return bool(options) and all(next(_beside(option, question), None) is not None for option in options)


def _beside(answer: str, question: str) -> Iterator[tuple[str, ...]]:
    """The words before and behind each place of the question where the answer stands."""
    wanted, given = words(answer), [word for word in words(question) if word not in _ARTICLES]
    wanted = [word for word in wanted if word not in _ARTICLES] or wanted
    for start in range(len(given) - len(wanted) + 1 if wanted else 0):
        end = start + len(wanted)
        if given[start:end] == wanted:
            yield (*given[max(0, start - 1) : start], *given[end : end + 1])
