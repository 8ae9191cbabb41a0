"""A server that misbehaves in every way it can: each request ends as an answer or as a failure of its own."""

from __future__ import annotations

import gzip
import json
import random

import pytest
from asking import server_at
from faults.counting import Table, repeats, seed
from servers import Loopback, Request, Response

from dcvlr.http import Response as Answer
from dcvlr.http import ServerCall
from dcvlr.http.completions import completion_fault

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
pytest.importorskip("aiohttp", reason="the api extra is not installed")

REQUESTS = 600


def good(request: Request) -> Response:
    message = {"role": "assistant", "content": f"reply {request.body['i']}"}
    return Response(json={"choices": [{"message": message, "finish_reason": "stop"}]})


FAULTS = {
    **{f"status {status}": Response(status=status) for status in (408, 409, 425, 429, 500, 502, 503, 504, 524, 529)},
    "Retry-After of now": Response(status=429, headers={"Retry-After": "0"}),
    "Retry-After of nonsense": Response(status=503, headers={"Retry-After": "soon"}),
    "closed without a word": Response(drop=True),
    "cut in the middle": Response(json={"choices": []}, cut=5),
    "no JSON": Response(raw=b"<html>busy</html>"),
    "empty": Response(raw=b""),
    "no text": Response(raw=b"\xff\xfe\x00"),
    "nested": Response(raw=b"[" * 50_000),
    "no choices": Response(json={"choices": []}),
    "a null": Response(json=None),
    "an error under 200": Response(json={"error": {"code": 429, "message": "slow"}}),
    "an error under 200 without code": Response(json={"error": "no"}),
    "a choice that broke off": Response(json={"choices": [{"finish_reason": "error", "message": {}}]}),
    "broken gzip": Response(raw=b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"}),
    "a number too large": Response(raw=b'{"usage": 1e999}'),
}
LOST = {
    "a gzip bomb": Response(raw=gzip.compress(b" " * (8 << 20)), headers={"Content-Encoding": "gzip"}),
    "refused": Response(status=400, raw=json.dumps({"error": {"message": "\x1b[31m no \u202e"}}).encode()),
    "flagged": Response(status=403),
}


def test_every_request_has_one_honest_end(table: Table) -> None:
    for round_ in range(repeats(1)):
        draw = random.Random(seed() * 1000 + round_)
        fault_of = {i: draw.choice([None, *FAULTS, *LOST]) for i in range(1, REQUESTS)}
        first: set[int] = set()

        def respond(request: Request, fault_of: dict[int, str | None] = fault_of, first: set[int] = first) -> Response:
            i = request.body["i"]
            name = fault_of.get(i)
            if name in LOST:
                return LOST[name]
            if name is None or i in first:
                return good(request)
            first.add(i)
            return FAULTS[name]

        with Loopback(respond) as server:
            client = server_at(server.url, concurrency=16, attempts=4, max_wait_s=30.0, max_reply_mb=1, timeout_s=20.0)
            calls = ((i, ServerCall(path="x", body={"i": i}, fault=completion_fault)) for i in range(REQUESTS))
            outcomes = dict(client.ask(calls))
            asked = len(server.requests)
        assert sorted(outcomes) == list(range(REQUESTS))
        for i, outcome in outcomes.items():
            if fault_of.get(i) in LOST:
                assert not isinstance(outcome, Answer)
                assert outcome.message.isprintable()
            else:
                assert isinstance(outcome, Answer), (fault_of.get(i), outcome)
                assert outcome.body["choices"][0]["message"]["content"] == f"reply {i}"
        table.add("requests to a misbehaving server", tried=asked, survived=asked)
