"""How far one worker is, as it leaves it in the run directory for those who follow the run."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from dcvlr.records.base import Record

WorkerEnd = Literal["finished", "interrupted", "failed"]


class ModelProgress(Record, frozen=True):
    """One model of one run: items this run asked for and has, also by other workers; `known` were there before.

    `counts` are `computed` and `failed.<kind>` items, `prompt_tokens`, `completion_tokens` and `cost`, all of this
    worker alone.
    """

    total: int = 0
    done: int = 0
    known: int = 0
    seconds: float = 0.0
    running: bool = False
    counts: dict[str, float] = field(default_factory=dict)


class StageProgress(Record, frozen=True):
    """Records that a stage was handed and, once it has ended, let through."""

    records: int
    kept: int | None = None


class WorkerStatus(Record, frozen=True):
    """`process` is that of `dcvlr.rundir.processes`; times are seconds since 1970 by the worker's own clock."""

    process: str
    host: str
    rank: int
    size: int
    started: float
    updated: float
    stage: str | None = None
    end: WorkerEnd | None = None
    reason: str = ""
    stages: dict[str, StageProgress] = field(default_factory=dict)
    models: dict[str, ModelProgress] = field(default_factory=dict)
