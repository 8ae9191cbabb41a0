"""`python -m dcvlr.export_images`: named datasets of the hub as folders of pictures that `source=folder` reads.

Exit codes: 0 all there, 1 something could not be reached this time, 2 a wrong setting, 130 interrupted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.workers import Worker
from dcvlr.metadata.lines import DownloadNote
from dcvlr.source.huggingface.huggingface import HuggingFace
from dcvlr.source.huggingface.rows import UnreachableError

NAMED = ("chartqa", "scienceqa", "infovqa", "geo170k", "open_r1", "mathv360k", "walton")
_NOT_HERE = {"folder", "num_images", "seed", "digest"}
_USAGE = f"""\
python -m dcvlr.export_images datasets=[chartqa,scienceqa] output_dir=data max_rows=100

Writes <output_dir>/<org__name>/train/<picture> with metadata.jsonl beside; the same command goes on where a killed one
was. Then: python -m dcvlr images_dir=<output_dir>

datasets    of {", ".join(NAMED)} (default: all), or huggingface with dataset=<org/name or folder>
output_dir  default outputs/images
dry_run     true: check the datasets and count rows, write nothing
any setting of conf/source/huggingface.yaml, for all of them: max_rows=100 streaming=true split=validation
"""


@dataclass(frozen=True)
class Request:
    """What a command line asks for; `overrides` hold for every dataset."""

    datasets: tuple[str, ...]
    overrides: tuple[str, ...]
    dry_run: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one dataset: a note, the count of rows where nothing was written, or an error."""

    name: str
    source: HuggingFace | None = None
    note: DownloadNote | None = None
    rows: int | None = None
    error: DcvlrError | OSError | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Download and print the table; returns the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if {"-h", "--help"} & set(words):
        print(_USAGE)
        return 0
    from rich.console import Console

    from dcvlr.rundir.logs import logging_to

    try:
        request = parse(words)
        with logging_to(None, worker=Worker(), verbose=False, console=Console(stderr=True)):
            outcomes = [_download(name, request) for name in request.datasets]
    except ConfigError as error:
        print(f"dcvlr: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("dcvlr: interrupted; what was finished is kept: run the same command again to go on", file=sys.stderr)
        return 130
    _print_table(outcomes)
    return max(map(_exit_code, outcomes))


def parse(words: Sequence[str]) -> Request:
    """The request of a command line. Raises `ConfigError` for a word that is not `<key>=<value>`, or an unknown key."""
    known = {field.name for field in fields(HuggingFace)} - _NOT_HERE
    own = {"datasets": f"[{','.join(NAMED)}]", "output_dir": "outputs/images", "dry_run": "false"}
    overrides = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in known | own.keys():
            raise ConfigError(
                f"{word!r}: <key>=<value> is allowed, with a key of {', '.join(sorted(known | own.keys()))}"
            )
        if key in own:
            own[key] = value
        else:
            overrides.append(f"source.{word}")
    if own["dry_run"] not in ("true", "false"):
        raise ConfigError(f"dry_run={own['dry_run']!r}: true or false is allowed")
    overrides += [f"source.folder={_quoted(own['output_dir'])}"]
    return Request(_names(own["datasets"]), tuple(overrides), own["dry_run"] == "true")


def _names(value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for name in re.split(r"[\s,]+", value.strip(" []")) if name))
    allowed = (*NAMED, "huggingface")
    wrong = [name for name in names if name not in allowed]
    if wrong or not names:
        raise ConfigError(
            f"datasets={value!r}: names of {', '.join(allowed)} are allowed, as datasets=[chartqa,walton]"
        )
    return names


def _quoted(value: str) -> str:
    escaped = value.strip("'\"").replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _download(name: str, request: Request) -> Outcome:
    """One dataset; what is wrong with it is its own outcome, so that the others go on."""
    source: HuggingFace = make(compose([f"source={name}", *request.overrides]), "source")
    try:
        source.check_ready()
        if request.dry_run:
            return Outcome(name, source, rows=source.count())
        return Outcome(name, source, note=source.download())
    except (DcvlrError, OSError) as error:
        return Outcome(name, source, error=error)


def _exit_code(outcome: Outcome) -> int:
    if isinstance(outcome.error, ConfigError) and not isinstance(outcome.error, UnreachableError):
        return 2
    return 0 if outcome.error is None and (outcome.note is None or outcome.note.complete) else 1


def _print_table(outcomes: Sequence[Outcome]) -> None:
    from rich.console import Console
    from rich.table import Table

    titles = ("dataset", "split", "rows", "pictures", "no image", "lost", "broken", "questions", "answers", "licence")
    table = Table(*titles)
    for outcome in outcomes:
        if outcome.source and outcome.note:
            table.add_row(outcome.name, outcome.source.split, *_counts(outcome.note))
        elif outcome.source and outcome.rows is not None:
            table.add_row(outcome.name, outcome.source.split, str(outcome.rows or "unknown"))
    console = Console(width=None if sys.stdout.isatty() else 160)
    if table.row_count:
        console.print(table)
    for outcome in outcomes:
        if outcome.error is not None:
            print(f"dcvlr: {outcome.name}: {outcome.error}", file=sys.stderr)
        elif outcome.note is not None and not outcome.note.complete:
            passing = [lost for lost in outcome.note.lost if lost.passing]
            example = f"{passing[0].value!r} ({passing[0].message})"
            print(
                f"dcvlr: {outcome.name}: {len(passing)} pictures could not be fetched this time, first {example}: "
                "run the same command again",
                file=sys.stderr,
            )


def _counts(note: DownloadNote) -> list[str]:
    counts = (note.rows, note.pictures, note.without_image, len(note.lost), note.broken, note.questions, note.answers)
    return [*map(str, counts), ", ".join(note.licences) or "not stated"]


if __name__ == "__main__":
    sys.exit(main())
