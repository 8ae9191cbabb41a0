"""Why a model has no signal for an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from dcvlr.records.base import Record
from dcvlr.records.findings import Finding

FailureKind = Literal[
    "decode",
    "too_large",
    "refused",
    "missing",
    "io",
    "changed",
    "package",
    "oom",
    "model",
    "timeout",
    "rate_limited",
    "server",
]
REMEMBERED_FAILURES: frozenset[FailureKind] = frozenset({"decode", "too_large", "refused"})


class Failure(Record, frozen=True, omit_defaults=True):
    """Why a model has no signal for an item.

    `decode` and `too_large` are facts about the picture, `refused` about a request that a server will not answer:
    these are remembered; every other kind may pass (`package` once it is installed) and is tried again by the next run.
    Tokens are those of a reply that a server counted and nobody can use.
    """

    kind: FailureKind
    message: str
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def remembered(self) -> bool:
        return self.kind in REMEMBERED_FAILURES

    def as_finding(self, name: str) -> Finding:
        """What the ledger says of it, under the name of what could not be measured."""
        return Finding(name=name, passed=False, value=self.kind, reason=self.message)

    @property
    def was_paid(self) -> bool:
        """Whether it is what a request came to, and cost: the same one costs the same again."""
        return self.remembered and bool(self.prompt_tokens or self.completion_tokens)


def first_failure(signals: Iterable[Any]) -> Failure | None:
    """The first of several models' signals that is none."""
    for signal in signals:
        if type(signal) is Failure:  # `isinstance` takes five times as long, and every signal is asked
            return signal
    return None


def first_failures(columns: Sequence[Sequence[Any]]) -> list[Failure | None]:
    """The same for many items, of which each model has a column."""
    if not any(Failure in set(map(type, column)) for column in columns):  # a tenth of a look at each item
        return [None] * len(columns[0])
    return list(map(first_failure, zip(*columns, strict=True)))
