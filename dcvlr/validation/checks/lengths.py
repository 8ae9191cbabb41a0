"""Questions, answers and reasoning that are neither too short to mean something nor too long to be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.settings import SettingError, Whole, checked
from dcvlr.text.words import count_words
from dcvlr.validation.each import each

_TEXTS = ("question", "answer", "reasoning")


@dataclass(frozen=True, kw_only=True)
@checked
class Lengths:
    """Bounds are in words and may be reached; `dcvlr.text.words.count_words` says what a word is.

    Gold questions may be shorter: "Find x." was asked by people. Reasoning that is not there yet has no length.
    """

    name: ClassVar[str] = "lengths"

    min_question_words: Whole
    max_question_words: Whole
    min_answer_words: Whole
    max_answer_words: Whole
    min_reasoning_words: Whole
    max_reasoning_words: Whole

    def __post_init__(self) -> None:
        for text in _TEXTS:
            low, high = self._bounds(text)
            if low > high:
                raise SettingError(f"min_{text}_words", low, f"at most max_{text}_words ({high!r}) is allowed")

    @each
    def __call__(self, qa: Qa) -> Finding:
        wrong = list(self._wrong(qa))
        if not wrong:
            return Finding(name=self.name, passed=True)
        text, words, bound, side = wrong[0]
        reason = "; ".join(f"{t} has {w} words, {s} {b}" for t, w, b, s in wrong)
        return Finding(name=self.name, passed=False, value=words, threshold=f"{text} {side} {bound}", reason=reason)

    def _wrong(self, qa: Qa) -> Iterator[tuple[str, int, int, str]]:
        for text in _TEXTS:
            words, (low, high) = count_words(getattr(qa, text)), self._bounds(text)
            is_open = not qa.reasoning if text == "reasoning" else text == "question" and qa.is_gold
            if words < low and not is_open:
                yield text, words, low, "at least"
            elif words > high:
                yield text, words, high, "at most"

    def _bounds(self, text: str) -> tuple[int, int]:
        return getattr(self, f"min_{text}_words"), getattr(self, f"max_{text}_words")
