"""Questions that a benchmark asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.decontamination.pack import read_packs
from dcvlr.decontamination.shingles import QuestionIndex, stem_of, words_of
from dcvlr.errors import ConfigError, require_package
from dcvlr.records import Finding, Qa
from dcvlr.settings import Count, checked
from dcvlr.validation.each import each


@dataclass(frozen=True, kw_only=True)
@checked
class Benchmarks:
    """Jaccard similarity of word n-grams to the nearest question of `packs`; at `threshold` a question is the same.

    So it is where `containment` of the n-grams of one stand in it: a hint in front or choices behind hide nothing.
    Choices behind a benchmark's own question are not compared. With other numbers a question is another one.
    Questions of fewer than `min_words` words pass: everybody asks what the total is. The value is None for these and
    where no question comes near.
    """

    name: ClassVar[str] = "benchmarks"

    packs: list[str]
    threshold: Annotated[float, Meta(ge=0.1, le=1)]
    containment: Annotated[float, Meta(ge=0.5, le=1)]
    min_words: Count

    def check_ready(self) -> None:
        """Raise `ConfigError` for no packs, packs that cannot be read, or no datasketch."""
        if not self.packs:
            raise ConfigError(
                "validation.checks.benchmarks.packs=[]: give files of python -m dcvlr.decontaminate build"
            )
        require_package("datasketch", extra="decontaminate", owner="validation.checks.benchmarks")
        read_packs(self.packs)

    @cached_property
    def _index(self) -> QuestionIndex:
        return QuestionIndex(read_packs(self.packs), self.threshold)

    @each
    def __call__(self, qa: Qa) -> Finding:
        count = len(words_of(stem_of(qa.question)))
        if count < self.min_words:
            return Finding(name=self.name, passed=True, threshold=self.threshold)
        nearest, inside = self._index.nearest(qa.question), self._index.contained(qa.question)
        if inside is not None and inside.value >= self.containment:
            reason = f"holds {inside.item} of the benchmark {inside.benchmark}"
            return Finding(name=self.name, passed=False, value=inside.value, threshold=self.containment, reason=reason)
        if nearest is None:
            return Finding(name=self.name, passed=True, threshold=self.threshold)
        passed = nearest.value < self.threshold
        reason = "" if passed else f"as good as {nearest.item} of the benchmark {nearest.benchmark}"
        return Finding(name=self.name, passed=passed, value=nearest.value, threshold=self.threshold, reason=reason)
