"""Does a forecast from a sample of pictures hold what the whole run gives?

    python bench/forecast.py IMAGES_DIR [OUTPUT_DIR [SPLITS [SAMPLE]]]

Everything is measured once into OUTPUT_DIR; then each split takes a sample by a seed of its own, from what is stored,
and forecasts the rest. A 90 % interval should hold the outcome in at least 85 of 100 splits.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from dcvlr.config import build, compose
from dcvlr.execution.workers import Worker
from dcvlr.pipeline import Plan, execute
from dcvlr.rundir.progress import NoProgress
from dcvlr.runs.forecast import Interval
from dcvlr.runs.sample import carry_out, forecast, sample_of


def main(images_dir: str, output_dir: str = "", splits: str = "100", sample: str = "32") -> None:
    folder = output_dir or mkdtemp(prefix="dcvlr-forecast-")
    plan = build(compose([f"images_dir='{images_dir}'", f"output_dir='{folder}'", "report=none"]))
    execute(plan, Worker(), NoProgress())
    outcome = json.loads((Path(folder) / "pipeline_results.json").read_bytes())
    held: Counter[str] = Counter()
    widths: defaultdict[str, list[float]] = defaultdict(list)
    logging.disable(logging.WARNING)
    for seed in range(int(splits)):
        for name, interval in intervals(plan, int(sample), seed).items():
            held[name] += interval.low <= actual(outcome, name) <= interval.high
            widths[name].append((interval.high - interval.low) / max(1, actual(outcome, name)))
    print(f"{plan.source.count()} files, samples of {sample}, {splits} splits")
    print("| count | outcome | held | mean width of the interval |\n|---|---|---|---|")
    for name, shares in widths.items():
        width = sum(shares) / len(shares)
        print(f"| {name} | {actual(outcome, name)} | {held[name]} of {splits} | {100 * width:.0f} % |")


def intervals(plan: Plan, sample: int, seed: int) -> dict[str, Interval]:
    source: Any = plan.source
    part = sample_of(replace(plan, source=replace(source, seed=seed)), sample, with_paid=False)
    found = {}
    for row in forecast(carry_out(part, plan.source.count())):
        found |= {f"bins.{bin_}": one for bin_, one in row.bins.items()}
        if not row.bins:
            found[plan.stages[row.name].result] = row.total
    return found


def actual(outcome: dict[str, Any], name: str) -> int:
    key, _, bin_ = name.partition(".")
    value = outcome[key]
    return int(value[bin_] if bin_ else value)


if __name__ == "__main__":
    main(*sys.argv[1:])
