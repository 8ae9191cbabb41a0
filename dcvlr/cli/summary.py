"""What a person reads at the end of a run, or of a dry run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dcvlr.pipeline import DATASET, Plan, Run
from dcvlr.records import Qa
from dcvlr.records.printable import printable
from dcvlr.rundir.files import JsonLines
from dcvlr.rundir.losses import made_nothing, what_took_most

_EXAMPLES = 3


def print_summary(run: Run, console: Console) -> None:
    """Counts per stage and bin, an example question of each of three pictures, and where the files are."""
    table = Table("stage", "kept", "seconds")
    for name, stage in run.plan.stages.items():
        table.add_row(name, _count(run.results[stage.result]), f"{run.seconds[name]:.1f}")
    console.print(table)
    if run.plan.makes_dataset:
        _print_dataset(JsonLines(run.plan.run_dir / DATASET, Qa), list(run.results["bins"]), console)
    console.print(f"results: {escape(str(run.plan.run_dir))}", soft_wrap=True)
    if made_nothing(run.results):
        message = f"nothing was made: {what_took_most(run.plan.run_dir)}"
        console.print(message, style="bold", markup=False, highlight=False, soft_wrap=True)
    if run.unmeasured:
        console.print(
            f"[bold]{run.unmeasured} records could not be measured this time[/bold] (see rejected.jsonl, verdict "
            "unmeasured): run the same command again",
            soft_wrap=True,
        )


def _count(value: object) -> str:
    return "  ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else str(value)


def _print_dataset(dataset: JsonLines[Qa], bins: Sequence[str], console: Console) -> None:
    by_bin = dict.fromkeys(bins, 0)
    best: dict[tuple[str, str], Qa] = {}
    for qa in dataset:
        by_bin[qa.bin] += 1
        family = (qa.bin, qa.generator)
        if family not in best or len(qa.evidence) > len(best[family].evidence):
            best[family] = qa
    console.print(f"dataset: {len(dataset)} questions, by bin {_count(by_bin)}")
    for qa in _examples(list(best.values()), bins):
        console.print()
        for line in (f"[{qa.bin}] {qa.image}", f"Q: {qa.question}", *_options(qa), f"A: {qa.answer}", qa.reasoning):
            console.print(escape(printable(line)), soft_wrap=True, highlight=False)
    console.print(f"\nfile: {escape(str(dataset.path))}", soft_wrap=True)


def _examples(qas: Sequence[Qa], bins: Sequence[str]) -> list[Qa]:
    """Three that rest on much evidence, of as many bins as there are."""
    richest = sorted(qas, key=lambda qa: (-len(qa.evidence), qa.id))
    firsts = [qa for name in bins for qa in [next((qa for qa in richest if qa.bin == name), None)] if qa is not None]
    return [*firsts, *(qa for qa in richest if qa not in firsts)][:_EXAMPLES]


def _options(qa: Qa) -> list[str]:
    return [f"   {chr(65 + i)}. {option}" for i, option in enumerate(qa.options or ())]


def print_plan(plan: Plan, console: Console) -> None:
    """What a run would do: its source, stages, models and where it would write."""
    console.print(f"source: {plan.source.count()} files in {escape(plan.source.location)}", soft_wrap=True)
    for name, stage in plan.stages.items():
        console.print(f"stage {name}: {type(stage).__name__}")
        for field_name, value in vars(stage).items():
            for model in _models(value):
                console.print(f"  {field_name}: {escape(repr(model))}", soft_wrap=True, highlight=False)
    for name, exporter in plan.exporters.items():
        console.print(f"export {name}: {type(exporter).__name__}")
    console.print(f"processes: {plan.runtime.num_processes}")
    console.print(f"would write: {escape(str(plan.run_dir))}", soft_wrap=True)
    console.print("dry run: nothing was computed or written")


def _models(value: object) -> list[object]:
    if isinstance(value, dict):
        return [model for item in value.values() for model in _models(item)]
    return [value] if callable(value) or hasattr(value, "derive") or hasattr(value, "answers") else []
