"""Writes rows as a folder of pictures with their metadata: in parts, so that a killed download goes on where it was."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.metadata.columns import ColumnNames, find_columns
from dcvlr.metadata.download_lines import DownloadNote, Lost, MetadataLine, PartEnd
from dcvlr.rundir.locks import Locks
from dcvlr.source.huggingface.download_folder import PART_ROWS, DownloadFolder
from dcvlr.source.huggingface.repository import Archives, NotThereError, Repository
from dcvlr.source.huggingface.stored_pictures import Reader, own_name, pictures_of, shown
from dcvlr.source.huggingface.stored_rows import RowBatch, Rows
from dcvlr.source.huggingface.web import NotNowError, Web

log = logging.getLogger(__name__)

_CARD = "README.md"
_LEASE_S = 60.0
_LOOK_AGAIN_S = 0.5


@dataclass(frozen=True)
class RowResult:
    """What became of one row: a line per picture, and the pictures that could not be had."""

    lines: list[MetadataLine]
    lost: list[Lost]
    without_image: bool
    broken: int


@dataclass(frozen=True, kw_only=True)
class Download:
    """Of one split; `named` are the user's names of columns, `licence` that of rows that state none of their own."""

    rows: Rows
    layout: DownloadFolder
    named: Mapping[str, str | None]
    archive: str | None
    web: Web
    licence: str | None
    max_rows: int | None
    threads: int
    overwrite: bool

    def run(self) -> DownloadNote:
        """The note of the finished download, whoever wrote it: one process works, others wait for it."""
        before = _attempts(self.layout)
        locks = Locks(_LEASE_S)
        while True:
            note = self.layout.note()
            if note and (note.suffices(self.max_rows) or note.attempts > before) and self._whole(note):
                return note
            if not locks.take(self.layout.lock):
                time.sleep(_LOOK_AGAIN_S)
                continue
            try:
                self.layout.make_room(overwrite=self.overwrite)
                return self._download()
            finally:
                locks.release_all()

    def _whole(self, note: DownloadNote) -> bool:
        """Whether the pictures are still there."""
        return len({line.file_name for line in self.layout.lines() if self.layout.has(line.file_name)}) == note.pictures

    def _download(self) -> DownloadNote:
        start = time.monotonic()
        rows = self.rows.at(self.layout.commit() or self.rows.commit)
        columns = _columns(rows, self.named)
        found = ", ".join(f"{part} {name!r}" for part, name in columns.named().items() if name)
        log.info("%s: columns %s", self.rows.dataset, found)
        self.layout.begin(None if rows.is_folder else rows.revision)
        self.layout.train.mkdir(parents=True, exist_ok=True)
        repository = Repository(rows)
        download = replace(self, rows=rows, licence=self.licence or dataset_licence(repository))
        with (
            closing(self._reader(repository)) as reader,
            ThreadPoolExecutor(self.threads, thread_name_prefix="dcvlr-download") as pool,
        ):
            parts = _Parts(download, columns, reader)
            parts.fill(pool)
        note = parts.note(_attempts(self.layout) + 1)
        self.layout.finish(note, parts.lines())
        log.info(
            "%s: %d pictures of %d rows in %.1f s; %d rows without an image are left out, %d pictures could not be "
            "had, %d look broken",
            *(self.rows.dataset, note.pictures, note.rows, time.monotonic() - start),
            *(note.without_image, len(note.lost), note.broken),
        )
        for lost in note.lost[:1]:
            log.warning("%s: the first that could not be had is %r: %s", self.rows.dataset, lost.value, lost.message)
        return note

    def _reader(self, repository: Repository) -> Reader:
        archives = Archives(repository, self.archive) if self.archive else None
        return Reader(repository=repository, archives=archives, web=self.web)


@dataclass
class _Parts:
    """The parts of one download, in order; those that are there are not made again."""

    download: Download
    columns: ColumnNames
    reader: Reader
    ends: dict[int, PartEnd] = field(default_factory=dict)

    def fill(self, pool: ThreadPoolExecutor) -> None:
        """Make every part that is missing, or whose pictures may be had by now."""
        start, state, stream, position = 0, None, None, -1
        while (wanted := self._wanted(start)) > 0:
            end = self.download.layout.part_end(start)
            if end is None or not _is_good(end, wanted):
                if stream is None or position != start:
                    stream = _Stream(self.download.rows.batches(start, state))
                end = self._make(pool, start, wanted, stream)
                position = start + end.rows
            self.ends[start] = end
            start, state = start + end.rows, end.state
            if end.ended:
                break

    def note(self, attempts: int) -> DownloadNote:
        lines = list(self.lines_briefly())
        return DownloadNote(
            made_from=dict(self.download.layout.made_from),
            commit=self.download.rows.revision if not self.download.rows.is_folder else None,
            attempts=attempts,
            rows=sum(end.rows for end in self.ends.values()),
            ended=any(end.ended for end in self.ends.values()),
            pictures=len({name for name, *_ in lines}),
            without_image=sum(end.without_image for end in self.ends.values()),
            broken=sum(end.broken for end in self.ends.values()),
            questions=sum(asks for _, asks, _, _ in lines),
            answers=sum(answers for _, _, answers, _ in lines),
            licences=tuple(sorted({licence for *_, licence in lines if licence})),
            columns=self.columns.named(),
            lost=tuple(lost for end in self.ends.values() for lost in end.lost),
        )

    def lines(self) -> Iterator[MetadataLine]:
        for start in self.ends:
            yield from self.download.layout.part_lines(start)

    def lines_briefly(self) -> Iterator[tuple[str, bool, bool, str | None]]:
        """File, whether there is a question and an answer to it, licence."""
        for line in self.lines():
            asks = line.question is not None
            yield line.file_name, asks, asks and line.answer is not None, line.licence

    def _wanted(self, start: int) -> int:
        """Rows of the part that begins at row `start`; 0 past the last row that is wanted."""
        return PART_ROWS if self.download.max_rows is None else min(PART_ROWS, self.download.max_rows - start)

    def _make(self, pool: ThreadPoolExecutor, start: int, wanted: int, stream: _Stream) -> PartEnd:
        results: list[RowResult] = []
        while (missing := wanted - len(results)) and (rows := stream.take(missing)):
            indices = range(start + len(results), start + len(results) + len(rows))
            results += pool.map(self._row, indices, rows)
        end = PartEnd(
            rows=len(results),
            ended=stream.ended,
            without_image=sum(result.without_image for result in results),
            broken=sum(result.broken for result in results),
            lost=tuple(lost for result in results for lost in result.lost),
            state=stream.state,
        )
        self.download.layout.write_part(start, [line for result in results for line in result.lines], end)
        return end

    def _row(self, index: int, row: Mapping[str, Any]) -> RowResult:
        values = pictures_of(row.get(self.columns.image))
        line = self.columns.line(
            row,
            index,
            dataset=self.download.layout.dataset,
            split=self.download.rows.split,
            licence=self.download.licence,
        )
        result = RowResult([], [], not values, 0)
        names: dict[str, str | None] = {}
        broken = 0
        for value in values:
            try:
                picture = self.reader.read(value)
            except (NotThereError, NotNowError) as error:
                passing = isinstance(error, NotNowError)
                result.lost.append(Lost(row=index, value=shown(value), message=str(error), passing=passing))
                continue
            name = digest(picture.data) + picture.suffix
            self.download.layout.write_picture(name, picture.data)
            names.setdefault(name, own_name(value))
            broken += picture.broken
        lines = [
            msgspec.structs.replace(line, file_name=name, original=original, pictures=len(values))
            for name, original in names.items()
        ]
        return replace(result, lines=lines, broken=broken)


class _Stream:
    """Rows of batches, some at a time; one batch is read ahead, so that the end is known when it is reached."""

    def __init__(self, batches: Iterator[RowBatch]) -> None:
        self._batches = batches
        self._rest: Sequence[Mapping[str, Any]] = ()
        self._state: Any = None
        self._ahead = next(batches, None)

    def take(self, count: int) -> Sequence[Mapping[str, Any]]:
        """At most `count` rows, and none only at the end."""
        if not self._rest and self._ahead is not None:
            self._rest, self._state = self._ahead.rows, self._ahead.state
            self._ahead = next(self._batches, None)
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    @property
    def ended(self) -> bool:
        return not self._rest and self._ahead is None

    @property
    def state(self) -> Any:
        """Where a stream goes on; None within a batch, where it must be read up to there."""
        return None if self._rest else self._state


def _is_good(end: PartEnd, wanted: int) -> bool:
    """Whether a part has all the rows that are wanted of it, each as good as it will ever be."""
    return (end.rows >= wanted or end.ended) and not any(lost.passing for lost in end.lost)


def _columns(rows: Rows, named: Mapping[str, str | None]) -> ColumnNames:
    first = next(rows.batches(0), None)
    if first is None or not first.rows:
        raise ConfigError(f"source.dataset={rows.dataset!r}: split {rows.split!r} has no rows")
    return find_columns(first.rows, rows.features, named, rows.dataset)


def _attempts(layout: DownloadFolder) -> int:
    note = layout.note()
    return note.attempts if note else 0


def dataset_licence(repository: Repository) -> str | None:
    """The short name that the hub uses, such as `cc-by-4.0`; several with commas; None if nothing is stated."""
    stated = repository.rows.licence or _of_card(repository)
    if stated is None:
        log.warning("%s states no licence; name it with source.licence=<licence>", repository.rows.dataset)
    return stated


def _of_card(repository: Repository) -> str | None:
    from huggingface_hub import DatasetCard

    try:
        if _CARD not in repository.names:
            return None
        text = repository.fetch(_CARD).read_text(encoding="utf-8", errors="replace")
    except (ConfigError, OSError):  # what the rows need was there, so a card that is not costs no more than its licence
        return None
    try:
        stated = DatasetCard(text, ignore_metadata_errors=True).data.get("license")
    except (ValueError, TypeError):
        return None
    names = stated if isinstance(stated, list) else [stated]
    return ", ".join(str(name) for name in names if name) or None
