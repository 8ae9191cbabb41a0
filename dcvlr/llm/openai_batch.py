"""Requests in files, answered within a day at about half the price: OpenAI's batch protocol and `vllm run-batch`."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from dcvlr.http import Response, bearer, require_client
from dcvlr.http.statuses import MAY_PASS, one_line
from dcvlr.http.transfers import Transfers
from dcvlr.identity import model_key, speed
from dcvlr.llm.batch_files import Batch, BatchFolder, ResultLine
from dcvlr.llm.batch_service import ENDPOINT, BatchServer, ByHand
from dcvlr.llm.completion import reply_of
from dcvlr.llm.families import stated_family
from dcvlr.llm.openai import chat_body
from dcvlr.llm.spending import Costs
from dcvlr.records import Failure
from dcvlr.records.requests import Reply, Request
from dcvlr.settings import Count, Side, checked

Answered = tuple[Request, Reply | Failure]


@dataclass(frozen=True, kw_only=True)
@checked
class OpenAiBatch:
    """`model` behind `base_url`, asked by batches; null: by hand, with `vllm run-batch`.

    A batch is written to `folder` before it is handed in, and stays there until its replies were taken: a run that was
    killed, or stopped waiting after `max_wait_s`, finds it again and pays for nothing twice. Of a batch that expired or
    was cancelled, the replies that it has count; the other requests are asked by the next run.
    """

    name: ClassVar[str] = "openai_batch"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Reply
    family = stated_family

    model: str
    family_name: str | None
    sees_images: bool
    max_side: Side
    image_format: Literal["jpeg", "png"]
    schema_mode: Literal["json_schema", "json_object", "none"]
    send_seed: bool
    extra: dict[str, Any]
    base_url: str | None = speed()
    api_key_env: str | None = speed()
    folder: str = speed()
    max_requests: Annotated[int, Meta(ge=1, le=50_000)] = speed()
    max_file_mb: Annotated[int, Meta(ge=1, le=200)] = speed()
    max_batches: Count = speed()
    poll_s: Annotated[float, Meta(ge=0, le=3600)] = speed()
    max_wait_s: Annotated[float, Meta(ge=0, le=1_000_000)] = speed()
    timeout_s: Annotated[float, Meta(gt=0, le=86_400)] = speed()
    attempts: Count = speed()
    input_price: Annotated[float, Meta(ge=0, le=1_000_000_000)] = speed()
    output_price: Annotated[float, Meta(ge=0, le=1_000_000_000)] = speed()

    def check_ready(self) -> None:
        if self.base_url is not None:
            require_client(self._owner)
            self._transfers()
            bearer(self.api_key_env, self._owner)

    def answers(self, requests: Iterable[Request], /) -> Generator[Answered]:
        folder = BatchFolder(Path(self.folder) / model_key(self))
        by_hand = self.base_url is None
        service = ByHand(folder, self.model) if by_hand else BatchServer(self._transfers(), folder)
        yield from Desk(self, folder, service).answers(requests)

    def _transfers(self) -> Transfers:
        assert self.base_url is not None, "by hand nothing is transferred"
        return Transfers(
            base_url=self.base_url,
            headers=partial(bearer, self.api_key_env, self._owner),
            timeout_s=self.timeout_s,
            attempts=self.attempts,
        )

    @property
    def _owner(self) -> str:
        return f"llm=openai_batch ({self.model})"


@dataclass
class Desk:
    """Fills batches, hands them in and takes their replies; `awaited` are the requests of this process by batch."""

    model: OpenAiBatch
    folder: BatchFolder
    service: BatchServer | ByHand
    batches: dict[str, Batch] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)  # the batch of each request that was ever handed in
    awaited: dict[str, dict[str, Request]] = field(default_factory=dict)
    kept: dict[str, dict[str, Reply | Failure]] = field(default_factory=dict)  # of batches left done

    def answers(self, requests: Iterable[Request]) -> Iterator[Answered]:
        known = sorted(self.folder.batches(), key=lambda batch: not batch.is_done)  # of two the one that is under way
        self.batches = {batch.name: batch for batch in known}
        self.home = {request_id: batch.name for batch in known for request_id in batch.ids}
        bill = Costs(self.model.input_price, self.model.output_price)
        for request, reply in self._all(iter(requests)):
            bill.add(reply)
            yield request, reply
        if bill.replies:
            bill.log_total(self.model.model)

    def _all(self, requests: Iterator[Request]) -> Iterator[Answered]:
        gives_up_at = time.monotonic() + self.model.max_wait_s
        is_open, carried = True, None
        while is_open or self.awaited:
            while is_open and len(self.awaited) < self.model.max_batches:
                new = NewBatch(self.model, carried)
                yield from new.fill(requests, self)
                is_open, carried = not new.is_last, new.left_over
                self._hand_in(new)
            yield from self._collect()
            if self.awaited and time.monotonic() >= gives_up_at:
                yield from self._given_up(requests, carried)
                return
            if self.awaited:
                time.sleep(self.model.poll_s)

    def _hand_in(self, new: NewBatch) -> None:
        if new.requests:
            batch = self.folder.new(list(new.requests), new.lines)
            self.batches[batch.name] = batch
            self.awaited[batch.name] = new.requests
        for name in self.awaited:
            batch = self.batches[name]
            if batch.batch_id is None and not batch.is_done:
                self.batches[name] = self.service.hand_in(batch)

    def _collect(self) -> Iterator[Answered]:
        for name in list(self.awaited):
            batch = self.batches[name]
            if not batch.is_done:
                if not self.service.is_done(batch):
                    continue
                batch = self.batches[name] = replace(batch, is_done=True)
                self.folder.save(batch)
                self.folder.requests_file(batch).unlink(missing_ok=True)
            yield from self._taken(batch, self.awaited.pop(name))

    def _taken(self, batch: Batch, waiting: dict[str, Request]) -> Iterator[Answered]:
        """The outcomes of a batch that is done; it is forgotten once all of its requests were answered here."""
        is_whole = len(waiting) == len(batch.ids)
        for line in self.folder.results(batch):
            if request := waiting.pop(line.custom_id, None):
                yield request, outcome(line)
        for request in waiting.values():
            yield (
                request,
                Failure(kind="timeout", message=f"batch {batch.batch_id or batch.name} ended without a reply"),
            )
        if is_whole:
            self.folder.remove(batch)

    def _given_up(self, requests: Iterator[Request], carried: Request | None) -> Iterator[Answered]:
        for name, waiting in self.awaited.items():
            message = f"batch {self.batches[name].batch_id or name} is not done yet: run the same command again later"
            yield from ((request, Failure(kind="timeout", message=message)) for request in waiting.values())
        for request in (*([carried] if carried else ()), *requests):
            yield request, Failure(kind="timeout", message="not handed in: other batches are not done yet")

    def pending(self, request: Request) -> Batch | None:
        """The batch that a request was handed in with by an earlier process."""
        return self.batches.get(self.home.get(request.id, ""))

    def kept_reply(self, batch: Batch, request: Request) -> Reply | Failure | None:
        """The reply of a batch that is done, if it has one: a failure that cost nothing is asked again."""
        if batch.name not in self.kept:
            results = ((line.custom_id, outcome(line)) for line in self.folder.results(batch))
            self.kept[batch.name] = {
                name: reply for name, reply in results if isinstance(reply, Reply) or reply.was_paid
            }
        return self.kept[batch.name].get(request.id)


class NewBatch:
    """The requests of a batch to be; `left_over` is one that did not fit."""

    def __init__(self, model: OpenAiBatch, carried: Request | None) -> None:
        self._model = model
        self._size = 0
        self.left_over = carried
        self.is_last = False
        self.requests: dict[str, Request] = {}
        self.lines: list[bytes] = []

    def fill(self, requests: Iterator[Request], desk: Desk) -> Iterator[Answered]:
        """Take requests until the batch is full; what needs no batch is given back with its outcome."""
        while len(self.requests) < self._model.max_requests:
            request, self.left_over = self.left_over or next(requests, None), None
            if request is None:
                self.is_last = True
                return
            batch = desk.pending(request)
            if batch is not None and not batch.is_done:
                desk.awaited.setdefault(batch.name, {})[request.id] = request
            elif batch is not None and (reply := desk.kept_reply(batch, request)) is not None:
                yield request, reply
            elif isinstance(body := chat_body(self._model, request), Failure):
                yield request, body
            elif not self._add(request, body):
                self.left_over = request
                return

    def _add(self, request: Request, body: Any) -> bool:
        line = msgspec.json.encode({"custom_id": request.id, "method": "POST", "url": ENDPOINT, "body": body})
        if self.requests and self._size + len(line) + 1 > self._model.max_file_mb * 1_000_000:
            return False
        self.requests[request.id] = request
        self.lines.append(line)
        self._size += len(line) + 1
        return True


def outcome(line: ResultLine) -> Reply | Failure:
    """What a line of results says of its request."""
    if line.response is None:
        return Failure(kind="server", message=f"no reply: {one_line(line.error)}")
    status, body = line.response.get("status_code"), line.response.get("body")
    if status == 200:
        return reply_of(Response(body=body, seconds=0.0, attempts=1))
    may_pass = not isinstance(status, int) or status in MAY_PASS or status >= 500
    return Failure(kind="server" if may_pass else "refused", message=f"status {status}: {one_line(body)}")
