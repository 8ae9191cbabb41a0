"""The long thoughts that questions keep beside their steps: cleaned, of a fitting length, and held to consistency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import Pattern

from msgspec.structs import replace

from dcvlr.errors import ConfigError
from dcvlr.llm.solver import posed
from dcvlr.protocols import Check, Remembering
from dcvlr.records import Finding, Qa
from dcvlr.settings import Count, checked
from dcvlr.text.phrases import compiled
from dcvlr.text.rationale import RationaleSource, cleaned
from dcvlr.text.words import count_words
from dcvlr.validation.checks.solve import Solve

_ABOUT_MACHINERY = ("machinery", "self_talk")  # checks whose phrases are no part of a rationale


@dataclass(frozen=True, kw_only=True)
@checked
class Rationales:
    """Of each question that passed, the first thought that can be kept; the question stays in any case.

    Sentences with a phrase of `phrases`, or of the checks `machinery` and `self_talk`, are left out. What is left has
    from `min_words` to `max_words` and is consistent with the question as its steps are.
    """

    source: RationaleSource
    min_words: Count
    max_words: Count
    phrases: list[str]

    def require(self, checks: Mapping[str, Check]) -> None:
        """Raise `ConfigError` for a solver's thoughts without one."""
        if self.source == "solver" and not isinstance(checks.get("solve"), Solve):
            raise ConfigError("synthesis.rationale=solver keeps replies of a check: add +validation/checks=[solve]")

    def __call__(
        self, qas: Sequence[Qa], checks: Mapping[str, Check], memo: Remembering, counts: Counter[str]
    ) -> Iterator[Qa]:
        """The questions in order; `counts` says what became of their thoughts."""
        unwanted = self._unwanted(checks)
        for qa, thoughts in zip(qas, self._thoughts(qas, checks, memo), strict=True):
            texts = [cleaned(thought, unwanted) for thought in thoughts]
            verdicts = [(text, self._fault(qa, text, checks, memo)) for text in texts]
            kept = next((text for text, fault in verdicts if not fault), None)
            if self.source != "steps":
                counts["kept" if kept else verdicts[0][1] if verdicts else "none"] += 1
            yield replace(qa, rationale=kept)

    def _thoughts(self, qas: Sequence[Qa], checks: Mapping[str, Check], memo: Remembering) -> list[list[str]]:
        solve = checks.get("solve")
        if self.source == "solver" and isinstance(solve, Solve):
            return solve.solver.chains(posed(qas), memo)
        return [[qa.rationale] if qa.rationale and self.source == "writer" else [] for qa in qas]

    def _unwanted(self, checks: Mapping[str, Check]) -> Pattern[str]:
        others = [phrase for name in _ABOUT_MACHINERY for phrase in getattr(checks.get(name), "phrases", ())]
        return compiled("validation.rationales.phrases", [*self.phrases, *others])

    def _fault(self, qa: Qa, text: str, checks: Mapping[str, Check], memo: Remembering) -> str:
        words = count_words(text)
        if words < self.min_words:
            return "too_short"
        if words > self.max_words:
            return "too_long"
        consistency = checks.get("consistency")
        found = consistency([replace(qa, reasoning=text)], memo) if consistency else []
        return "" if all(isinstance(one, Finding) and one.passed for one in found) else "inconsistent"
