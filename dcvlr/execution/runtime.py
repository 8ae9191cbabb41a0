"""What an option of conf/runtime is: who computes what is missing.

The memo says what is missing and how it is computed; a runtime says who does it, in which process, on which machine.
Chunks are published by whoever asked, so a run that is killed is gone on with in the same way under every runtime.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dcvlr.execution.workers import Worker


@dataclass(frozen=True)
class Need:
    """An item of a chunk, and the models that lack it, by their indices in `Work`."""

    chunk: int
    item: Any
    models: tuple[int, ...]


Done = tuple[Need, Sequence[Any]]  # with one result, or failure, for each of its models


class Work(Protocol):
    """How the models of one call compute. It can be pickled; models are loaded by the first `run` of a process."""

    @property
    def batch_size(self) -> int:
        """Needs that `run` is best given at a time; fewer, and others together, give the same results."""

    @property
    def fetches(self) -> int:
        """How many needs to `fetch` at a time, before they are loaded; 0 where nothing lies elsewhere."""

    def fetch(self, need: Need, /) -> Any:
        """What `load` is to be handed with it, such as a file from a URL. Never raises; many threads may call it."""

    def load(self, need: Need, fetched: Any = None, /) -> Any:
        """What `run` is to be handed of it, such as its decoded picture; without `fetched` it fetches for itself.

        Never raises; many threads may call it.
        """

    def run(self, batch: Sequence[tuple[Need, Any]], /) -> list[Done]:
        """The results of needs that were loaded, in order. Raises `DcvlrError` where no item could be computed."""


class Computes(Protocol):
    """Who does the work of one process."""

    def __call__(self, work: Work, chunks: Iterable[Sequence[Need]], /) -> Generator[Sequence[Done]]:
        """Every need once with its results, some at a time, in any order.

        A chunk is locked when it is pulled and published when the last of it has come, so few are pulled ahead. Closing
        it ends what is under way.
        """


class Runtime(Protocol):
    """How a run is carried out; nothing in it can change a result. One of the options in conf/runtime.

    Its text is what a dry run says of it.
    """

    @property
    def chunk_size(self) -> int: ...
    @property
    def lease_s(self) -> float: ...
    @property
    def decode_memory_mb(self) -> int: ...

    def computes(self, worker: Worker) -> Computes:
        """Who computes what `worker` finds missing."""

    def starts_others(self, worker: Worker) -> bool:
        """Whether the run is carried out by processes that are still to be started."""

    def start(self, arguments: Sequence[str]) -> None:
        """Run `python -m dcvlr <arguments>` in them and wait for all; raises `DcvlrError` if they end too early."""
