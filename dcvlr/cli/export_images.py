"""`python -m dcvlr.export_images`: named datasets of the hub as folders of pictures that `source=folder` reads."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

from dcvlr.cli.command_words import console_for_tables, key_values, request
from dcvlr.config import compose, make
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.execution.workers import Worker
from dcvlr.metadata.download_lines import DownloadNote
from dcvlr.settings import SettingError, checked, did_you_mean
from dcvlr.settings.typed import quoted
from dcvlr.source.huggingface.huggingface import HuggingFace
from dcvlr.source.huggingface.repository import repository_bytes
from dcvlr.source.huggingface.stored_rows import UnreachableError

NAMED = ("chartqa", "scienceqa", "infovqa", "geo170k", "open_r1", "mathv360k", "walton")
_WIDTH = 160  # of lines in a pipe or a log file
_NOT_HERE = {"folder", "num_images", "seed", "digest"}
_USAGE = f"""\
python -m dcvlr.export_images datasets=[chartqa,scienceqa] output_dir=data max_rows=100

Writes <output_dir>/<org__name>/train/<picture> with metadata.jsonl beside; the same command goes on where a killed one
was. Then: python -m dcvlr images_dir=<output_dir>

Without any word it lists the datasets and their sizes and fetches nothing.

datasets    of {", ".join(NAMED)}; all: every one of them; or huggingface with dataset=<org/name or folder>
output_dir  default outputs/images
dry_run     true: check the datasets and count rows, write nothing
any setting of conf/source/huggingface.yaml, for all of them: max_rows=100 streaming=true split=validation
"""


@dataclass(frozen=True, kw_only=True)
@checked
class DownloadRequest:
    """What a command line asks for, but for the settings of the source itself."""

    datasets: tuple[str, ...] | str
    output_dir: str = "outputs/images"
    dry_run: bool = False

    def __post_init__(self) -> None:
        known = (*NAMED, "huggingface")
        if not self.names or set(self.names) - set(known):
            allowed = f"names of {', '.join(known)} are allowed, as datasets=[chartqa,walton], or datasets=all"
            raise SettingError("datasets", self.datasets, allowed)

    @property
    def names(self) -> list[str]:
        if self.datasets == "all":
            return list(NAMED)
        words = re.split(r"[\s,]+", self.datasets) if isinstance(self.datasets, str) else self.datasets
        return [name for name in dict.fromkeys(words) if name]


@dataclass(frozen=True)
class DatasetOutcome:
    """What became of one dataset: a note, the count of rows where nothing was written, or an error."""

    name: str
    source: HuggingFace | None = None
    note: DownloadNote | None = None
    rows: int | None = None
    error: DcvlrError | OSError | None = None


def main(arguments: Sequence[str]) -> int:
    """Download and print the table; 1 where a picture was lost or not reached this time, 2 for a wrong setting."""
    words = key_values("python -m dcvlr.export_images", _USAGE, arguments, of="as above")
    if not words:
        _print_datasets()
        return 0
    from rich.console import Console

    from dcvlr.rundir.logs import logging_to

    wanted, settings = parse(words)
    with logging_to(None, worker=Worker(), verbose=False, console=Console(stderr=True)):
        outcomes = [_download(name, settings, dry_run=wanted.dry_run) for name in wanted.names]
    _print_table(outcomes)
    return max(map(_exit_code, outcomes))


def parse(words: Sequence[str]) -> tuple[DownloadRequest, list[str]]:
    """The request, and the overrides that hold for every dataset. Raises `ConfigError` for a word that is neither."""
    own = {field.name for field in fields(DownloadRequest)}
    of_source = {field.name for field in fields(HuggingFace)} - _NOT_HERE
    others = [word for word in words if word.partition("=")[0] not in own]
    for word in others:
        key, equals, _ = word.partition("=")
        if not equals or key not in of_source:
            known = sorted(own | of_source)
            raise ConfigError(
                f"{word!r}: <key>=<value> is allowed, with a key of {', '.join(known)}{did_you_mean(key, known)}"
            )
    own_words = [word for word in words if word not in others]
    if not any(word.startswith("datasets=") for word in own_words):
        raise ConfigError(f"datasets is not set: names of {', '.join(NAMED)}, as datasets=[chartqa,walton], or all")
    wanted = request(DownloadRequest, own_words)
    return wanted, [*(f"source.{word}" for word in others), quoted("source.folder", wanted.output_dir)]


def _download(name: str, overrides: Sequence[str], *, dry_run: bool) -> DatasetOutcome:
    """One dataset; what is wrong with it is its own outcome, so that the others go on."""
    source: HuggingFace = make(compose([f"source={name}", *overrides]), "source")
    try:
        source.check_ready()
        if dry_run:
            return DatasetOutcome(name, source, rows=source.count())
        return DatasetOutcome(name, source, note=source.download())
    except (DcvlrError, OSError) as error:
        return DatasetOutcome(name, source, error=error)


def _exit_code(outcome: DatasetOutcome) -> int:
    if isinstance(outcome.error, ConfigError) and not isinstance(outcome.error, UnreachableError):
        return 2
    return 1 if outcome.error is not None or (outcome.note is not None and outcome.note.lost) else 0


def _print_datasets() -> None:
    """What may be asked for, and how much the hub has of it."""
    from rich.table import Table

    sources: list[HuggingFace] = [make(compose([f"source={name}"]), "source") for name in NAMED]
    with ThreadPoolExecutor(len(sources)) as threads:
        sizes = threads.map(lambda source: repository_bytes(source.dataset or "", source.dataset_revision), sources)
        table = Table("dataset", "repository", "split", "size")
        for name, source, size in zip(NAMED, sources, sizes, strict=True):
            table.add_row(name, source.dataset, source.split, _shown(size))
    console_for_tables(_WIDTH).print(table)
    print(
        "datasets=[chartqa,walton] fetches those, datasets=all every one, max_rows=100 the first rows alone; see --help"
    )


def _shown(size: int | None) -> str:
    if size is None:
        return "the hub does not say"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _print_table(outcomes: Sequence[DatasetOutcome]) -> None:
    from rich.table import Table

    titles = ("dataset", "split", "rows", "pictures", "no image", "lost", "broken", "questions", "answers", "licence")
    table = Table(*titles)
    for outcome in outcomes:
        if outcome.source and outcome.note:
            table.add_row(outcome.name, outcome.source.split, *_counts(outcome.note))
        elif outcome.source and outcome.rows is not None:
            table.add_row(outcome.name, outcome.source.split, str(outcome.rows or "unknown"))
    if table.row_count:
        console_for_tables(_WIDTH).print(table)
    for outcome in outcomes:
        for line in [str(outcome.error)] if outcome.error is not None else _losses(outcome.note):
            print(f"dcvlr: {outcome.name}: {line}", file=sys.stderr)


def _losses(note: DownloadNote | None) -> Iterator[str]:
    for passing, what in ((True, "could not be fetched this time"), (False, "are lost")):
        if note is not None and (lost := [one for one in note.lost if one.passing == passing]):
            advice = ": run the same command again" if passing else ""
            yield f"{len(lost)} pictures {what}, first {lost[0].value!r} ({lost[0].message}){advice}"


def _counts(note: DownloadNote) -> list[str]:
    counts = (note.rows, note.pictures, note.without_image, len(note.lost), note.broken, note.questions, note.answers)
    return [*map(str, counts), ", ".join(note.licences) or "not stated"]
