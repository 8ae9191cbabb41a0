"""`runtime=ray`: this process owns the run directory, the nodes of a Ray cluster compute.

Batches go out as the cluster can take them, results come back in any order, and this process publishes the chunks. So
nodes need no disk in common with it but for the pictures, which they read where their paths say, and a run whose driver
was lost is gone on with like any other. Language models are asked from here, as under every runtime.

Ray's tasks and actors rather than Ray Data: a dataset must be named as a whole before it streams, which would lock and
pickle every chunk of a model at once, and its functions are not told that they are tried again.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta

from dcvlr.errors import ConfigError, DcvlrError, require_package
from dcvlr.execution.ray_actors import ActorBatch, Actors, LostBatch
from dcvlr.execution.runtime import Computes, Done, Need, Work
from dcvlr.execution.workers import Worker, this_worker
from dcvlr.records import Failure
from dcvlr.settings import Count, checked

log = logging.getLogger(__name__)

ONE_DRIVER = "runtime=ray has one driver, which starts its own actors: use runtime=local, of which ranks share a run"
_NO_ANSWER = "no Ray cluster answers there; start one with ray start --head, or set runtime.address=local"
_ANSWERS_WITHIN_S = 10.0
_ADDRESSES = r"^(auto|local|(ray://)?([^\s/:]+|\[[0-9a-fA-F:]+\]):\d{1,5})$"


@dataclass(frozen=True, kw_only=True)
@checked
class Ray:
    """A batch whose actor or node is lost goes out again in halves; see conf/runtime/ray.yaml for the settings.

    An item that was lost alone for the `max_losses`-th time is a failure that the next run tries again.
    """

    address: Annotated[str, Meta(pattern=_ADDRESSES, description="auto, local or <host>:<port>")]
    actors: Count | None
    cpus_per_actor: Annotated[float, Meta(gt=0)]
    gpus_per_actor: Annotated[float, Meta(ge=0)]
    decode_on: Literal["actors", "nodes"]
    batches_per_actor: Count
    max_losses: Count
    chunk_size: Count
    lease_s: Annotated[float, Meta(gt=0)]
    notice_after_s: Annotated[float, Meta(gt=0)]
    decode_memory_mb: Count

    def check_ready(self) -> None:
        require_package("ray", extra="ray", owner="runtime=ray")
        if (ranks := this_worker(os.environ).size) > 1:
            raise ConfigError(f"this is one of {ranks} ranks: {ONE_DRIVER}, or start one process")

    def computes(self, worker: Worker) -> Computes:
        """The cluster, whoever asks; nothing is connected before there is something to compute."""
        return self._compute

    def starts_others(self, worker: Worker) -> bool:
        """Never: actors are started, not further processes of this command."""
        return False

    def start(self, arguments: Sequence[str]) -> None:
        raise AssertionError("actors are started one by one")

    def __str__(self) -> str:
        return f"a Ray cluster ({self.address})"

    def _compute(self, work: Work, chunks: Iterable[Sequence[Need]], /) -> Generator[Sequence[Done]]:
        self._connect()
        batches = (ActorBatch(needs) for chunk in chunks for needs in _cut(chunk, work.batch_size))
        waiting: deque[ActorBatch] = deque()  # to go out again
        resources = {"num_cpus": self.cpus_per_actor, "num_gpus": self.gpus_per_actor}
        elsewhere = self.decode_on == "nodes"
        ahead, notice_after_s = self.batches_per_actor, self.notice_after_s
        with closing(Actors(work, self._count(), ahead, elsewhere, resources, notice_after_s)) as actors:
            has_more = True
            while has_more or waiting or not actors.is_idle:
                while actors.has_room and (batch := waiting.popleft() if waiting else next(batches, None)):
                    actors.begin(batch)
                has_more = has_more and not actors.has_room
                if actors.is_idle and not has_more and not waiting:
                    return
                for batch, outcome in actors.outcomes():
                    if not isinstance(outcome, LostBatch):
                        yield outcome
                    elif len(batch.needs) == 1 and batch.losses + 1 >= self.max_losses:
                        yield [_failed(batch.needs[0], batch.losses + 1, outcome)]
                    else:
                        log.warning("%d items go out again: %s", len(batch.needs), outcome.reason)
                        waiting += batch.again()

    def _count(self) -> int:
        """A GPU each, or where actors want none as many as the cores of the cluster allow."""
        if self.actors is not None:
            return self.actors
        import ray

        there = ray.cluster_resources()
        kind, share = ("GPU", self.gpus_per_actor) if self.gpus_per_actor else ("CPU", self.cpus_per_actor)
        return max(1, int(there.get(kind, 0) / share))

    def _connect(self) -> None:
        import ray

        if ray.is_initialized():
            return
        self._require_answer()
        start = time.monotonic()
        options: dict[str, Any] = {"include_dashboard": False} if self.address == "local" else {}
        in_main_thread = threading.current_thread() is threading.main_thread()
        on_sigterm = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(address=self.address, log_to_driver=False, logging_level=logging.WARNING, **options)
        except Exception as error:  # a bare one where a node does not come up
            raise DcvlrError(f"runtime.address={self.address!r}: {_NO_ANSWER} ({error})") from error
        finally:
            if in_main_thread:
                signal.signal(signal.SIGTERM, on_sigterm)  # Ray has put its own there
        log.info(
            "ray: %s after %.1f s", _described(ray.cluster_resources(), len(ray.nodes())), time.monotonic() - start
        )

    def _require_answer(self) -> None:
        """Raise `DcvlrError` for a host that does not answer at once: Ray itself would ask it for minutes."""
        host, _, port = self.address.removeprefix("ray://").rpartition(":")
        if not port.isdecimal():
            return
        try:
            socket.create_connection((host.strip("[]"), int(port)), _ANSWERS_WITHIN_S).close()
        except OSError as error:
            raise DcvlrError(f"runtime.address={self.address!r}: {_NO_ANSWER} ({error})") from error


def _cut(needs: Sequence[Need], size: int) -> Iterator[Sequence[Need]]:
    """`size` at a time, the last with what is left: each costs Ray some milliseconds, and models cut it as ever."""
    while needs:
        end = size if len(needs) >= 2 * size else len(needs)
        yield needs[:end]
        needs = needs[end:]


def _failed(need: Need, times: int, lost: LostBatch) -> Done:
    message = f"whoever computed it was lost {times} times, at last by {lost.reason}"
    return need, [Failure(kind="oom" if lost.is_memory else "model", message=message)] * len(need.models)


def _described(resources: dict[str, Any], nodes: int) -> str:
    return f"{nodes} nodes, {resources.get('CPU', 0):g} cores, {resources.get('GPU', 0):g} GPUs"
