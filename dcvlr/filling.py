"""Computing what is missing: chunks are claimed, their pictures decoded ahead of the model, their signals published."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TypeVar

from dcvlr.claims import Claims
from dcvlr.errors import DcvlrError
from dcvlr.identity import describe
from dcvlr.images import read_picture
from dcvlr.outputs import write_json
from dcvlr.progress import Reporter
from dcvlr.protocols import HasId, Model
from dcvlr.records import Decode, Failure, to_json
from dcvlr.running import run_batch
from dcvlr.store import ChunkStore, chunk_name
from dcvlr.workers import Worker

_LEAST_SIZE = 8  # items of a chunk, so that models still get batches
_ENOUGH_CHUNKS = 64
_ENOUGH_TO_JUDGE = 3  # items of a chunk that must all fail before the model is held to be broken
_WAITS_BETWEEN_LINES = 30  # about 40 seconds

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
Loaded = dict[
    Decode | None, Any
]  # what a model is handed: a picture per way of decoding, or the item itself under None


class Shelf:
    """One model of a call: its store, the failures of this run, and how many items this process computed."""

    def __init__(self, model: Model[Any, Any], folder: Path) -> None:
        self.model = model
        self.store = ChunkStore(folder)
        self.failures: dict[str, Failure] = {}
        self.computed = 0
        self._begun = (0, 0)

    @property
    def key(self) -> str:
        """`<model name>-<identity>`, the name of its folder."""
        return self.store.folder.name

    @property
    def decode(self) -> Decode | None:
        return getattr(self.model, "decode", None)

    def missing(self, items: Iterable[HasId]) -> list[Any]:
        return [item for item in items if item.id not in self.store and item.id not in self.failures]

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

        Raises `DcvlrError` if the model never worked and raised on every item: then it is the model that is broken.
        """
        broken = [result for _, result in results if isinstance(result, Failure) and result.kind == "model"]
        if len(broken) == len(results) >= _ENOUGH_TO_JUDGE and not len(self.store):
            raise DcvlrError(f"{self.model.name} failed on all of {len(results)} items: {broken[0].message}")
        lines = []
        for item, result in results:
            if isinstance(result, Failure) and not result.remembered:
                self.failures[item.id] = result
                continue
            kind = "failure" if isinstance(result, Failure) else "signal"
            assert item.id.isalnum(), f"{item.id!r} is no id: the index reads ids as they stand in a line of JSON"
            lines.append(to_json({"id": item.id, kind: result}))
        if lines:
            self.store.publish(name, lines)
        self.computed += len(results)


@dataclass(eq=False)
class Part:
    """What this worker has claimed of one chunk for one model."""

    shelf: Shelf
    name: str
    claim: Path
    items: dict[str, HasId]
    results: list[tuple[HasId, Any]] = field(default_factory=list)

    def run(self, batch: Sequence[tuple[HasId, Loaded]]) -> None:
        wanted = [(item, loaded[self.shelf.decode]) for item, loaded in batch if item.id in self.items]
        good = [value for _, value in wanted if not isinstance(value, Failure)]
        signals = iter(run_batch(self.shelf.model, good))
        self.results += [(item, v if isinstance(v, Failure) else next(signals)) for item, v in wanted]


@dataclass(eq=False)
class Chunk:
    parts: list[Part]

    def items(self) -> list[tuple[HasId, set[Decode | None]]]:
        """Every item some part needs, with the ways it is to be decoded."""
        needs: dict[str, tuple[HasId, set[Decode | None]]] = {}
        for part in self.parts:
            for item in part.items.values():
                needs.setdefault(item.id, (item, set()))[1].add(part.shelf.decode)
        return list(needs.values())


@dataclass(frozen=True)
class Filler:
    """How this process works through chunks; see `Memo` for the settings."""

    worker: Worker
    reporter: Reporter
    claims: Claims
    chunk_size: int
    decode_threads: int

    def fill(self, shelves: Sequence[Shelf], items: Sequence[Any]) -> None:
        """Return when every item has a signal or a failure on every shelf, whoever computed it."""
        left = self._chunks_left(range(-(-len(items) // self._size(items))), shelves, items)
        left.sort(key=lambda number: not self.worker.owns(number))
        for shelf in shelves:
            shelf.describe_model()
            shelf.begin(len(items) - len(shelf.missing(items)))
            self.reporter.begin(shelf.key, len(items), shelf.done())
        try:
            waiting = 0
            while left:
                worked = self._work_through(left, shelves, items)
                for shelf in shelves:
                    shelf.store.refresh()
                    self.reporter.advance(shelf.key, shelf.done())
                left = self._chunks_left(left, shelves, items)
                waiting = 0 if worked else waiting + 1
                if left and waiting:
                    _wait(waiting, len(left))
        finally:
            self.claims.release_all()
            for shelf in shelves:
                self.reporter.end(shelf.key)

    def _chunk(self, number: int, items: Sequence[Any]) -> Sequence[Any]:
        size = self._size(items)
        return items[number * size : (number + 1) * size]

    def _size(self, items: Sequence[Any]) -> int:
        """Items per chunk: fewer than `chunk_size` where there would be too few chunks for several workers to share."""
        return min(self.chunk_size, max(_LEAST_SIZE, -(-len(items) // _ENOUGH_CHUNKS)))

    def _chunks_left(self, numbers: Iterable[int], shelves: Sequence[Shelf], items: Sequence[Any]) -> list[int]:
        return [n for n in numbers if any(shelf.missing(self._chunk(n, items)) for shelf in shelves)]

    def _work_through(self, numbers: Sequence[int], shelves: Sequence[Shelf], items: Sequence[Any]) -> bool:
        largest_batch = max(shelf.model.batch_size for shelf in shelves)
        looks = ((chunk, need) for chunk in self._claimed(numbers, shelves, items) for need in chunk.items())
        loaded = ahead(
            looks, lambda look: _load(*look[1]), self.decode_threads, 2 * self.decode_threads + largest_batch
        )
        worked = False
        for chunk, group in groupby(loaded, key=lambda pair: pair[0][0]):
            worked = True
            pairs = ((need[0], value) for (_, need), value in group)
            while batch := list(islice(pairs, largest_batch)):
                for part in chunk.parts:
                    part.run(batch)
                    self.reporter.advance(part.shelf.key, part.shelf.done() + len(part.results))
            for part in chunk.parts:
                part.shelf.keep(part.name, part.results)
                self.claims.release(part.claim)
        return worked

    def _claimed(self, numbers: Sequence[int], shelves: Sequence[Shelf], items: Sequence[Any]) -> Iterator[Chunk]:
        for number in numbers:
            parts = (self._claim(shelf, number, self._chunk(number, items)) for shelf in shelves)
            if held := [part for part in parts if part is not None]:
                yield Chunk(held)

    def _claim(self, shelf: Shelf, number: int, items: Sequence[Any]) -> Part | None:
        missing = shelf.missing(items)
        if not missing:
            return None
        name = chunk_name(number, (item.id for item in missing))
        claim = shelf.store.folder / f"{name}.claim"
        if not self.claims.take(claim):
            return None
        if (shelf.store.folder / name).exists():  # published between the look and the claim
            self.claims.release(claim)
            return None
        return Part(shelf, name, claim, {item.id: item for item in missing})


def _wait(times: int, chunks: int) -> None:
    """Other workers hold all that is left: look again soon, then less and less often."""
    if times % _WAITS_BETWEEN_LINES == 0:
        log.info("waiting for %d chunks that other workers hold", chunks)
    time.sleep(random.uniform(0.5, 1.0) * min(0.1 * times, 2.0))


def _load(item: Any, decodes: set[Decode | None]) -> Loaded:
    return {decode: item if decode is None else _decoded(item, decode) for decode in decodes}


def _decoded(item: Any, decode: Decode) -> Any:
    try:
        return read_picture(item, decode)
    except Exception as error:
        log.warning("%s: decoding raised %s", item.path, type(error).__name__, exc_info=error)
        return Failure(kind="model", message=f"decoding raised {type(error).__name__}: {error}")


def ahead(tasks: Iterable[T], do: Callable[[T], R], threads: int, window: int) -> Iterator[tuple[T, R]]:
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
