"""The same question, or the same answer, on picture after picture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.sampling import seeded
from dcvlr.settings import Fraction, checked
from dcvlr.text.words import words
from dcvlr.validation.each import each

_MOST_ANSWERS = 10_000  # of which a kind keeps count; what many have is among them, however many answers there are
_USUAL = 0.95  # of the questions of a kind; the answers that so many have are those between which one chooses
_YES_NO = frozenset(("yes", "no"))
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


class AnswerCounts:
    """How often each answer was given to questions of one kind, and how often one of them is right by chance.

    That is one of the options, or of yes and no; of an open question one of the usual answers of its kind.
    """

    def __init__(self) -> None:
        self._answers = Counter[str]()
        self._questions = self._open = 0
        self._chance = 0.0  # added up over the questions that say by themselves between how many answers one chooses

    def add(self, qa: Qa) -> None:
        self._questions += 1
        self._answers[qa.answer] += 1
        if qa.options or qa.answer in _YES_NO:
            self._chance += 1 / len(qa.options or _YES_NO)
        else:
            self._open += 1
        if len(self._answers) > _MOST_ANSWERS:
            self._answers = Counter(dict(self._answers.most_common(_MOST_ANSWERS // 2)))

    @property
    def chance(self) -> float:
        return (self._chance + self._open / usual_answers(self._answers.values(), self._questions)) / self._questions

    def kept_shares(self, above_chance: float, min_kept: int) -> dict[str, float]:
        """Which share of the questions with an answer may stay, for those answers of which not all may."""
        most = max(min_kept, most_of_each(self._answers.values(), self._questions, self.chance + above_chance))
        return {answer: most / count for answer, count in self._answers.items() if count > most}


def usual_answers(counts: Collection[int], questions: int) -> int:
    """How many of the commonest answers `_USUAL` of all questions have: a rare one makes the others no harder to guess.

    Two at least, where there are two: else the answer that nearly all questions have would be no guess.
    """
    shares = accumulate(sorted(counts, reverse=True))
    usual = next((n for n, share in enumerate(shares, start=1) if share >= _USUAL * questions), len(counts))
    return max(usual, min(2, len(counts)))


def most_of_each(counts: Iterable[int], questions: int, share: float) -> float:
    """How many questions of each answer may stay, so that none has more than `share` of those that do; 0 for too few
    answers to that.

    `counts` are of the commonest answers at least, `questions` are all.
    """
    ordered = sorted(counts, reverse=True)
    uncut = questions
    for cut, (count, following) in enumerate(zip(ordered, [*ordered[1:], 0], strict=True), start=1):
        uncut -= count
        if cut * share >= 1:  # so many answers alike are few enough of each
            return count
        if (most := share * uncut / (1 - cut * share)) >= following:
            return min(most, count)
    return 0


def balanced(counts: Mapping[str, AnswerCounts], above_chance: float, min_kept: int) -> dict[tuple[str, str], float]:
    """The share that may stay by kind and answer, where not all may."""
    return {
        (kind, answer): share
        for kind, of_kind in counts.items()
        for answer, share in of_kind.kept_shares(above_chance, min_kept).items()
    }
