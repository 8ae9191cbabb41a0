"""`dcvlr diff RUN_A RUN_B`: settings that differ, and records gained, lost and changed with the rule behind each."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from msgspec.structs import asdict

from dcvlr.cli.command_words import command_parser
from dcvlr.rundir.reader import RunDirectory
from dcvlr.rundir.record_list import RecordList
from dcvlr.runs.differences import RecordDifference, differences
from dcvlr.runs.in_words import shortened
from dcvlr.settings.changed import changed_settings

_SHOWN = 5


def main(arguments: Sequence[str]) -> int:
    """Print what differs; 0 also where something does, since that is no failure."""
    request = _parser().parse_args(arguments)
    old, new = RunDirectory(request.old), RunDirectory(request.new)
    changed = list(changed_settings(old.config, new.config))
    found = differences(old, new)
    if request.json:
        rows = [{"key": key, "old": a, "new": b} for key, a, b in changed]
        print(json.dumps({"settings": rows, "records": [asdict(one) for one in found]}, ensure_ascii=False, indent=2))
        return 0
    print(f"settings that differ: {len(changed)}")
    for key, a, b in changed:
        print(f"  {key}: {a!r} -> {b!r}" if request.all else f"  {key}: {shortened(a)} -> {shortened(b)}")
    _print_groups(found, None if request.all else _SHOWN)
    return 0


def _print_groups(found: Iterable[RecordDifference], limit: int | None) -> None:
    groups: defaultdict[tuple[str, str, str], RecordList[RecordDifference]]
    groups = defaultdict(partial(RecordList, RecordDifference))
    for one in found:
        groups[one.kind, one.change, one.cause].append(one)
    if not groups:
        print("records: the same pictures and questions in both")
    for (kind, change, cause), members in groups.items():
        print(f"{kind}s {change}: {len(members)} ({cause})")
        for one in islice(members, limit):
            print(f"  {one.id}  {one.title}\n      {one.reason}")
        if limit is not None and len(members) > limit:
            print(f"  … {len(members) - limit} more: --all shows them")


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr diff", "What differs between two runs, and why.")
    parser.add_argument("old", metavar="RUN_A", type=Path, help="an output_dir, or a job's folder of a sweep")
    parser.add_argument("new", metavar="RUN_B", type=Path, help="the run that records are gained or lost in")
    parser.add_argument("--all", action="store_true", help=f"whole values and every record, not {_SHOWN} per rule")
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    return parser
