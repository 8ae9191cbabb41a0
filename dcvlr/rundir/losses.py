"""A run that made nothing: what left out most of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcvlr.records import LedgerEntry
from dcvlr.records.printable import one_line
from dcvlr.rundir.belonging import LEDGER
from dcvlr.rundir.files import JsonLines

_NO_PICTURE = "passed_over"


def made_nothing(counts: Mapping[str, Any]) -> bool:
    """Whether the last stage let nothing through; `counts` are those of pipeline_results.json, in order of stages."""
    last = list(counts.values())[-1:]
    return [sum(count.values()) if isinstance(count, dict) else count for count in last] == [0]


def what_took_most(run_dir: Path) -> str:
    """The stage and the rule, or the failure, that most entries of the run's ledger name, with an example.

    Files that are no pictures take nothing from anybody: they are named only where nothing else was left out.
    """
    taken: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], str] = {}
    for entry in JsonLines(run_dir / LEDGER, LedgerEntry):
        for reason in entry.reasons:
            key = (entry.stage, entry.verdict, reason)
            taken[key] += 1
            if key not in examples:
                examples[key] = next((f.reason for f in entry.findings if f.name == reason and f.reason), "")
    if not taken:
        return "no record was left out, there was nothing to make it from"
    (stage, verdict, reason), count = max(taken.items(), key=lambda item: (item[0][2] != _NO_PICTURE, item[1]))
    example = examples[stage, verdict, reason]
    words = f"{stage} left out most, {count} records were {verdict} for {reason!r}"
    return words + (f", for example: {one_line(example)}" if example else "")
