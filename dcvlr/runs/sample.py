"""A forecast of a run: its stages over a sample of its files, measured for good, and what follows for all of them."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.execution.workers import Worker
from dcvlr.pipeline import Plan, open_run
from dcvlr.protocols import SortsIntoBins, Stage
from dcvlr.records import BinnedImage, Qa
from dcvlr.rundir.files import scratch_folder
from dcvlr.rundir.progress import NoProgress
from dcvlr.runs.forecast import Interval, exactly, lost_to_pairs, share_of_all, sum_over_all
from dcvlr.selection.stage import Selection
from dcvlr.settings.parts import parts
from dcvlr.source.parquet import ParquetRows
from dcvlr.source.webdataset import WebdatasetShards


def sample_of(plan: Plan, files: int, *, with_paid: bool) -> Plan:
    """The same run over `files` of its files, chosen by its seed, without exports and, unless `with_paid`, only up to
    the first stage that asks a server for money. Raises `ConfigError` for a source that does not tell how many it has.
    """
    source: Any = plan.source
    shards = next((part for part in parts(source) if isinstance(part, WebdatasetShards | ParquetRows)), None)
    if shards is not None or not hasattr(source, "num_images"):
        raise ConfigError(
            f"sample={files}: {type(shards or source).__name__} does not tell how many pictures it has, so that a "
            "sample says nothing of all; num_images=<number> makes a small run"
        )
    stages = dict(plan.stages)
    if not with_paid and (first := first_paid(plan)) is not None:
        names = list(stages)
        stages = {name: stages[name] for name in names[: names.index(first)]}
    return replace(
        plan, source=replace(source, num_images=min(files, plan.source.count())), stages=stages, exporters={}
    )


def first_paid(plan: Plan) -> str | None:
    """The first stage with a part that needs a key or has a price."""
    return next((name for name, stage in plan.stages.items() if any(map(_is_paid, parts(stage)))), None)


def _is_paid(part: object) -> bool:
    return any(getattr(part, name, None) for name in ("api_key_env", "input_price", "output_price"))


@dataclass(frozen=True, kw_only=True)
class StageYield:
    """What one stage let through of a sample's pictures: how much of each by id, and how many of each bin.

    `most` is what it lets through at most, whatever comes.
    """

    amounts: Mapping[str, int]
    bins: Mapping[str, int]
    is_of_questions: bool
    most: float


@dataclass(kw_only=True)
class SampleOutcome:
    """`files` of `of` files were looked at; `duplicates` of them went for being like another one.

    `rates` are seconds an item by a model's key, of what was computed now; `spent` are tokens and money of what was
    asked now.
    """

    files: int
    of: int
    duplicates: int = 0
    stages: dict[str, StageYield] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    spent: Mapping[str, float] = field(default_factory=dict)


def carry_out(plan: Plan, of: int) -> SampleOutcome:
    """The stages of a sample `plan`; signals and replies are kept in its checkpoints, results are not."""
    reporter = _Stopwatch()
    run = open_run(plan, Worker(), reporter)
    run.results_dir, run.kept_dir = scratch_folder(run), None
    images = run.images()
    outcome = SampleOutcome(files=plan.source.count(), of=of)
    outcome.duplicates = sum(len(image.copies) for image in images)
    records: Sequence[Any] = images
    for name in plan.stages:
        records = run.stage(name, records)
        outcome.stages[name] = _yield_of(plan.stages[name], records)
        if not outcome.stages[name].is_of_questions:
            outcome.duplicates += run.flow[name].losses.get("duplicate", 0)
    outcome.rates, outcome.spent = reporter.rates, dict(reporter.counted)
    return outcome


def _yield_of(stage: Stage[Any, Any], records: Sequence[Any]) -> StageYield:
    amounts: Counter[str] = Counter()
    bins: Counter[str] = Counter(dict.fromkeys(stage.bin_names, 0) if isinstance(stage, SortsIntoBins) else {})
    for record in records:
        if isinstance(record, BinnedImage):
            amounts[record.image.id] += 1
            bins[record.bin] += 1
        else:
            amounts[record.image_id if isinstance(record, Qa) else record.id] += 1
    most = stage.dataset_size if isinstance(stage, Selection) and stage.dataset_size is not None else math.inf
    return StageYield(amounts=amounts, bins=bins, is_of_questions=stage.gives is Qa, most=most)


@dataclass(frozen=True, kw_only=True)
class StageForecast:
    """What a stage will let through: pictures, by bin where it sorts them, or questions."""

    name: str
    total: Interval
    bins: Mapping[str, Interval]
    is_of_questions: bool


def forecast(sample: SampleOutcome) -> list[StageForecast]:
    """What is to be expected of all files. Near-duplicates are taken into account where the sample tells of them."""
    pairs = lost_to_pairs(sample.duplicates, sample.files, sample.of) or exactly(0)
    rows = []
    for name, outcome in sample.stages.items():
        known = sum(outcome.amounts.values())
        if outcome.is_of_questions:
            values = [*outcome.amounts.values(), *[0] * (sample.files - len(outcome.amounts))]
            total = sum_over_all(values, sample.of)
        else:
            total = share_of_all(known, sample.files, sample.of)
        per_picture = known / max(1, _pictures(sample))
        bins = {
            bin_: share_of_all(count, sample.files, sample.of).less(pairs.times(count / max(1, known)), count)
            for bin_, count in sorted(outcome.bins.items())
        }
        rows.append(
            StageForecast(
                name=name,
                total=total.less(pairs.times(per_picture), known).at_most(outcome.most),
                bins=bins,
                is_of_questions=outcome.is_of_questions,
            )
        )
    return rows


def _pictures(sample: SampleOutcome) -> int:
    """Pictures that the first stage let through."""
    return next((sum(outcome.amounts.values()) for outcome in sample.stages.values()), 0)


class _Stopwatch(NoProgress):
    """Seconds of each model an item, once the first were done: loading it is paid once, not once an item."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[float, int]] = {}
        self._last: dict[str, tuple[float, int]] = {}
        self._begun: dict[str, tuple[float, int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._items: defaultdict[str, int] = defaultdict(int)
        self.counted: defaultdict[str, float] = defaultdict(float)

    def count(self, key: str, what: str, amount: float) -> None:
        self.counted[what] += amount

    def begin(self, key: str, total: int, done: int) -> None:
        self._begun[key] = (time.monotonic(), done)
        self._first.pop(key, None)

    def advance(self, key: str, done: int) -> None:
        self._last[key] = (time.monotonic(), done)
        if done > self._begun[key][1]:
            self._first.setdefault(key, self._last[key])

    def end(self, key: str) -> None:
        start = self._first.get(key)
        if start is None:
            return
        if self._last[key][1] == start[1]:  # all at once
            start = self._begun[key]
        self._seconds[key] += self._last[key][0] - start[0]
        self._items[key] += self._last[key][1] - start[1]

    @property
    def rates(self) -> dict[str, float]:
        return {key: self._seconds[key] / items for key, items in self._items.items() if items}
