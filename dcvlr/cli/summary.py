"""What a person reads at the end of a run, or of a dry run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dcvlr.pipeline import Run
from dcvlr.records import Qa
from dcvlr.records.printable import printable
from dcvlr.rundir.belonging import DATASET, LEDGER, REPORT
from dcvlr.rundir.files import JsonLines
from dcvlr.rundir.ledger import Flow
from dcvlr.text.letters import option_lines

_EXAMPLES = 3


def print_summary(run: Run, console: Console, *, with_examples: bool) -> None:
    """Counts per stage and bin, `with_examples` also questions of three pictures, and where the files are.

    What makes the run end with a code other than 0 is said by the error alone.
    """
    table = Table("stage", "in", "kept", "lost, each once", "seconds")
    for name, flow in run.flow.items():
        kept = run.results[run.plan.stages[name].result] if name in run.plan.stages else flow.kept
        table.add_row(name, str(flow.received), _count(kept), _lost(flow), f"{run.seconds[name]:.1f}")
    console.print(table)
    if any(flow.losses for flow in run.flow.values()):
        console.print(f"why, with every value: {escape(str(run.plan.run_dir / LEDGER))}", soft_wrap=True)
    if run.plan.makes_dataset and with_examples:
        _print_dataset(JsonLines(run.plan.run_dir / DATASET, Qa), list(run.results["bins"]), console)
    page = "" if run.plan.report == "none" else f", to look at: {escape(str(run.plan.run_dir / REPORT))}"
    console.print(f"results: {escape(str(run.plan.run_dir))}{page}", soft_wrap=True)


def _lost(flow: Flow) -> str:
    parts = [f"{reason} {count}" for reason, count in flow.losses.items()]
    return ", ".join([*parts, *([f"unmeasured {flow.unmeasured}"] if flow.unmeasured else [])]) or "–"


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
        for line in (
            f"[{qa.bin}] {' and '.join(image.path for image in qa.pictures)}",
            f"Q: {qa.question}",
            *(f"   {line}" for line in option_lines(qa.options)),
            f"A: {qa.answer}",
            qa.reasoning,
        ):
            console.print(escape(printable(line)), soft_wrap=True, highlight=False)
    console.print(f"\nfile: {escape(str(dataset.path))}", soft_wrap=True)


def _examples(qas: Sequence[Qa], bins: Sequence[str]) -> list[Qa]:
    """Three that rest on much evidence, of as many bins as there are."""
    richest = sorted(qas, key=lambda qa: (-len(qa.evidence), qa.id))
    firsts = [qa for name in bins for qa in [next((qa for qa in richest if qa.bin == name), None)] if qa is not None]
    return [*firsts, *(qa for qa in richest if qa not in firsts)][:_EXAMPLES]
