"""`dcvlr plan <overrides>`: what a run would do and what it still lacks, before anything is loaded, sent or written."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dcvlr.cli.command_words import key_values
from dcvlr.config import build, compose, plain
from dcvlr.pipeline import Plan
from dcvlr.runs.differences import changed_settings, saved_config
from dcvlr.runs.outlook import Outlook, last_results, look_ahead
from dcvlr.runs.rehearsal import Rehearsal


def main(arguments: Sequence[str]) -> int:
    """Print the plan of the run that these overrides make; the same text as dry_run=true."""
    says = "What a run would do; nothing is done."
    cfg = compose(key_values("dcvlr plan", says, arguments, of="as for the run itself"))
    plan = build(cfg)
    plan.check()
    print_plan(plan, plain(cfg))
    return 0


def print_plan(plan: Plan, config: Mapping[str, Any]) -> None:
    """Print what `plan`, made of `config`, would do."""
    package, silent = logging.getLogger("dcvlr"), logging.NullHandler()
    package.addHandler(silent)  # stages warn of what is not there yet
    try:
        outlook = look_ahead(plan)
    finally:
        package.removeHandler(silent)
    for line in _lines(plan, config, outlook):
        print(line)


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
    yield "nothing was computed, sent or written"


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
    changed = list(changed_settings(saved_config(plan.run_dir), config))
    yield f"settings that differ from it: {len(changed)}"
    yield from (f"  {key}: {old!r} -> {new!r}" for key, old, new in changed)
