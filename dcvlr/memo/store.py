"""Chunk files: how signals lie on disk.

A chunk is written under a temporary name, flushed to the disk and linked to its own, so a chunk that exists is complete
and the first writer wins. What is not a chunk of this model under this name (damaged, moved, forged, no file at all) is
named and set aside, and its items are computed again. Many chunk files are merged into segments (`segment.py`): a file
goes when its chunk stands in a segment on the disk, and the good chunks of a damaged segment become files again.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dcvlr.errors import DcvlrError
from dcvlr.memo.chunks import chunk_name, closed, item_of, line_decoder, verified
from dcvlr.memo.segment_index import DamagedSegmentError
from dcvlr.memo.segments import ChunkContent, Segments
from dcvlr.records import Failure
from dcvlr.rundir.files import read_regular, remove_stale_temporaries, set_aside, sync_folder, temporary_path

log = logging.getLogger(__name__)

NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}

_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_ID = len(b'{"id":"')
_OPEN_CHUNKS = 8  # items are asked for in the order they were measured in, so few chunks are in use at a time


class ChunkStore:
    """All signals of one model identity: an index of item ids, and lines read when asked for.

    The index of chunk files costs about 200 bytes an item, that of segments 8; the signals, which are of the type
    `signal`, are on disk.
    """

    def __init__(self, folder: Path, signal: Any) -> None:
        self.folder = folder
        self._decoder = line_decoder(signal)
        self.segments = Segments(folder / "segments", folder.name, self._decoder)
        self._index: dict[str, int] = {}
        self._chunks: list[str] = []
        self._indexed: set[str] = set()
        self._open: dict[int, bytes] = {}
        self._ahead: dict[str, Any] = {}  # records that will be asked for next
        remove_stale_temporaries(folder)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._index or item_id in self.segments

    def __len__(self) -> int:
        return len(self._index) + len(self.segments)

    def absent(self, item_ids: list[str]) -> set[str]:
        """Those of `item_ids` that have no line."""
        others = [item_id for item_id in item_ids if item_id not in self._index] if self._index else item_ids
        return self.segments.absent(others) if others else set()

    @property
    def file_count(self) -> int:
        """Chunks that stand in a file each."""
        return len(self._indexed)

    @property
    def is_behind(self) -> bool:
        """Whether chunks were merged into segments since the last look."""
        return bool(self.segments.unopened())

    def refresh(self) -> None:
        """Index chunks that appeared since the last look; for an item in two chunks the first one seen answers."""
        if self.folder.is_dir():
            while not self._look():
                log.debug("%s: chunks were merged into segments while they were looked at", self.folder)

    def _look(self) -> bool:
        """Whether every chunk that was there could be read: one that is gone stands in a segment by now."""
        with os.scandir(self.folder) as entries:
            names = [e.name for e in entries if e.name.endswith(".jsonl") and not e.name.startswith(".")]
        segments = self.segments.unopened()
        if segments:
            self._forget_files()
        return all(map(self._open_segment, segments)) and all(map(self._add, self._fresh(names)))

    def _fresh(self, names: Iterable[str]) -> list[str]:
        return sorted(name for name in names if name not in self._indexed and name not in self.segments.chunks)

    def _open_segment(self, path: Path) -> bool:
        """Whether a segment could be opened; what is good of a damaged one becomes files again."""
        try:
            self.segments.open(path)
        except FileNotFoundError:  # another worker has just set it aside
            return False
        except DamagedSegmentError as damage:
            for name, body in self.segments.rescued(path):
                self._publish(name, body)
            set_aside(path, f"{damage}; of its chunks those that are lost are computed again")
            return False
        return True

    def _forget_files(self) -> None:
        self._index.clear()
        self._chunks.clear()
        self._indexed.clear()
        self._open.clear()

    def line(self, item_id: str) -> bytes:
        """The JSON line of an item; raises KeyError if no chunk has it."""
        packed = self._index.get(item_id)
        if packed is None:
            return self.segments.line(item_id)
        chunk, offset = packed >> _OFFSET_BITS, packed & _OFFSET_MASK
        content = self._open.get(chunk) or self._read(chunk)
        if content is None:
            self.refresh()
            return self.line(item_id)
        return content[offset : content.index(b"\n", offset)]

    def result(self, item_id: str) -> Any | Failure:
        """The signal or failure of an item; raises KeyError if no chunk has it."""
        return self.results([item_id])[0]

    def results(self, item_ids: Sequence[str]) -> list[Any | Failure]:
        """The signals or failures of items; raises KeyError if no chunk has one of them."""
        results = []
        for item_id in item_ids:
            record = self._ahead.get(item_id)
            if record is None:
                record = self._decoder.decode(self.line(item_id))
                self._ahead = self.segments.ahead()
            results.append(record.signal if record.failure is None else record.failure)
        return results

    def records(self, lines: Iterable[bytes]) -> dict[str, bytes]:
        """Those of the lines that hold a record of this model's type, by item."""
        return {item_id: line for line in lines if (item_id := item_of(line, self._decoder)) is not None}

    def merge(self) -> None:
        """Put every chunk file into segments; other workers may read and write meanwhile, and do the same."""
        self.refresh()
        self.segments.write(self._sound_chunks())
        self.refresh()  # files go only where the segment was found to be sound
        standing = self.segments.standing_chunks()
        for path in self.folder.glob("*.jsonl"):
            if path.name in standing:
                path.unlink(missing_ok=True)

    def _sound_chunks(self) -> Iterator[ChunkContent]:
        """Every chunk file, with the items that are read from it rather than from another chunk."""
        for name, number in sorted((name, number) for number, name in enumerate(self._chunks)):
            try:
                body = self._lines(name)
            except FileNotFoundError:  # another worker set it aside, or was quicker
                continue
            if isinstance(body, bytes):
                items = list(self._answering(number, body))
                yield name, closed(body, model=self.folder.name, name=name), items

    def _answering(self, chunk: int, body: bytes) -> Iterator[tuple[str, int]]:
        """The items of a chunk that the index has there, with the offsets of their lines."""
        offset = 0
        for line in body.split(b"\n")[:-1]:
            item_id = line[_ID : line.index(b'"', _ID)].decode()
            if self._index.get(item_id) == chunk << _OFFSET_BITS | offset:
                yield item_id, offset
            offset += len(line) + 1

    def publish(self, name: str, lines: Sequence[bytes]) -> None:
        """Make a chunk of `lines` visible under `name`; if another worker was first, its chunk stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._publish(name, b"".join(line + b"\n" for line in lines))
        self._add(name)

    def _publish(self, name: str, body: bytes) -> None:
        unfinished = temporary_path(self.folder / name)
        try:
            self._write(unfinished, name, body)
            _link(unfinished, self.folder / name)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(self.folder)

    def _write(self, unfinished: Path, name: str, body: bytes) -> None:
        with unfinished.open("xb") as file:
            file.write(closed(body, model=self.folder.name, name=name))
            file.flush()
            os.fsync(file.fileno())

    def _lines(self, name: str) -> bytes | str:
        """The lines of a chunk, or what is wrong with it; one that does not name its model yet is written anew."""
        content = read_regular(self.folder / name)
        lines = content if isinstance(content, str) else verified(content, model=self.folder.name, name=name)
        if isinstance(lines, str):
            return lines
        if not lines.is_bound:
            unfinished = temporary_path(self.folder / name)
            try:
                self._write(unfinished, name, lines.body)
                unfinished.replace(self.folder / name)
            finally:
                unfinished.unlink(missing_ok=True)
        return lines.body

    def _add(self, name: str) -> bool:
        """Index a chunk file, or set it aside; False where it is gone."""
        try:
            body = self._lines(name)
        except FileNotFoundError:  # another worker has just set it aside, or merged it into a segment
            return False
        if isinstance(body, str):
            set_aside(self.folder / name, f"{body}; its items are computed again")
            return True
        lines = body.split(b"\n")[:-1]
        records = self.records(lines)
        if len(records) < len(lines):
            bad = f"{len(lines) - len(records)} of its {len(lines)} lines hold no record of this model"
            set_aside(self.folder / name, f"{bad}; these items are computed again")
            if records:
                self.publish(chunk_name(0, records), list(records.values()))
            return True
        chunk = len(self._chunks) << _OFFSET_BITS
        self._chunks.append(name)
        self._indexed.add(name)
        offset, index = 0, self._index
        absent = self.segments.absent(list(records))
        for item_id, line in records.items():
            if item_id in absent:
                index.setdefault(item_id, chunk | offset)
            offset += len(line) + 1
        return True

    def _read(self, chunk: int) -> bytes | None:
        """The lines of a chunk file; None where it was merged into a segment meanwhile."""
        name = self._chunks[chunk]
        try:
            content = self._lines(name)
        except FileNotFoundError:
            if self.is_behind:
                return None
            content = "another worker set it aside"
        if isinstance(content, str):
            path = self.folder / name
            raise DcvlrError(f"{path} was lost while the run went on ({content}): run the same command again")
        if len(self._open) == _OPEN_CHUNKS:
            del self._open[next(iter(self._open))]
        self._open[chunk] = content
        return content


def _link(unfinished: Path, path: Path) -> None:
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if not path.exists():
            unfinished.replace(path)
