"""A server of OpenAI's batch protocol on loopback: files, batches and what they cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from servers import Loopback, Request, Response


class BatchHost(Loopback):
    """Answers every request of a batch with `reply(body)`, after so many `looks` at it; `paid` are those replies.

    `reply` gives a chat completion, or `(status, error)`. `on_create` may give another response for the creation of a
    batch; the batch is made all the same. `end` is the status that batches end with.
    """

    def __init__(self, reply: Callable[[Any], Any], *, looks: int = 1) -> None:
        super().__init__(self._serve)
        self.reply = reply
        self.looks = looks
        self.end = "completed"
        self.answered = 1.0  # share of a batch's requests that are answered before it ends
        self.on_create: Callable[[], Response | None] = lambda: None
        self.is_held = False  # no batch ends
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.paid: list[str] = []

    def _serve(self, request: Request) -> Response:
        path = urlsplit(request.path).path
        match request.method, path.strip("/").split("/"):
            case "POST", ["files"]:
                return Response(json={"id": self._kept(file_in(request)), "object": "file", "purpose": "batch"})
            case "POST", ["batches"]:
                return self._create(request.body)
            case "GET", ["batches"]:
                return self._listed(parse_qs(urlsplit(request.path).query))
            case "GET", ["batches", name]:
                return self._status(name)
            case "GET", ["files", name, "content"]:
                return Response(raw=self.files[name])
        return Response(status=404, json={"error": {"message": f"no {path}"}})

    def _kept(self, content: bytes) -> str:
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return name

    def _create(self, body: dict[str, Any]) -> Response:
        name = f"batch_{len(self.batches)}"
        self.batches[name] = {**body, "id": name, "object": "batch", "status": "in_progress", "seen": 0}
        return self.on_create() or Response(json=self.batches[name])

    def _listed(self, query: dict[str, list[str]]) -> Response:
        """Newest first, two a page whatever was asked for."""
        names = list(reversed(self.batches))
        start = names.index(query["after"][0]) + 1 if "after" in query else 0
        page = [self.batches[name] for name in names[start : start + 2]]
        return Response(json={"object": "list", "data": page, "has_more": start + 2 < len(names)})

    def _status(self, name: str) -> Response:
        if name not in self.batches:
            return Response(status=404, json={"error": {"message": f"no batch {name}"}})
        batch = self.batches[name]
        batch["seen"] += 1
        if batch["status"] == "in_progress" and batch["seen"] >= self.looks and not self.is_held:
            self._end_batch(batch)
        return Response(json=batch)

    def _end_batch(self, batch: dict[str, Any]) -> None:
        batch["status"] = self.end
        if self.end == "failed":
            batch["errors"] = {"data": [{"code": "model_not_found", "message": "the model tiny does not exist"}]}
            return
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        good, bad = [], []
        for line in lines[: round(len(lines) * self.answered)]:
            replied = self.reply(line["body"])
            status, body = replied if isinstance(replied, tuple) else (200, replied)
            response = {"status_code": status, "request_id": "r", "body": body}
            (good if status == 200 else bad).append(
                {"custom_id": line["custom_id"], "response": response, "error": None}
            )
            self.paid += [line["custom_id"]] if status == 200 else []
        expired = {"response": None, "error": {"code": "batch_expired"}}
        bad += [{"custom_id": line["custom_id"], **expired} for line in lines[round(len(lines) * self.answered) :]]
        batch["output_file_id"] = self._kept(jsonl(good)) if good else None
        batch["error_file_id"] = self._kept(jsonl(bad)) if bad else None


def jsonl(lines: list[Any]) -> bytes:
    """In another order than the requests had."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in reversed(lines))


def file_in(request: Request) -> bytes:
    """The file of a form, with its purpose checked."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in BytesParser().parsebytes(head + request.body).walk()
        if not part.is_multipart()
    }
    assert parts["purpose"] == b"batch"
    content = parts["file"]
    assert isinstance(content, bytes)
    return content
