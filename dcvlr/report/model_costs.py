"""What a run and all runs in its folder have cost, model by model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from dcvlr.records.status import ModelProgress, WorkerStatus


def model_costs(manifest: Mapping[str, Any], workers: Iterable[WorkerStatus]) -> list[dict[str, Any]]:
    """Of every model that was asked: what was computed now and by all runs, seconds, rate, tokens and money.

    A model that had nothing left to compute has no seconds. `computed` is by all workers of the last run.
    """
    now: defaultdict[str, list[ModelProgress]] = defaultdict(list)
    for worker in workers:
        for key, progress in worker.models.items():
            now[key].append(progress)
    ever = manifest.get("spent", {}).get("models", {})
    keys = dict.fromkeys([*manifest.get("computed", {}), *now])
    return [_row(key, now[key], ever.get(key, {})) for key in keys]


def _row(key: str, parts: Iterable[ModelProgress], ever: Mapping[str, float]) -> dict[str, Any]:
    progress = list(parts)
    counts: defaultdict[str, float] = defaultdict(float)
    for part in progress:
        for what, amount in part.counts.items():
            counts[what] += amount
    seconds = max((part.seconds for part in progress), default=0.0)
    return {
        "name": key.rpartition("-")[0],
        "remembered": max((part.known for part in progress), default=None),
        "computed": counts["computed"],
        "failed": sum(amount for what, amount in counts.items() if what.startswith("failed.")),
        "seconds": seconds,
        "rate": counts["computed"] / seconds if seconds else None,
        "tokens": counts["prompt_tokens"] + counts["completion_tokens"],
        "cost": counts["cost"],
        "ever": dict(ever),
    }
