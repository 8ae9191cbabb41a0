"""The same question on picture after picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.sampling import seeded
from dcvlr.settings import Fraction, checked
from dcvlr.text.words import words

_COMPUTED, _GOLD = "computed/", "/gold"


@dataclass(frozen=True, kw_only=True)
@checked
class Monotony:
    """Of one question that models wrote on many pictures, only some are kept: `max_share` of the pictures.

    Questions are one if their words are; a number in them, such as that of a page, tells them apart. At least
    `min_kept` stay; which is decided by `seed`. Computed questions are not checked: how often each of their templates
    is asked is the writer's setting. Nor are gold ones: people ask "Find x." of a thousand pictures.
    """

    name: ClassVar[str] = "monotony"

    max_share: Fraction
    min_kept: Annotated[int, Meta(ge=1, le=1000000)]
    seed: int

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        """Among `qas` alone; the stage asks `among` all of the run."""
        return self.among(qas)(qas, memo)

    def among(self, qas: Iterable[Qa]) -> MonotonyAmong:
        """The check, knowing all questions of the run."""
        ids: defaultdict[str, list[str]] = defaultdict(list)
        pictures = set()
        for qa in qas:
            pictures.add(qa.image_id)
            if _is_written(qa):
                ids[_pattern(qa.question)].append(qa.id)
        most = max(self.min_kept, round(self.max_share * len(pictures)))
        chosen = [
            sorted(own, key=lambda one: seeded(self.seed, one, "monotony").random())[:most] for own in ids.values()
        ]
        return MonotonyAmong(threshold=self.max_share, kept=frozenset(one for own in chosen for one in own))


@dataclass(frozen=True, kw_only=True)
class MonotonyAmong:
    """`Monotony` where it is known which questions, by their ids, are `kept`."""

    name: ClassVar[str] = Monotony.name

    threshold: float
    kept: frozenset[str]

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [self._check(qa) for qa in qas]

    def _check(self, qa: Qa) -> Finding:
        if not _is_written(qa) or qa.id in self.kept:
            return Finding(name=self.name, passed=True, threshold=self.threshold)
        reason = "the same question is asked on too many other pictures"
        return Finding(name=self.name, passed=False, value=qa.question, threshold=self.threshold, reason=reason)


def _is_written(qa: Qa) -> bool:
    return not (qa.generator.startswith(_COMPUTED) or qa.generator.endswith(_GOLD))


def _pattern(question: str) -> str:
    return " ".join(words(question))
