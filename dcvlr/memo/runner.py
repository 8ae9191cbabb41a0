"""Computing what is missing: chunks are locked, their pictures decoded ahead of the model, their signals published."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TypeVar, cast

from dcvlr.execution.workers import Worker
from dcvlr.images import DecodeMemory, read_picture
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.entries import CacheEntry, Chunk, Loaded, Part, line_of
from dcvlr.memo.journal import Journal
from dcvlr.protocols import LanguageModel
from dcvlr.records import Decode, Failure
from dcvlr.records.requests import Reply
from dcvlr.rundir.locks import Locks
from dcvlr.rundir.progress import Reporter

_LEAST_SIZE = 8  # items of a chunk, so that models still get batches
_ENOUGH_CHUNKS = 64
_FIRST_LINE = 6  # after one to two seconds
_WAITS_BETWEEN_LINES = 30  # about 40 seconds

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Runner:
    """How this process works through chunks; see `Memo` for the settings."""

    worker: Worker
    reporter: Reporter
    locks: Locks
    chunk_size: int
    decode_threads: int
    decode_memory: DecodeMemory

    def measure(self, entries: Sequence[CacheEntry], items: Sequence[Any]) -> None:
        """Return when every item has a signal or a failure on every entry, whoever computed it."""
        self._fill(entries, items, self._measure_chunks)

    def generate(self, entries: Sequence[CacheEntry], requests: Sequence[Any]) -> None:
        """Return when every request has a reply or a failure; a reply is on disk before the next is looked at."""
        self._fill(entries, requests, self._generate_chunks)

    def _fill(self, entries: Sequence[CacheEntry], items: Sequence[Any], work: Work) -> None:
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
        largest_batch = max(entry.model.batch_size for entry in entries)
        needed = ((chunk, need) for chunk in self._locked(indices, entries, items) for need in chunk.items())
        loaded = ahead(
            needed, lambda pair: self._load(*pair[1]), self.decode_threads, 2 * self.decode_threads + largest_batch
        )
        with closing(loaded):  # an error's traceback would keep its threads alive
            return self._measure_loaded(loaded, largest_batch)

    def _measure_loaded(self, loaded: Loads, largest_batch: int) -> bool:
        worked = False
        for chunk, group in groupby(loaded, key=lambda pair: pair[0][0]):
            worked = True
            pairs = ((need[0], value) for (_, need), value in group)
            while batch := list(islice(pairs, largest_batch)):
                for part in chunk.parts:
                    part.run(batch)
                    self.reporter.advance(part.entry.key, part.entry.done() + len(part.results))
            for part in chunk.parts:
                part.entry.keep(part.name, part.results)
                self.locks.release(part.lock)
        return worked

    def _load(self, item: Any, decodes: set[Decode | None]) -> Loaded:
        memory = self.decode_memory
        return {decode: item if decode is None else _decoded(item, decode, memory) for decode in decodes}

    def _generate_chunks(self, indices: Sequence[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> bool:
        """The model pulls requests when it can take more, across the borders of chunks, and answers in any order."""
        (entry,) = entries
        begun: dict[str, Part] = {}
        unfinished: dict[str, Part] = {}  # by name; also those of which nothing is on its way just now

        def requests() -> Iterator[Any]:
            for chunk in self._locked(indices, entries, items):
                (part,) = chunk.parts
                unfinished[part.name] = part
                for request in part.items.values():
                    begun[request.id] = part
                    yield request

        answered, kept = 0, 0
        with Journal(entry.store.folder, self.locks) as journal:
            answers = cast("LanguageModel", entry.model).answers(requests())
            try:
                for request, reply in answers:
                    part = begun.pop(request.id)
                    part.results.append((request, reply))
                    answered += 1
                    if not isinstance(reply, Failure):
                        journal.add(line_of(request, reply))
                        self._count_spent(entry, reply)
                    if len(part.results) == len(part.items):
                        kept += len(part.results)
                        entry.keep(part.name, part.results)
                        del unfinished[part.name]
                        self.locks.release(part.lock)
                    self.reporter.advance(entry.key, entry.done() + answered - kept)
            finally:
                answers.close()  # an error's traceback would keep it, its threads and connections alive
                for index, part in enumerate(unfinished.values()):
                    entry.keep_good(index, part.results)
                journal.close()
        return answered > 0

    def _count_spent(self, entry: CacheEntry, reply: Reply) -> None:
        for what, cost in (("prompt_tokens", "input_price"), ("completion_tokens", "output_price")):
            tokens = getattr(reply, what)
            if tokens:
                self.reporter.count(entry.key, what, tokens)
            if price := getattr(entry.model, cost, 0):  # per million tokens
                self.reporter.count(entry.key, "cost", tokens * price / 1e6)

    def _locked(self, indices: Sequence[int], entries: Sequence[CacheEntry], items: Sequence[Any]) -> Iterator[Chunk]:
        for index in indices:
            parts = (self._lock(entry, index, self._chunk(index, items)) for entry in entries)
            if held := [part for part in parts if part is not None]:
                yield Chunk(held)

    def _lock(self, entry: CacheEntry, index: int, items: Sequence[Any]) -> Part | None:
        missing = entry.missing(items)
        if not missing:
            return None
        name = chunk_name(index, (item.id for item in missing))
        lock = _lock_path(entry, index, missing)
        if not self.locks.take(lock):
            return None
        if (entry.store.folder / name).exists():  # published between the check and the lock
            self.locks.release(lock)
            return None
        return Part(entry, name, lock, {item.id: item for item in missing})


def _lock_path(entry: CacheEntry, index: int, missing: Sequence[Any]) -> Path:
    return entry.store.folder / f"{chunk_name(index, (item.id for item in missing))}.lock"


Loads = Iterator[tuple[tuple[Chunk, tuple[Any, set[Decode | None]]], Loaded]]
Work = Callable[[Sequence[int], Sequence[CacheEntry], Sequence[Any]], bool]


def _decoded(item: Any, decode: Decode, memory: DecodeMemory) -> Any:
    try:
        return read_picture(item, decode, memory)
    except Exception as error:
        log.warning("%s: decoding raised %s", item.path, type(error).__name__, exc_info=error)
        return Failure(kind="model", message=f"decoding raised {type(error).__name__}: {error}")


def ahead(tasks: Iterable[T], do: Callable[[T], R], threads: int, window: int) -> Generator[tuple[T, R]]:
    """Each task with its result, in order; at most `window` tasks are begun before their result is asked for."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="dcvlr-decode")
    begun: deque[tuple[T, Future[R]]] = deque()
    try:
        for task in tasks:
            begun.append((task, pool.submit(do, task)))
            if len(begun) >= window:
                first, future = begun.popleft()
                yield first, future.result()
        while begun:
            first, future = begun.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)
