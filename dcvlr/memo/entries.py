"""One model's part of a call: what is known, what is missing, and the chunks that this process has locked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from operator import add
from pathlib import Path
from typing import Any

from dcvlr.errors import DcvlrError
from dcvlr.execution.runtime import Need
from dcvlr.execution.slices import Slices
from dcvlr.identity import describe
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.store import ChunkStore
from dcvlr.protocols import HasId, Model
from dcvlr.records import Failure, to_json
from dcvlr.rundir.files import write_json
from dcvlr.rundir.locks import Locks

_BLOCK = 1024  # items that are looked for at a time
_ENOUGH_TO_JUDGE = 3  # items of a chunk that must all fail before the model is held to be broken

log = logging.getLogger(__name__)


def missing_counts(entries: Sequence[CacheEntry], items: Sequence[HasId], slices: Slices) -> list[int]:
    """How many of the items each entry lacks; they are gone through once for all entries."""
    counts = [0] * len(entries)
    for part in slices(lambda rows: _missing(entries, items[rows.start : rows.stop]), len(items)):
        counts = list(map(add, counts, part))
    return counts


def _missing(entries: Sequence[CacheEntry], items: Sequence[HasId]) -> list[int]:
    item_ids = [item.id for item in items]
    absent = [entry.absent(item_ids) for entry in entries]
    return [sum(item_id in own for item_id in item_ids) if own else 0 for own in absent]


class CacheEntry:
    """One model of a call: its store, the failures of this run, and how many items this process computed."""

    def __init__(self, model: Model[Any, Any], folder: Path) -> None:
        self.model = model
        self.store = ChunkStore(folder, model.signal)
        self.failures: dict[str, Failure] = {}
        self.computed = 0
        self._begun = (0, 0)
        self._can_merge = True

    @property
    def key(self) -> str:
        """`<model name>-<identity>`, the name of its folder."""
        return self.store.folder.name

    @property
    def is_paid(self) -> bool:
        """Whether its items are requests: one asked in vain costs more than a look at what others have published."""
        return hasattr(self.model, "answers")

    def missing(self, items: Iterable[HasId]) -> list[Any]:
        rest, missing = iter(items), []
        while block := list(islice(rest, _BLOCK)):
            if absent := self.absent([item.id for item in block]):
                missing += [item for item in block if item.id in absent]
        return missing

    def absent(self, item_ids: list[str]) -> set[str]:
        """Those of `item_ids` that have neither signal nor failure."""
        return self.store.absent(item_ids).difference(self.failures)

    def begin(self, done: int) -> None:
        self._begun = (done, len(self.store))

    def done(self) -> int:
        """Items of this call that are done, by this and other workers."""
        done, known = self._begun
        return done + len(self.store) - known + len(self.failures)

    def describe_model(self) -> None:
        """Leave a readable note of what the identity in the folder's name stands for."""
        note = self.store.folder / "model.json"
        if not note.exists():
            write_json(note, describe(self.model))

    def keep(self, name: str, results: Sequence[tuple[HasId, Any]]) -> None:
        """Publish what may be remembered; the rest is known to this run only.

        Raises `DcvlrError` if the model never worked and failed on every item: then it is the model that is broken.
        """
        broken = [
            result for _, result in results if isinstance(result, Failure) and result.kind in ("model", "refused")
        ]
        if len(broken) == len(results) >= _ENOUGH_TO_JUDGE and not len(self.store):
            raise DcvlrError(f"{self.model.name} failed on all of {len(results)} items: {broken[0].message}")
        lines = []
        for item, result in results:
            if isinstance(result, Failure) and not result.remembered:
                self.failures[item.id] = result
                continue
            lines.append(line_of(item, result))
        if lines:
            self.store.publish(name, lines)
        self.computed += len(results)

    def keep_good(self, index: int, results: Sequence[tuple[HasId, Any]]) -> None:
        """Publish what was computed of a chunk that will not be finished now; its failures are forgotten.

        Those that were paid for stay, unless nothing else came: then it may be the model that is broken.
        """
        good = [one for one in results if not isinstance(one[1], Failure) or one[1].was_paid]
        good = good if any(not isinstance(result, Failure) for _, result in good) else []
        self.keep(chunk_name(index, (item.id for item, _ in good)), good)

    def merge(self, locks: Locks, *, after: int) -> None:
        """Put the chunk files into segments where there are `after` of them, unless another worker is at it.

        They stay as they are where that cannot be done.
        """
        lock, count = self.store.folder / "segments.lock", self.store.file_count
        if count < after or not self._can_merge:
            return
        try:
            if not locks.take(lock):
                return
            try:
                self.store.merge()
            finally:
                locks.release(lock)
            log.info("%s: %d chunk files were merged into segments", self.key, count)
        except OSError as error:  # a full disk, one that is only read
            self._can_merge = False
            log.warning("%s: %d chunk files are not merged into segments: %s", self.key, count, error)

    def adopt(self, lines: Sequence[bytes]) -> int:
        """Publish lines that a killed process computed but did not publish; how many hold no record of this model."""
        self.store.refresh()
        records = self.store.records(lines)
        fresh = {item_id: line for item_id, line in records.items() if item_id not in self.store}
        if fresh:
            self.store.publish(chunk_name(0, fresh), list(fresh.values()))
        return len(lines) - len(records)


@dataclass(eq=False)
class LockedChunk:
    """What this worker has locked of one chunk for one model; `model_index` is the model's among those of the call."""

    entry: CacheEntry
    model_index: int
    name: str
    lock: Path
    items: dict[str, HasId]
    results: list[tuple[HasId, Any]] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return len(self.results) == len(self.items)


@dataclass(eq=False)
class Chunk:
    """What this worker has locked of one chunk, and the results that have come."""

    index: int
    parts: list[LockedChunk]
    _found: dict[str, dict[int, Any]] = field(default_factory=dict)

    @cached_property
    def needs(self) -> list[Need]:
        """Every item some part needs, with the indices of those models."""
        items = {item_id: item for part in self.parts for item_id, item in part.items.items()}
        return [
            Need(self.index, item, tuple(part.model_index for part in self.parts if item_id in part.items))
            for item_id, item in items.items()
        ]

    def add(self, need: Need, results: Sequence[Any]) -> None:
        self._found[need.item.id] = dict(zip(need.models, results, strict=True))

    def results(self, part: LockedChunk) -> list[tuple[HasId, Any]]:
        """What has come for one part, in the order of `needs`, whatever order it came in."""
        found = ((need.item, self._found.get(need.item.id, {})) for need in self.needs)
        return [(item, own[part.model_index]) for item, own in found if part.model_index in own]

    @property
    def is_complete(self) -> bool:
        return len(self._found) == len(self.needs)


@dataclass(eq=False)
class AskedChunks:
    """Chunks whose requests a model pulls and answers in any order; those that are not complete yet by their name."""

    unfinished: dict[str, LockedChunk] = field(default_factory=dict)
    _part_of: dict[str, LockedChunk] = field(default_factory=dict)  # by request that is on its way

    def requests(self, chunks: Iterable[Chunk]) -> Iterator[Any]:
        for chunk in chunks:
            (part,) = chunk.parts
            self.unfinished[part.name] = part
            for request in part.items.values():
                self._part_of[request.id] = part
                yield request

    def add(self, request: HasId, reply: Any) -> LockedChunk:
        """What the request was locked with."""
        part = self._part_of.pop(request.id)
        part.results.append((request, reply))
        return part


def line_of(item: HasId, result: Any) -> bytes:
    """How a result stands in a chunk."""
    assert item.id.isalnum(), f"{item.id!r} is no id: the index reads ids as they stand in a line of JSON"
    return to_json({"id": item.id, "failure" if isinstance(result, Failure) else "signal": result})
