"""Who works a batch off: a server of OpenAI's batch protocol, or a person with `vllm run-batch`.

https://platform.openai.com/docs/api-reference/batch, https://docs.vllm.ai/en/latest/serving/offline_inference.html
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any

from msgspec.structs import replace

from dcvlr.errors import DcvlrError
from dcvlr.http.statuses import one_line
from dcvlr.http.transfers import Transfers, UncertainError
from dcvlr.llm.batch_files import Batch, BatchFolder
from dcvlr.rundir.files import atomic_write

log = logging.getLogger(__name__)

ENDPOINT = "/v1/chat/completions"
_ENDED = frozenset({"completed", "expired", "cancelled"})
_NAME = "dcvlr_batch"  # the key of our name for a batch, in the server's record of it
_MOST_PAGES = 50


@dataclass(frozen=True)
class BatchServer:
    """Hands batches in and fetches what came of them."""

    server: Transfers
    folder: BatchFolder

    def hand_in(self, batch: Batch) -> Batch:
        """The batch with the server's names. One that an earlier process handed in is found, not handed in again."""
        with self.folder.locked(batch) as known:
            return known if known.batch_id else self._handed_in(known)

    def _handed_in(self, batch: Batch) -> Batch:
        found = None if batch.file_id is None else self._found(batch)
        if batch.file_id is None:
            file = self.server.upload("files", self.folder.requests_file(batch), {"purpose": "batch"})
            batch = self._saved(replace(batch, file_id=_id(file)))
        batch_id = found or self._made(batch)
        log.info("batch %s with %d requests was handed in", batch_id, len(batch.ids))
        return self._saved(replace(batch, batch_id=batch_id))

    def _made(self, batch: Batch) -> str:
        wanted = {
            "input_file_id": batch.file_id,
            "endpoint": ENDPOINT,
            "completion_window": "24h",
            "metadata": {_NAME: batch.name},
        }
        try:
            return _id(self.server.post_once("batches", wanted))
        except UncertainError as error:
            if found := self._found(batch):
                return found
            raise DcvlrError(f"{error}; no batch is there yet: run the same command again") from error

    def is_done(self, batch: Batch) -> bool:
        """Whether the batch has ended; then what came of it, whole or partial, is in its file of results.

        Raises `DcvlrError` for a batch that the server refused.
        """
        state = self._state(batch)
        status = state.get("status")
        if status == "failed":
            self.folder.remove(batch)
            raise DcvlrError(f"batch {batch.batch_id} was refused: {_errors(state)}; nothing of it was paid")
        if status not in _ENDED:
            counts = state.get("request_counts") or {}
            log.info("batch %s: %s, %s of %d done", batch.batch_id, status, counts.get("completed", 0), len(batch.ids))
            return False
        self._fetch(batch, [state[key] for key in ("output_file_id", "error_file_id") if state.get(key)])
        log.info("batch %s: %s", batch.batch_id, status)
        return True

    def _fetch(self, batch: Batch, files: list[str]) -> None:
        with atomic_write(self.folder.results_file(batch)) as whole:
            for file_id in files:
                with TemporaryFile(dir=self.folder.path) as part:
                    self.server.download(f"files/{file_id}/content", part)
                    part.seek(0)
                    copyfileobj(part, whole)

    def _state(self, batch: Batch) -> Any:
        try:
            return self.server.get(f"batches/{batch.batch_id}")
        except DcvlrError as error:
            record = self.folder.path / f"{batch.name}.json"
            raise DcvlrError(f"{error}; to ask its requests anew, and pay for them again, remove {record}") from error

    def _saved(self, batch: Batch) -> Batch:
        self.folder.save(batch)
        return batch

    def _found(self, batch: Batch) -> str | None:
        """The server's name of a batch that was handed in by a process that did not live to write it down."""
        page: dict[str, str] = {"limit": "100"}
        for _ in range(_MOST_PAGES):
            listed = self.server.get("batches", **page)
            for state in listed.get("data", []):
                ours = (state.get("metadata") or {}).get(_NAME) == batch.name
                if ours and state.get("input_file_id") == batch.file_id:
                    return _id(state)
            if not listed.get("has_more") or not listed.get("data"):
                return None
            page["after"] = _id(listed["data"][-1])
        return None


@dataclass(frozen=True)
class ByHand:
    """A person takes the file of requests to `vllm run-batch` and puts the results beside it."""

    folder: BatchFolder
    model: str

    def hand_in(self, batch: Batch) -> Batch:
        log.warning(
            "run: vllm run-batch -i %s -o %s --model %s; then the same command again",
            *(self.folder.requests_file(batch), self.folder.results_file(batch), self.model),
        )
        return batch

    def is_done(self, batch: Batch) -> bool:
        """Whether there is a result for every request; `vllm run-batch` writes one also for those that failed."""
        return sum(1 for _ in self.folder.results(batch)) >= len(batch.ids)


def _id(state: Any) -> str:
    if not isinstance(state, dict) or not isinstance(state.get("id"), str):
        raise DcvlrError(f"the server told no id: {one_line(state)}")
    return str(state["id"])


def _errors(state: Any) -> str:
    errors = (state.get("errors") or {}).get("data") or []
    return "; ".join(one_line(error.get("message") or error) for error in errors[:3]) or "no reason was told"
