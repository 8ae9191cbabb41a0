"""The same question, or the same answer, on picture after picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.sampling import seeded
from dcvlr.settings import Fraction, checked
from dcvlr.text.words import words
from dcvlr.validation.answer_balance import AnswerCounts, balanced
from dcvlr.validation.each import each

_SAME_QUESTION = "the same question is asked on too many other pictures"
_SAME_ANSWER = "too many other questions of this style have the same answer"
_GUESSED = "too many other questions of this kind have the same answer"


@dataclass(frozen=True, kw_only=True)
@checked
class Monotony:
    """Of one question that models wrote on many pictures, only some are kept: `max_share` of the pictures.

    Questions are one if their words are; a number in them, such as that of a page, tells them apart. Of the questions
    of one style at most `max_answer_share` have the same answer; None: as many as there are. At least `min_kept` stay
    of each; which is decided by `seed`. How often each kind of computed question is asked is the writer's setting; of
    one kind an answer is right at most `max_above_chance` more often than by chance, where more than `min_balanced`
    questions have it. Gold questions are not checked: people ask "Find x." of a thousand pictures.
    """

    name: ClassVar[str] = "monotony"

    max_share: Fraction
    max_answer_share: Fraction | None
    min_kept: Annotated[int, Meta(ge=1, le=1000000)]
    max_above_chance: Fraction
    min_balanced: Annotated[int, Meta(ge=1, le=1000000)]
    seed: int

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        """Among `qas` alone; the stage asks `among` all of the run."""
        return self.among(qas)(qas, memo)

    def among(self, qas: Iterable[Qa]) -> MonotonyAmong:
        """The check, knowing all questions of the run."""
        questions: defaultdict[str, list[str]] = defaultdict(list)
        answers: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        computed: defaultdict[str, AnswerCounts] = defaultdict(AnswerCounts)
        pictures = set[str]()
        for qa in qas:
            pictures.update(image.id for image in qa.pictures)
            if qa.is_computed:
                computed[qa.generator].add(qa)
            elif not qa.is_gold:
                questions[_pattern(qa.question)].append(qa.id)
                if qa.asked_for is not None:
                    answers[qa.asked_for.style][_pattern(qa.answer)].append(qa.id)
        refused: dict[str, tuple[str, float]] = {}
        if self.max_answer_share is not None:
            for of_style in answers.values():
                most = self.max_answer_share * sum(map(len, of_style.values()))
                for ids in of_style.values():
                    refused |= dict.fromkeys(self._beyond(ids, most), (_SAME_ANSWER, self.max_answer_share))
        for ids in questions.values():
            beyond = self._beyond(ids, self.max_share * len(pictures))
            refused |= dict.fromkeys(beyond, (_SAME_QUESTION, self.max_share))
        kept = balanced(computed, self.max_above_chance, self.min_balanced)
        return MonotonyAmong(check=self, refused=refused, kept_shares=kept)

    def _beyond(self, ids: Iterable[str], most: float) -> list[str]:
        """Those that are too many, where `most` may stay."""
        chance = sorted(ids, key=lambda one: seeded(self.seed, one, "monotony").random())
        return chance[max(self.min_kept, round(most)) :]


@dataclass(frozen=True, kw_only=True)
class MonotonyAmong:
    """`Monotony` where it is known which written questions, by their ids, are `refused`, why, and by which limit, and
    which share stays of the computed ones of a kind and answer.
    """

    name: ClassVar[str] = Monotony.name

    check: Monotony
    refused: Mapping[str, tuple[str, float]]
    kept_shares: Mapping[tuple[str, str], float]

    @each
    def __call__(self, qa: Qa) -> Finding:
        reason, threshold = self.refused.get(qa.id, ("", self.check.max_share))
        share = self.kept_shares.get((qa.generator, qa.answer), 1.0)
        if share < 1 and seeded(self.check.seed, qa.id, self.name).random() >= share:
            reason, threshold = _GUESSED, self.check.max_above_chance
        if not reason:
            return Finding(name=self.name, passed=True, threshold=threshold)
        value = qa.question if reason == _SAME_QUESTION else qa.answer
        return Finding(name=self.name, passed=False, value=value, threshold=threshold, reason=reason)


def _pattern(text: str) -> str:
    return " ".join(words(text))
