"""Batches of requests on this machine: which were handed in, with what in them, and what came back.

Of each batch `<name>.requests.jsonl` (until it is done), `<name>.json` and, once done, `<name>.results.jsonl`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.identity import digest
from dcvlr.records.base import Record
from dcvlr.rundir.files import atomic_write, write_json
from dcvlr.rundir.locks import Locks

log = logging.getLogger(__name__)

_LEASE_S = 60.0
_LOOK_AGAIN_S = 0.2


class Batch(Record, frozen=True):
    """`ids` are those of its requests; `file_id` and `batch_id` are the server's names, once it has them."""

    name: str
    ids: tuple[str, ...]
    file_id: str | None = None
    batch_id: str | None = None
    is_done: bool = False


class ResultLine(msgspec.Struct, frozen=True):
    """A line of results, as OpenAI and `vllm run-batch` write it; other keys are left unread."""

    custom_id: str
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class BatchFolder:
    """The batches of one model. What is in it outlives the process: nothing that was handed in is handed in again."""

    path: Path
    locks: Locks = field(default_factory=partial(Locks, _LEASE_S))

    def batches(self) -> list[Batch]:
        paths = [path for path in sorted(self.path.glob("*.json")) if not path.name.startswith(".")]
        return [msgspec.json.decode(path.read_bytes(), type=Batch) for path in paths]

    def read(self, batch: Batch) -> Batch:
        """The batch as it was written last, by whichever process."""
        return msgspec.json.decode(self._record(batch).read_bytes(), type=Batch)

    def save(self, batch: Batch) -> None:
        write_json(self._record(batch), batch)

    def requests_file(self, batch: Batch) -> Path:
        return self.path / f"{batch.name}.requests.jsonl"

    def results_file(self, batch: Batch) -> Path:
        return self.path / f"{batch.name}.results.jsonl"

    def new(self, ids: Sequence[str], lines: Sequence[bytes]) -> Batch:
        """A batch with its file of requests, not handed in yet."""
        key, taken = digest(b"\n".join(sorted(name.encode() for name in ids)))[:16], 0
        while (self.path / f"{key}-{taken}.json").exists():
            taken += 1
        batch = Batch(name=f"{key}-{taken}", ids=tuple(ids))
        with atomic_write(self.requests_file(batch)) as file:
            file.writelines(line + b"\n" for line in lines)
        self.save(batch)
        return batch

    def results(self, batch: Batch) -> Iterator[ResultLine]:
        """What came back; a line that is none is left out, and its request counts as not answered."""
        decoder = msgspec.json.Decoder(ResultLine)
        if not self.results_file(batch).exists():
            return
        with self.results_file(batch).open("rb") as file:
            for line in file:
                try:
                    yield decoder.decode(line)
                except msgspec.DecodeError as error:
                    if line.strip():
                        log.warning("%s: a line that is no result (%s)", self.results_file(batch), error)

    def remove(self, batch: Batch) -> None:
        """Forget a batch whose replies are kept elsewhere, or which never ran."""
        for path in (self._record(batch), self.requests_file(batch), self.results_file(batch)):
            path.unlink(missing_ok=True)

    @contextmanager
    def locked(self, batch: Batch) -> Iterator[Batch]:
        """The batch as it is on disk, while no other process hands it in."""
        lock = self.path / f"{batch.name}.lock"
        while not self.locks.take(lock):
            time.sleep(_LOOK_AGAIN_S)
        try:
            yield self.read(batch)
        finally:
            self.locks.release(lock)

    def _record(self, batch: Batch) -> Path:
        return self.path / f"{batch.name}.json"
