"""`runtime=local`: this process, or several on this machine, which share the run directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from dcvlr.execution.accelerate import launch
from dcvlr.execution.threads import LoadsAhead
from dcvlr.execution.workers import Worker
from dcvlr.settings import Count, Whole, checked


@dataclass(frozen=True, kw_only=True)
@checked
class Local:
    """Threads decode ahead of the model; with `num_processes` above 1 accelerate starts as many, one GPU each.

    See conf/runtime/local.yaml for the settings.
    """

    num_processes: Count
    max_restarts: Whole
    chunk_size: Count
    lease_s: Annotated[float, Meta(gt=0)]
    decode_threads: Count | None
    decode_memory_mb: Count

    def computes(self, worker: Worker) -> LoadsAhead:
        """This process itself; without `decode_threads`, all processes together decode in a thread per core."""
        return LoadsAhead(self.decode_threads or max(1, (os.cpu_count() or 1) // worker.size))

    def starts_others(self, worker: Worker) -> bool:
        """Whether the run is carried out by processes that are still to be started; not if this is one of them."""
        return worker.size == 1 and self.num_processes > 1

    def start(self, arguments: Sequence[str]) -> None:
        """Run `python -m dcvlr <arguments>` in `num_processes` processes and wait for all; see `launch`."""
        launch(self.num_processes, arguments, self.max_restarts)

    def __str__(self) -> str:
        return f"{self.num_processes} process{'' if self.num_processes == 1 else 'es'} on this machine"
