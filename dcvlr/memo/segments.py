"""All segments of one model: which there are, and which of them has an item."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.errors import DcvlrError
from dcvlr.memo.chunks import LineDecoder
from dcvlr.memo.segment import Segment, SegmentWriter, whole_chunks
from dcvlr.memo.segment_index import KEY, DamagedSegmentError, key_of, keys_of
from dcvlr.rundir.files import (
    NotRegularError,
    open_regular,
    remove_stale_temporaries,
    sync_folder,
    temporary_path,
)

ChunkContent = tuple[str, bytes, list[tuple[str, int]]]
"""A chunk's name, the whole file, and the items that are to be found in it with the offsets of their lines."""

_SUFFIX = ".segment"
_NEAR = 4  # times as many rows as items are looked through at once: some pictures are left out between them
_MOST_BYTES = 1 << 30  # of the chunks in a segment


class Segments:
    """The segments in `folder`, each a file; a segment is never changed, and goes only where it is damaged."""

    def __init__(self, folder: Path, model: str, decoder: LineDecoder) -> None:
        self.folder = folder
        self.chunks: set[str] = set()  # that stand in a segment
        self._model = model
        self._decoder = decoder
        self._segments: dict[str, Segment] = {}
        self._recent: Segment | None = None
        self._is_in_order = False  # whether the line that was read last stands behind the one before
        remove_stale_temporaries(folder)

    def __len__(self) -> int:
        return sum(map(len, self._segments.values()))

    def unopened(self) -> list[Path]:
        """Segments that are there and not open yet."""
        if not self.folder.is_dir():
            return []
        paths = (path for path in self.folder.iterdir() if path.suffix == _SUFFIX and not path.name.startswith("."))
        return sorted(path for path in paths if path.name not in self._segments)

    def open(self, path: Path) -> None:
        """Read one more; raises `DamagedSegmentError`, or `FileNotFoundError` where another worker set it aside."""
        try:
            with open_regular(path) as file:
                segment = Segment(path, file.fileno(), self._model, self._decoder)
        except NotRegularError as error:
            raise DamagedSegmentError(str(error)) from error
        self._segments[path.name] = segment
        self.chunks.update(segment.chunks)

    def standing_chunks(self) -> set[str]:
        """The chunks of segments that no other worker has found damaged and set aside since they were opened here."""
        return {name for segment in self._segments.values() if segment.path.exists() for name in segment.chunks}

    def rescued(self, path: Path) -> Iterator[tuple[str, bytes]]:
        """Names and lines of the chunks that are whole in a damaged segment."""
        try:
            with open_regular(path) as file:
                yield from whole_chunks(file.fileno(), self._model)
        except (NotRegularError, FileNotFoundError):
            return

    def line(self, item_id: str) -> bytes:
        """The line of an item; raises KeyError where no segment has it."""
        beginning = b'{"id":"%s",' % item_id.encode()
        with self._named_where_damaged():
            self._is_in_order = True
            if self._recent is not None and (line := self._recent.next_line(beginning)) is not None:
                return line
            self._is_in_order = False
            found = self._find(key_of(item_id))
            if found is None:
                raise KeyError(item_id)
            segment, row = found
            return segment.line(row, beginning)

    @property
    def opened(self) -> list[Segment]:
        return list(self._segments.values())

    def rows(self, item_ids: list[str]) -> Iterator[tuple[Segment | None, range]]:
        """Where items stand, in order: some rows of a segment, or as many items that are in none."""
        keys = keys_of(item_ids)
        with self._named_where_damaged():
            first = self._find(keys[:KEY])
            if first is not None and first[0].index.follow(keys[KEY:]):
                yield first[0], range(first[1], first[1] + len(item_ids))
                return
            for start in range(0, len(keys), KEY):
                segment, row = self._find(keys[start : start + KEY]) or (None, 0)
                yield segment, range(row, row + 1)

    def results(self, segment: Segment, rows: range) -> list[Any]:
        """The signals and failures of some rows."""
        with self._named_where_damaged():
            records = self._decoder.decode_lines(b"\n".join(segment.lines(rows)))
        return [record.signal if record.failure is None else record.failure for record in records]

    def ahead(self) -> dict[str, Any]:
        """The records behind the line that was read last in its chunk, where lines are asked for in order."""
        if self._recent is None or not self._is_in_order:
            return {}
        self._is_in_order = False
        try:
            records = self._decoder.decode_lines(self._recent.rest())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # changed since: read line by line
            return {}
        found = {record.id: record for record in records}
        return found if self._recent.follow(keys_of(list(found))) else {}

    def __contains__(self, item_id: str) -> bool:
        with self._named_where_damaged():
            return self._find(key_of(item_id)) is not None

    def absent(self, item_ids: list[str]) -> set[str]:
        """Those of `item_ids` that no segment has; many at once where they stand here in the same order."""
        if not self._segments:
            return set(item_ids)
        with self._named_where_damaged():
            return self._absent(item_ids, keys_of(item_ids))

    def _absent(self, item_ids: list[str], keys: bytes) -> set[str]:
        first = self._find(keys[:KEY])
        if first is not None and first[0].index.follow(keys[KEY:]):
            return set()
        near = first[0].index.next_keys(_NEAR * len(item_ids)) if first is not None else set()
        each = zip(item_ids, (keys[start : start + KEY] for start in range(0, len(keys), KEY)), strict=True)
        return {item_id for item_id, key in each if key not in near and self._find(key) is None}

    def _find(self, key: bytes) -> tuple[Segment, int] | None:
        recent = self._recent
        if recent is not None and (row := recent.index.row(key)) >= 0:
            return recent, row
        for segment in self._segments.values():
            if segment is not recent and (row := segment.index.row(key)) >= 0:
                self._recent = segment
                return segment, row
        return None

    @contextmanager
    def _named_where_damaged(self) -> Iterator[None]:
        try:
            yield
        except DamagedSegmentError as error:
            again = "run the same command again; if it stays so remove the file, and what is in it is computed again"
            raise DcvlrError(f"a segment in {self.folder} is damaged ({error}): {again}") from error

    def write(self, chunks: Iterable[ChunkContent]) -> None:
        """Put chunks into segments that are on the disk when this returns; each is to be opened before it is read."""
        self.folder.mkdir(exist_ok=True)
        rest = iter(chunks)
        for first in rest:
            self._write_one(chain([first], rest))
        sync_folder(self.folder)
        sync_folder(self.folder.parent)  # the name of the folder itself

    def _write_one(self, chunks: Iterable[ChunkContent]) -> None:
        """A segment of as many chunks as one holds, named after what is in it: no other is ever replaced."""
        unfinished = temporary_path(self.folder / f"new{_SUFFIX}")
        try:
            with unfinished.open("xb") as file:
                writer = SegmentWriter(file)
                for name, content, items in chunks:
                    writer.add(name, content, items)
                    if writer.size >= _MOST_BYTES:
                        break
                name = writer.close()
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.folder / f"{name}{_SUFFIX}")
        finally:
            unfinished.unlink(missing_ok=True)
