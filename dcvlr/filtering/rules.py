"""Rules: a number that a model gave a picture, held to a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from dcvlr.protocols import Measurable, Remembering, Scorer
from dcvlr.records import Failure, Finding, Score, ValueRule
from dcvlr.settings import SettingError, checked


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A number must not be below (`is_minimum`) or not above `threshold`; a value equal to it passes.

    `read` takes the number from a model's signal, `what` says what it is and in which unit, `key` is its setting.
    """

    name: str
    key: str
    what: str
    read: Callable[[Any], float]
    threshold: float
    is_minimum: bool

    def values(self, signals: Sequence[Any], failures: Sequence[Failure | None]) -> list[float | None]:
        """The numbers of many signals; None where there is a failure instead of one."""
        read = self.read
        return [None if failure else read(signal) for signal, failure in zip(signals, failures, strict=True)]

    def held(self, values: Sequence[float | None]) -> list[bool]:
        """Which of many numbers hold; one that is None does not."""
        least, most = self._limits
        return [value is not None and least <= value <= most for value in values]

    @property
    def _limits(self) -> tuple[float, float]:
        return (self.threshold, math.inf) if self.is_minimum else (-math.inf, self.threshold)

    @property
    def described(self) -> ValueRule:
        return ValueRule(
            name=self.name, key=self.key, what=self.what, threshold=self.threshold, minimum=self.is_minimum
        )

    def finding(self, signal: Any) -> Finding:
        value = self.read(signal)
        (passed,) = self.held([value])
        side = "below" if self.is_minimum else "above"
        label = f" ({signal.label})" if isinstance(signal, Score) and signal.label else ""
        return Finding(
            name=self.name,
            passed=passed,
            value=value,
            threshold=self.threshold,
            reason="" if passed else f"{self.what} {value}{label} is {side} {self.threshold}",
        )


@dataclass(frozen=True, kw_only=True)
class FilterPass:
    """A model and the rules that its signal is held to."""

    model: Measurable[Any]
    rules: tuple[Rule, ...]

    def findings(self, signal: Any) -> list[Finding]:
        return [rule.finding(signal) for rule in self.rules]


class Comparing(Protocol):
    """What scores pictures once the memo was asked for something that is no picture, such as embeddings of texts."""

    def prepared(self, memo: Remembering) -> Scorer: ...


@dataclass(frozen=True, kw_only=True)
@checked
class ScoreLimits:
    """A scorer of one's own choice, and the values from `min` to `max` with which a picture is kept."""

    model: Scorer | Comparing
    min: float | None
    max: float | None

    def __post_init__(self) -> None:
        if self.min is None and self.max is None:
            raise SettingError("min", self.min, "a number is needed, here or as max")

    def filter_pass(self, name: str, memo: Remembering) -> FilterPass:
        what = f"{name} score"
        least = at_least(f"min_{name}", what, value_of, self.min, f"scores.{name}.min")
        most = at_most(f"max_{name}", what, value_of, self.max, f"scores.{name}.max")
        return FilterPass(model=_scorer(self.model, memo), rules=least + most)


def at_least(
    name: str, what: str, read: Callable[[Any], float], threshold: float | None, key: str = ""
) -> tuple[Rule, ...]:
    """The rule, or nothing where `threshold` is None: the rule is off. `key` is its setting, if not `name`."""
    return _rules(name, what, read, threshold, key, is_minimum=True)


def at_most(
    name: str, what: str, read: Callable[[Any], float], threshold: float | None, key: str = ""
) -> tuple[Rule, ...]:
    """Like `at_least`."""
    return _rules(name, what, read, threshold, key, is_minimum=False)


def _rules(
    name: str, what: str, read: Callable[[Any], float], threshold: float | None, key: str, *, is_minimum: bool
) -> tuple[Rule, ...]:
    if threshold is None:
        return ()
    key = f"filtering.{key or name}"
    return (Rule(name=name, key=key, what=what, read=read, threshold=threshold, is_minimum=is_minimum),)


def value_of(score: Score) -> float:
    return score.value


def _scorer(model: Scorer | Comparing, memo: Remembering) -> Scorer:
    if hasattr(model, "prepared"):
        return cast("Comparing", model).prepared(memo)
    return model
