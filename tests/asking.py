"""Asking a loopback server through the client: quick settings, numbered calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from servers import Loopback, Response

from dcvlr.http import Call, Server
from dcvlr.http import Response as Answer
from dcvlr.records import Failure

OK = Response(json={"answer": 42})
KEY = "sk-very-secret-key"


def server_at(url: str, **settings: Any) -> Server:
    usual: dict[str, Any] = {
        "headers": dict,
        "max_reply_mb": 16,
        "timeout_s": 20.0,
        "attempts": 4,
        "concurrency": 4,
        "requests_per_minute": None,
        "tokens_per_minute": None,
        "first_wait_s": 0.01,
        "max_wait_s": 0.05,
    }
    return Server(base_url=url, **{**usual, **settings})


def calls(count: int, tokens: int = 0) -> Iterator[tuple[int, Call]]:
    return ((i, Call(path="/v1/ask", body={"i": i}, tokens=tokens)) for i in range(count))


def asked(server: Loopback, count: int = 1, **settings: Any) -> dict[int, Answer | Failure]:
    return dict(server_at(server.url, **settings).ask(calls(count)))


def in_turn(*responses: Response) -> Any:
    """The responses one after the other, the last one for ever."""
    return lambda request: responses[min(request.index, len(responses) - 1)]


def failure_of(result: Answer | Failure) -> Failure:
    assert isinstance(result, Failure), result
    return result


def answer_of(result: Answer | Failure) -> Answer:
    assert isinstance(result, Answer), result
    return result
