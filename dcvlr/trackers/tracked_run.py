"""What a finished run tells a tracker of experiments: its settings and its numbers, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """`name` is that of the run directory; `metrics` are such as `validated_qa`, `bins/A` and `seconds/filtering`."""

    name: str
    settings: Mapping[str, str]
    metrics: Mapping[str, float]


class Tracker(Protocol):
    """Hands a finished run to a program that compares runs, by that program's own client."""

    def check_ready(self) -> None: ...
    def __call__(self, run: TrackedRun) -> None: ...


def metrics_of(**numbers: Mapping[str, Any]) -> dict[str, float]:
    """Every number in these mappings, its name made of the keys on the way; `results` are named by themselves."""
    results = numbers.pop("results", {})
    return dict([*_flat("", results), *_flat("", numbers)])


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}/", value)
        elif isinstance(value, int | float):
            yield prefix + name, float(value)
