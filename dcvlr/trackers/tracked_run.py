"""What a finished run tells a tracker of experiments: its settings and its numbers, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dcvlr.errors import DcvlrError, first_line
from dcvlr.settings.changed import flat


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


def hand_over(run: TrackedRun, trackers: Mapping[str, Tracker], run_dir: Path) -> None:
    """Give the finished run in `run_dir` to each. Raises `DcvlrError` for one that takes nothing; the results stay."""
    for name, tracker in trackers.items():
        try:
            tracker(run)
        except Exception as error:  # each client has errors of its own
            raise DcvlrError(
                f"trackers={name}: {type(error).__name__}: {first_line(error)}; the results are whole in "
                f"{run_dir}: mend it and run the same command again"
            ) from error


def metrics_of(**numbers: Mapping[str, Any]) -> dict[str, float]:
    """Every number in these mappings, its name made of the keys on the way; `results` are named by themselves."""
    named = {**numbers.pop("results", {}), **numbers}
    return {name: float(value) for name, value in flat(named, "/") if isinstance(value, int | float)}
