"""How many questions of one kind may have the same answer, so that nobody guesses it without looking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate

from dcvlr.records import Qa

_MOST_ANSWERS = 10_000  # of which a kind keeps count; what many have is among them, however many answers there are
_USUAL = 0.95  # of the questions of a kind; the answers that so many have are those between which one chooses
_YES_NO = frozenset(("yes", "no"))


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
