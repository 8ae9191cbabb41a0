"""The actors of a Ray cluster that compute for one call, and the batches they have."""

from __future__ import annotations

import logging
import pickle
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from dcvlr.errors import DcvlrError
from dcvlr.execution.machine import free_cores
from dcvlr.execution.runtime import Done, Need, Work

log = logging.getLogger(__name__)

_MOST_LOST_STARTS = 4
_NEEDED = "each node needs dcvlr[ray], and what the models need, in the versions of this process"


@dataclass(frozen=True)
class ActorBatch:
    """Needs of one chunk; `losses` is how often whoever had them was lost."""

    needs: Sequence[Need]
    losses: int = 0

    def again(self) -> list[ActorBatch]:
        """In two halves, since it may have been too much, or alone once more."""
        half = len(self.needs) // 2
        parts = [self.needs[:half], self.needs[half:]] if half else [self.needs]
        return [ActorBatch(part, self.losses + 1) for part in parts]


@dataclass(frozen=True)
class LostBatch:
    """What came instead of results: the process or node that had the batch is gone."""

    reason: str
    is_memory: bool


class Computer:
    """What runs as an actor: the models of one `Work`, loaded by the first batch."""

    def __init__(self, work: Work) -> None:
        self._work = work
        threads = max(free_cores(), work.fetches)  # Ray has put an actor's share of cores into its environment
        # For all batches: the memory of a thread that ends goes back to the system, and each batch would get it anew.
        self._loading = ThreadPoolExecutor(threads, thread_name_prefix="dcvlr-decode")

    def ready(self) -> None:
        """Returns as soon as there is a place for this actor."""

    def run(self, needs: Sequence[Need], pickled: bytes | None) -> list[Sequence[Any]]:
        """`pickled` is what was loaded elsewhere; None: it is loaded here."""
        loaded = self._loading.map(self._work.load, needs) if pickled is None else pickle.loads(pickled)
        return [results for _, results in self._work.run(list(zip(needs, loaded, strict=True)))]


def load(work: Work, needs: Sequence[Need]) -> bytes:
    """What `Computer.run` is handed, pickled as a whole: arrays that Ray shares cannot be written to."""
    return pickle.dumps([work.load(need) for need in needs], protocol=5)


@dataclass
class Actors:
    """`count` actors; one gets up to `ahead` batches, of which it computes one while the others are on their way.

    With `loads_elsewhere` tasks on any node load them meanwhile, else each actor loads its own.
    An actor that is lost is replaced. One that finds no place yet, on a cluster that is still growing, waits for one.
    """

    work: Work
    count: int
    ahead: int
    loads_elsewhere: bool
    resources: dict[str, float]
    notice_after_s: float  # without an actor; then a line in the log says what each needs, and again
    _free: deque[Any] = field(default_factory=deque)  # an actor for each batch that it can still take
    _starting: dict[Any, Any] = field(default_factory=dict)  # by the sign that it is there
    _running: dict[Any, tuple[Any, ActorBatch]] = field(default_factory=dict)  # by what will be its results
    _gone: set[Any] = field(default_factory=set)
    _lost_starts: int = 0  # in a row

    def __post_init__(self) -> None:
        import ray

        self._shared = ray.put(self.work)
        self._load = ray.remote(load).options(num_cpus=0, scheduling_strategy="SPREAD", max_retries=2)
        for _ in range(self.count):
            self._start()

    @property
    def has_room(self) -> bool:
        return bool(self._free)

    @property
    def is_idle(self) -> bool:
        return not self._running

    def begin(self, batch: ActorBatch) -> None:
        actor = self._free.popleft()
        loaded = self._load.remote(self._shared, batch.needs) if self.loads_elsewhere else None
        results = actor.run.remote(batch.needs, loaded)
        self._running[results] = (actor, batch)

    def outcomes(self) -> list[tuple[ActorBatch, Sequence[Done] | LostBatch]]:
        """Wait for something to happen; every batch that is done by then. Raises `DcvlrError` of the work itself."""
        import ray

        events = [*self._running, *self._starting]
        while not ray.wait(events, timeout=None if self._running else self.notice_after_s)[0]:
            log.warning("no actor is up yet on the Ray cluster; each of %d needs %s", len(events), self._needed)
        happened, _ = ray.wait(events, num_returns=len(events), timeout=0)
        for sign in [event for event in happened if event in self._starting]:
            self._started(sign)
        return [self._outcome(event) for event in happened if event in self._running]

    @property
    def _needed(self) -> str:
        import ray

        free = ray.available_resources()
        parts = (("num_cpus", "CPU", "cores"), ("num_gpus", "GPU", "GPUs"))
        return ", ".join(f"{self.resources[own]:g} {words} ({free.get(kind, 0):g} free)" for own, kind, words in parts)

    def close(self) -> None:
        """End all actors, also in the middle of a batch."""
        import ray

        for actor in {*self._starting.values(), *self._free, *(actor for actor, _ in self._running.values())}:
            ray.kill(actor)

    def _start(self) -> None:
        import ray

        actor = ray.remote(Computer).options(**self.resources, max_restarts=0).remote(self._shared)
        self._starting[actor.ready.remote()] = actor

    def _started(self, sign: Any) -> None:
        actor = self._starting.pop(sign)
        lost = _result(sign)
        if not isinstance(lost, LostBatch):
            self._lost_starts = 0
            self._free.extend([actor] * self.ahead)
        elif self._lost_starts < _MOST_LOST_STARTS:  # its node may have gone before it came up
            self._lost_starts += 1
            self._start()
        else:
            raise DcvlrError(f"no actor comes up on the Ray cluster: {lost.reason}; {_NEEDED}")

    def _outcome(self, event: Any) -> tuple[ActorBatch, Sequence[Done] | LostBatch]:
        actor, batch = self._running.pop(event)
        results = _result(event)
        if isinstance(results, LostBatch):
            self._replace(actor)
            return batch, results
        if actor not in self._gone:
            self._free.append(actor)
        return batch, list(zip(batch.needs, results, strict=True))

    def _replace(self, actor: Any) -> None:
        import ray

        if actor not in self._gone:
            self._gone.add(actor)
            self._free = deque(other for other in self._free if other != actor)
            ray.kill(actor)
            self._start()


def _result(reference: Any) -> Any:
    """What a call gave, or `LostBatch`. Raises what its own code raised."""
    import ray
    from ray import exceptions

    try:
        return ray.get(reference)
    except exceptions.RayTaskError as error:
        if isinstance(error.cause, exceptions.RayError):  # what the call was to be handed was lost
            return _lost(error.cause)
        if isinstance(error.cause, DcvlrError):
            raise error.cause from None
        raise
    except (
        exceptions.RayActorError,
        exceptions.WorkerCrashedError,
        exceptions.OutOfMemoryError,
        exceptions.NodeDiedError,
        exceptions.ObjectLostError,
    ) as error:
        return _lost(error)


def _lost(error: Exception) -> LostBatch:
    return LostBatch(
        f"{type(error).__name__}: {str(error).splitlines()[0]}", type(error).__name__ == "OutOfMemoryError"
    )
