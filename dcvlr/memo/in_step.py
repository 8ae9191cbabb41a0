"""Pictures with their signals, in order: what most of a rerun is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from dcvlr.protocols import HasId, Signals
from dcvlr.records import Failure

T = TypeVar("T", bound=HasId)

_BLOCK = 256  # pictures whose signals are in memory at a time

Columns = list[Sequence[Any | Failure]]
"""For each of some models its signals of the pictures of a block."""


def with_signals(images: Iterable[T], signals: Sequence[Signals[Any]]) -> Iterator[tuple[list[T], Columns]]:
    """Pictures, some at a time, and what each model measured on them."""
    rest = iter(images)
    while block := list(islice(rest, _BLOCK)):
        ids = [image.id for image in block]
        yield block, [of_model.many(ids) for of_model in signals]
