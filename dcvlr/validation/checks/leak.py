"""Questions that say their own answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.text.words import words

_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, kw_only=True)
class Leak:
    """The answer's words stand together in the question; an alternative, "red or blue", is no leak."""

    name: ClassVar[str] = "leak"

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [self._check(qa) for qa in qas]

    def _check(self, qa: Qa) -> Finding:
        passed = not leaks(qa.answer, qa.question)
        reason = "" if passed else f"the question says the answer {qa.answer!r}"
        return Finding(name=self.name, passed=passed, reason=reason)


def leaks(answer: str, question: str) -> bool:
    """Whether `answer` stands word for word in `question`, other than beside an "or"."""
    wanted, given = words(answer), [word for word in words(question) if word not in _ARTICLES]
    wanted = [word for word in wanted if word not in _ARTICLES] or wanted
    for start in range(len(given) - len(wanted) + 1):
        end = start + len(wanted)
        if given[start:end] == wanted and "or" not in (*given[max(0, start - 1) : start], *given[end : end + 1]):
            return bool(wanted)
    return False
