"""`dcvlr plan <overrides> [sample=32]`: what a run would do and lacks, and from a sample what will come of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dcvlr.cli.command_words import key_values, request
from dcvlr.config import build, compose, plain
from dcvlr.errors import ConfigError
from dcvlr.execution.workers import this_worker
from dcvlr.pipeline import Plan
from dcvlr.rundir.reader import kept_config
from dcvlr.runs.forecast_lines import forecast_lines
from dcvlr.runs.in_words import shortened
from dcvlr.runs.outlook import Outlook, last_results, look_ahead
from dcvlr.runs.rehearsal import Rehearsal
from dcvlr.runs.sample import carry_out, first_paid, sample_of
from dcvlr.settings import Count, checked
from dcvlr.settings.changed import changed_settings

_SHOWN = 16  # settings that differ from those of the last run
_OF_THE_COMMAND = ("sample=", "sample_paid=")


@dataclass(frozen=True, kw_only=True)
@checked
class _Sampling:
    """How many files are measured for a forecast, and whether servers that cost money are asked about them."""

    sample: Count | None = None
    sample_paid: bool = False


def main(arguments: Sequence[str]) -> int:
    """Print the plan of the run that these overrides make; the same text as dry_run=true."""
    says = (
        "What a run would do; nothing is done. With sample=32 so many files are measured (and never again), which\n"
        "says how much will come of all of them; servers that cost money are asked with sample_paid=true alone."
    )
    words = key_values("dcvlr plan", says, arguments, of="as for the run itself; sample=<files>, sample_paid=true")
    sampling = request(_Sampling, [word for word in words if word.startswith(_OF_THE_COMMAND)])
    cfg = compose([word for word in words if not word.startswith(_OF_THE_COMMAND)])
    plan = build(cfg)
    plan.check()
    lines = [] if sampling.sample is None else _measure(plan, sampling.sample, with_paid=sampling.sample_paid)
    print_plan(plan, plain(cfg), lines)
    return 0


def print_plan(plan: Plan, config: Mapping[str, Any], forecast: Sequence[str] = ()) -> None:
    """Print what `plan`, made of `config`, would do, and a `forecast` where one was made."""
    with _silent():
        outlook = look_ahead(plan)
    for line in _lines(plan, config, outlook):
        print(line)
    for line in forecast:
        print(line)
    ending = "nothing but the sample was measured, no results were written"
    print(ending if forecast else "nothing was computed, sent or written")


def _measure(plan: Plan, files: int, *, with_paid: bool) -> list[str]:
    """Say what measuring the sample costs, measure it, and give the lines of the forecast."""
    if this_worker(os.environ).size > 1:
        raise ConfigError("sample is for one process: leave the launcher out")
    part = sample_of(plan, files, with_paid=with_paid)
    with _silent():
        before = look_ahead(part)
    print(f"sample: {before.files} of {plan.source.count()} files; measuring it costs:")
    for line in (*_sample_costs(before), *_left_out(plan, with_paid)):
        print(f"  {line}", flush=True)
    with _silent():
        outcome = carry_out(part, plan.source.count())
        return list(forecast_lines(outcome, look_ahead(part), look_ahead(plan)))


def _sample_costs(outlook: Outlook) -> Iterator[str]:
    missing = [f"{model.name} {_missing(model.missing, model.most)}" for model in outlook.models if model.most]
    yield ", ".join(missing) or "nothing, all is stored"
    if outlook.requests:
        yield (
            f"{outlook.requests} requests or more, about {outlook.tokens_in} tokens in, at most {outlook.tokens_out} "
            "out for those that can be built by now"
        )


def _left_out(plan: Plan, with_paid: bool) -> Iterator[str]:
    name = first_paid(plan)
    if name is not None and not with_paid:
        yield f"{name} and what follows it are left out, since a server asks for a key or money: sample_paid=true"


@contextmanager
def _silent() -> Iterator[None]:
    """Stages warn of what is not there yet, and models say how many they computed."""
    package, silent = logging.getLogger("dcvlr"), logging.NullHandler()
    package.addHandler(silent)
    try:
        yield
    finally:
        package.removeHandler(silent)


def _lines(plan: Plan, config: Mapping[str, Any], outlook: Outlook) -> Iterator[str]:
    yield f"source: {outlook.files} files in {plan.source.location}"
    yield from (f"  {dataset}: {count}" for dataset, count in outlook.datasets.items())
    if outlook.unread:
        yield f"  {outlook.unread} of them were never read: what models measured of them is not known"
    for stage in outlook.stages:
        waiting = f", {stage.waiting} wait for a model" if stage.waiting else ""
        yield (
            f"{stage.name}: {stage.records} in, {stage.kept} out{waiting}"
            if outlook.files > outlook.unread
            else stage.name
        )
        for model in outlook.models:
            if model.stage == stage.name:
                weights = f"; weights {model.weights}" if model.weights else ""
                yield f"  {model.name}: {model.stored} stored, {_missing(model.missing, model.most)}{weights}"
    if outlook.requests:
        yield (
            f"requests: {outlook.requests} can be built from what is measured, about {outlook.tokens_in} tokens in, "
            f"at most {outlook.tokens_out} out"
        )
    if outlook.rehearsal is not None:
        yield from _costs(outlook.rehearsal)
    yield from (f"export {name}: {type(exporter).__name__}" for name, exporter in plan.exporters.items())
    yield from _against_the_last(plan, config)
    yield f"runtime: {plan.runtime}"
    yield f"would write: {plan.run_dir}"


def _costs(rehearsal: Rehearsal) -> Iterator[str]:
    """What the whole run would cost, as far as its pictures are measured; of several samples each is a reply."""
    scale = rehearsal.of / rehearsal.pictures
    questions = round(scale * rehearsal.questions)
    yield (
        f"language models, were nothing stored and did every question pass, from {rehearsal.pictures} of "
        f"{rehearsal.of} pictures: {questions} questions"
    )
    for role, cost in (*rehearsal.costs.items(), ("all", rehearsal.all)):
        yield (
            f"  {role}: {round(scale * cost.requests)} requests, about {round(scale * cost.tokens_in)} tokens in "
            f"({round(scale * cost.tokens_once)} with what requests begin with alike read once), at most "
            f"{round(scale * cost.tokens_out)} out"
        )


def _missing(least: int, most: int) -> str:
    return f"{least} missing" if least == most else f"{least} to {most} missing"


def _against_the_last(plan: Plan, config: Mapping[str, Any]) -> Iterator[str]:
    results = last_results(plan.run_dir)
    if results is None:
        return
    yield f"last run there: {', '.join(f'{name} {count}' for name, count in results.items())}"
    changed = list(changed_settings(kept_config(plan.run_dir), config))
    yield f"settings that differ from it: {len(changed)}"
    yield from (f"  {key}: {shortened(old)} -> {shortened(new)}" for key, old, new in changed[:_SHOWN])
    if len(changed) > _SHOWN:
        yield f"  and {len(changed) - _SHOWN} more"
