"""What an option of conf/runtime is: who computes what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dcvlr.execution.workers import Worker


class Runtime(Protocol):
    """How a run is carried out; nothing in it can change a result. One of the options in conf/runtime.

    Its text is what a dry run says of it.
    """

    @property
    def chunk_size(self) -> int: ...
    @property
    def lease_s(self) -> float: ...
    @property
    def decode_threads(self) -> int | None: ...
    @property
    def decode_memory_mb(self) -> int: ...

    def starts_others(self, worker: Worker) -> bool:
        """Whether the run is carried out by processes that are still to be started."""

    def start(self, arguments: Sequence[str]) -> None:
        """Run `python -m dcvlr <arguments>` in them and wait for all; raises `DcvlrError` if they end too early."""
