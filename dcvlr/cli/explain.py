"""`dcvlr explain RUN ID|path|question words`: the life of one picture or question, from file to dataset or ledger."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dcvlr.cli.command_words import command_parser
from dcvlr.errors import ConfigError
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.life import life
from dcvlr.runs.subjects import find

_SHOWN = 10


def main(arguments: Sequence[str]) -> int:
    """Print the life of the one record that is meant; several that may be meant are listed."""
    request = _parser().parse_args(arguments)
    run, words = RunDirectory(request.run), " ".join(request.words)
    subjects = find(run, words)
    if not subjects:
        raise ConfigError(
            f"{words!r}: no picture or question of {str(run.path)!r} has this id, path or these words; ids are in "
            "rejected.jsonl and synthetic_qa_dataset.jsonl"
        )
    if len(subjects) > 1:
        print(f"{len(subjects)} records fit {words!r}; choose one by its id:")
        for subject in subjects[:_SHOWN]:
            print(f"  {subject.id}  {subject.title}  ({subject.path})")
        return 1
    for line in life(run, subjects[0]):
        print(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("dcvlr explain", "The life of one picture or question of a run.")
    parser.add_argument("run", metavar="RUN", type=Path, help="an output_dir, or a job's folder of a sweep")
    parser.add_argument("words", nargs="+", metavar="ID|PATH|WORDS", help="what to explain: id, path or question words")
    return parser
