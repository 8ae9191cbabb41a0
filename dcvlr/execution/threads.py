"""Computing in this process: threads load ahead of the models, which run in the thread that asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar

from dcvlr.execution.runtime import Done, Need, Work

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class LoadsAhead:
    """Who computes in this process: `threads` threads load, batches never cross the border of a chunk.

    What lies elsewhere is fetched ahead of them by threads of its own, which wait more than they work.
    """

    threads: int

    def __call__(self, work: Work, chunks: Iterable[Sequence[Need]], /) -> Generator[Sequence[Done]]:
        needs = (need for chunk in chunks for need in chunk)
        window = 2 * self.threads + work.batch_size
        with ExitStack() as threads:  # an error's traceback would keep them alive
            if work.fetches:
                fetched = threads.enter_context(closing(ahead(needs, work.fetch, work.fetches, 2 * work.fetches)))
                pairs = threads.enter_context(
                    closing(ahead(fetched, lambda pair: work.load(*pair), self.threads, window))
                )
                loaded: Iterator[tuple[Need, Any]] = ((need, value) for (need, _), value in pairs)
            else:
                loaded = threads.enter_context(closing(ahead(needs, work.load, self.threads, window)))
            for _, of_chunk in groupby(loaded, key=lambda pair: pair[0].chunk):
                while batch := list(islice(of_chunk, work.batch_size)):
                    yield work.run(batch)


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
