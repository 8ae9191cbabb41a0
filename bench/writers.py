"""A server on loopback that writes what it is told to, and solves honestly; see confusion.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

MASKED = "masked"
UNKNOWN = "it cannot be seen"


def reply_text(fields: Mapping[str, Any]) -> str:
    """The reply as JSON, or the raw text that a persona wants."""
    if "reply" in fields:
        return str(fields["reply"])
    shown = {"question": fields["q"], "answer": fields["a"], "steps": fields["s"], "evidence": fields["e"]}
    return json.dumps(shown | ({"options": fields["o"]} if fields.get("o") else {}))


class Writers:
    """Replies to a writer with the fields of `writes`; to a solver with the truth of the question it is asked."""

    def __init__(self) -> None:
        self._fields: Mapping[str, Any] = {}
        self._truths: dict[str, tuple[str, str]] = {}
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                content = json.dumps(owner.reply(body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Writers:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def writes(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        key = " ".join(str(fields.get("q", "")).split())
        self._truths[key] = (str(fields.get("truth", fields.get("a", ""))), str(fields.get("hidden", UNKNOWN)))

    def reply(self, body: Mapping[str, Any]) -> dict[str, Any]:
        text, finish = reply_text(self._fields), self._fields.get("finish", "stop")
        if "\\boxed" in str(body["messages"]):
            text, finish = self._solved(str(body["messages"][0]["content"]), body["model"]), "stop"
        message = {"role": "assistant", "content": text}
        return {"choices": [{"index": 0, "finish_reason": finish, "message": message}], "usage": {}}

    def _solved(self, prompt: str, model: str) -> str:
        asked = [question for question in self._truths if question and repr(question)[1:-1] in prompt]
        truth, hidden = self._truths[max(asked, key=len)] if asked else (UNKNOWN, UNKNOWN)
        return f"I look.\n\\boxed{{{hidden if model == MASKED else truth}}}"
