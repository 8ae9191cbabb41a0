"""Getting what is missing: chunks are locked, handed to whoever computes them, and published as results come."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from dcvlr.execution.runtime import Computes, Need
from dcvlr.execution.workers import Worker
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.entries import AskedChunks, CacheEntry, Chunk, LockedChunk, line_of
from dcvlr.memo.journal import Journal, adopt_orphans
from dcvlr.memo.measuring import Measuring
from dcvlr.protocols import LanguageModel
from dcvlr.records import Failure
from dcvlr.records.requests import Reply
from dcvlr.remote import RemoteAccess, is_url
from dcvlr.rundir.files import set_aside
from dcvlr.rundir.locks import Locks
from dcvlr.rundir.progress import Reporter

_LEAST_SIZE = 8  # items of a chunk, so that models still get batches
_ENOUGH_CHUNKS = 64
_FIRST_LINE = 6  # after one to two seconds
MOST_FILES = 1 << 14  # chunks of a model that stand in a file each; 200 bytes of index an item
_WAITS_BETWEEN_LINES = 30  # about 40 seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runner:
    """How this process works through chunks; see `Memo` for the settings."""

    worker: Worker
    reporter: Reporter
    locks: Locks
    chunk_size: int
    computes: Computes
    decode_memory_mb: int
    remote: RemoteAccess

    def measure(self, entries: Sequence[CacheEntry], items: Sequence[Any]) -> None:
        """Return when every item has a signal or a failure on every entry, whoever computed it."""
        self._fill(entries, items, self._measure_chunks)

    def generate(self, entries: Sequence[CacheEntry], requests: Sequence[Any]) -> None:
        """Return when every request has a reply or a failure; a reply is on disk before the next is looked at."""
        self._fill(entries, requests, self._generate_chunks)

    def _fill(self, entries: Sequence[CacheEntry], items: Sequence[Any], work: ComputeChunk) -> None:
        left = self._chunks_left(range(-(-len(items) // self._size(items))), entries, items)
        left.sort(key=lambda index: not self.worker.owns(index))
        for entry in entries:
            entry.describe_model()
            entry.begin(len(items) - len(entry.missing(items)))
            self.reporter.begin(entry.key, len(items), entry.done())
        try:
            waiting = 0
            while left:
                worked = work(left, entries, items)
                for entry in entries:
                    entry.store.refresh()
                    self.reporter.advance(entry.key, entry.done())
                left = self._chunks_left(left, entries, items)
                waiting = 0 if worked else waiting + 1
                if left and waiting:
                    self._wait(waiting, left, entries, items)
        finally:
            self.locks.release_all()
            for entry in entries:
                for kind, count in Counter(failure.kind for failure in entry.failures.values()).items():
                    self.reporter.count(entry.key, f"failed.{kind}", count)
                self.reporter.end(entry.key)

    def _wait(self, times: int, left: Sequence[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> None:
        """Other workers hold all that is left: check again soon, then less and less often."""
        if times % _WAITS_BETWEEN_LINES == _FIRST_LINE:
            chunk = self._chunk(left[0], items)
            entry = next(entry for entry in entries if entry.missing(chunk))
            reason = self.locks.reason(_lock_path(entry, left[0], entry.missing(chunk)))
            log.info("waiting for %d chunks that other workers hold; the first is %s", len(left), reason)
        time.sleep(random.uniform(0.5, 1.0) * min(0.1 * times, 2.0))

    def _chunk(self, index: int, items: Sequence[Any]) -> Sequence[Any]:
        size = self._size(items)
        return items[index * size : (index + 1) * size]

    def _size(self, items: Sequence[Any]) -> int:
        """Items per chunk: fewer than `chunk_size` where there would be too few chunks for several workers to share."""
        return min(self.chunk_size, max(_LEAST_SIZE, -(-len(items) // _ENOUGH_CHUNKS)))

    def _chunks_left(self, indices: Iterable[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> list[int]:
        return [n for n in indices if any(entry.missing(self._chunk(n, items)) for entry in entries)]

    def _measure_chunks(self, indices: Sequence[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> bool:
        """Whoever computes gets chunks as it can take them, and gives results in any order."""
        begun: dict[int, Chunk] = {}

        def chunks() -> Iterator[list[Need]]:
            for chunk in self._locked(indices, entries, items):
                begun[chunk.index] = chunk
                yield chunk.needs

        worked = False
        has_urls = any(is_url(getattr(item, "path", "")) for item in items)
        work = Measuring(tuple(entry.model for entry in entries), self.decode_memory_mb, self.remote, has_urls)
        with closing(self.computes(work, chunks())) as computed:
            for done in computed:
                worked = True
                for need, results in done:
                    begun[need.chunk].add(need, results)
                self._advance(begun.values())
                for index in sorted({need.chunk for need, _ in done}):
                    if begun[index].is_complete:
                        self._publish(begun.pop(index))
        assert not begun, f"{type(self.computes).__name__} left {len(begun)} chunks without results"
        return worked

    def _advance(self, begun: Iterable[Chunk]) -> None:
        counts: Counter[CacheEntry] = Counter()
        for chunk in begun:
            for part in chunk.parts:
                counts[part.entry] += len(chunk.results(part))
        for entry, count in counts.items():
            self.reporter.advance(entry.key, entry.done() + count)

    def _publish(self, chunk: Chunk) -> None:
        for part in chunk.parts:
            self._keep(part, chunk.results(part))

    def _keep(self, part: LockedChunk, results: Sequence[tuple[Any, Any]]) -> None:
        self.reporter.count(part.entry.key, "computed", len(results))  # first: whoever sees the chunk knows its cost
        part.entry.keep(part.name, results)
        self.locks.release(part.lock)
        part.entry.merge(self.locks, after=MOST_FILES)

    def _generate_chunks(self, indices: Sequence[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> bool:
        """The model pulls requests when it can take more, across the borders of chunks, and answers in any order."""
        (entry,) = entries
        asked, answered, kept = AskedChunks(), 0, 0
        with Journal(entry.store.folder, self.locks) as journal:
            requests = asked.requests(self._locked(indices, entries, items))
            answers = cast("LanguageModel", entry.model).answers(requests)
            try:
                for request, reply in answers:
                    part = asked.add(request, reply)
                    answered += 1
                    if not isinstance(reply, Failure) or reply.was_paid:
                        journal.add(line_of(request, reply))
                    self._count_spent(entry, reply)
                    if part.is_complete:
                        kept += len(part.results)
                        self._keep(part, part.results)
                        del asked.unfinished[part.name]
                    self.reporter.advance(entry.key, entry.done() + answered - kept)
            finally:
                answers.close()  # an error's traceback would keep it, its threads and connections alive
                for index, part in enumerate(asked.unfinished.values()):
                    self.reporter.count(entry.key, "computed", len(part.results))
                    entry.keep_good(index, part.results)
                journal.close()
        return answered > 0

    def _count_spent(self, entry: CacheEntry, reply: Reply | Failure) -> None:
        for what, cost in (("prompt_tokens", "input_price"), ("completion_tokens", "output_price")):
            tokens = getattr(reply, what)
            if tokens:
                self.reporter.count(entry.key, what, tokens)
            if price := getattr(entry.model, cost, 0):  # per million tokens
                self.reporter.count(entry.key, "cost", tokens * price / 1e6)

    def _locked(self, indices: Sequence[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> Iterator[Chunk]:
        for index in indices:
            chunk = self._chunk(index, items)
            parts = (self._lock(entry, model_index, index, chunk) for model_index, entry in enumerate(entries))
            if held := [part for part in parts if part is not None]:
                yield Chunk(index, held)

    def _lock(self, entry: CacheEntry, model_index: int, index: int, items: Sequence[Any]) -> LockedChunk | None:
        missing = entry.missing(items)
        if not missing:
            return None
        name = chunk_name(index, (item.id for item in missing))
        chunk, lock, before = entry.store.folder / name, _lock_path(entry, index, missing), self.locks.taken_over
        if not self.locks.take(lock):
            return None
        if self.locks.taken_over > before:  # from a worker that died: what it was answered stands in its journal
            adopt_orphans(entry.store.folder, self.locks, entry.adopt)
        if entry.is_paid or chunk.exists() or entry.store.is_behind:
            entry.store.refresh()
        if entry.missing(items) != missing:  # published, or adopted, between the check and the lock
            self.locks.release(lock)
            return None
        if chunk.exists():
            set_aside(chunk, "none of the items it is named after is in it; they are computed again")
        return LockedChunk(entry, model_index, name, lock, {item.id: item for item in missing})


def _lock_path(entry: CacheEntry, index: int, missing: Sequence[Any]) -> Path:
    return entry.store.folder / f"{chunk_name(index, (item.id for item in missing))}.lock"


ComputeChunk = Callable[[Sequence[int], Sequence[CacheEntry], Sequence[Any]], bool]
