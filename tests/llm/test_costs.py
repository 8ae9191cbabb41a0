"""What replies cost: a budget, a run that is killed, and what the log says of it."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from fakes import asked
from forked import Forked
from llm.test_openai import answers, echo, model
from servers import Loopback, Request, Response

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.memo import Memo
from dcvlr.records import Failure
from dcvlr.records.requests import Reply
from dcvlr.records.requests import Request as RequestToModel


def test_a_budget_stops_cleanly_and_the_next_run_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    requests = [asked(f"say {n}") for n in range(40)]
    with Loopback(echo) as server:
        llm = model(server, concurrency=4, input_price=1.0, output_price=5.0, budget=0.02)  # 0.002 a reply
        with (
            caplog.at_level(logging.INFO, "dcvlr"),
            pytest.raises(DcvlrError, match="of its budget"),
        ):
            Memo(tmp_path / "m").generate(llm, requests)
        first = len(server.requests)
        assert first == 10
        assert "replies" in caplog.text
        with pytest.raises(DcvlrError, match="budget"):
            Memo(tmp_path / "m").generate(llm, requests)
        assert len(server.requests) == first  # the same run has no more to spend, in whatever step it asks
        Memo(tmp_path / "m").generate(model(server), requests)
        assert len(server.requests) == 40


def test_a_budget_reserves_what_is_in_flight(tmp_path: Path) -> None:
    def slow(request: Request) -> Response:
        usage = {"prompt_tokens": 2, "completion_tokens": 64}
        return Response(json={**echo(request).json, "usage": usage}, delay_s=0.3)

    requests = [asked(f"say {n}") for n in range(64)]  # up to 64 tokens each
    with Loopback(slow) as server:
        llm = model(server, concurrency=64, input_price=1.0, output_price=10.0, budget=0.01)  # 0.000642 a reply
        with pytest.raises(DcvlrError, match=r"spent 0\.0096 of its budget of 0\.01, .* may cost 0\.0006"):
            Memo(tmp_path / "m").generate(llm, requests)
        assert len(server.requests) == 15


def test_what_is_reserved_and_not_spent_is_free_again(tmp_path: Path) -> None:
    def short(request: Request) -> Response:
        usage = {"prompt_tokens": 2, "completion_tokens": 4}
        return Response(json={**echo(request).json, "usage": usage}, delay_s=0.01)

    requests = [asked(f"say {n}") for n in range(64)]
    with Loopback(short) as server:
        prices = {"input_price": 1.0, "output_price": 10.0}  # 0.000042 a reply, up to 0.000642
        llm = model(server, concurrency=64, budget=0.0034, **prices)
        assert len(Memo(tmp_path / "m").generate(llm, requests)) == 64
        assert len(server.requests) == 64


def test_a_request_that_a_budget_cannot_hold_is_not_sent(tmp_path: Path) -> None:
    with Loopback(echo) as server:
        llm = model(server, input_price=1.0, output_price=10.0, budget=0.0005)
        with pytest.raises(DcvlrError, match=r"spent 0\.0000 of its budget of 0\.0005"):
            Memo(tmp_path / "m").generate(llm, [asked("hello")])
        assert server.requests == []


def test_all_samples_of_a_question_are_reserved(tmp_path: Path) -> None:
    requests = [asked("hello", seed=seed) for seed in range(3)]  # one request of three choices, up to 0.00064 each
    with Loopback(echo) as server:
        llm = model(server, input_price=1.0, output_price=10.0, budget=0.0015)
        with pytest.raises(DcvlrError, match=r"spent 0\.0000 of its budget of 0\.0015, .* may cost 0\.0019"):
            Memo(tmp_path / "m").generate(llm, requests)
        assert server.requests == []


def threads_since(before: set[threading.Thread]) -> list[str]:
    """Those that are still there after a moment: one that was told to end may be about to."""
    until = time.monotonic() + 2
    while names := [t.name for t in set(threading.enumerate()) - before if t.name.startswith("dcvlr")]:
        if time.monotonic() > until:
            return names
        time.sleep(0.01)
    return []


def ending(kind: str) -> Callable[[Request], Response]:
    """A server whose replies end a run in that way, while others are on their way."""

    def respond(request: Request) -> Response:
        if request.index < 6:
            return echo(request)
        if kind == "error in a reply":
            return Response(raw=b"[" * 100_000)
        if kind == "wrong key" and request.index == 6:
            return Response(status=401)
        return echo(request) if kind in ("success", "budget spent") else Response(json={}, delay_s=30)

    return respond


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["success", "error in a reply", "wrong key", "budget spent", "Ctrl-C", "abandoned"])
def test_no_thread_is_left_however_a_run_with_a_server_ends(tmp_path: Path, kind: str) -> None:
    before = set(threading.enumerate())  # also those of locks that other tests of this process left held
    requests = [asked(f"say {n}") for n in range(24)]

    def interrupted() -> Iterator[RequestToModel]:
        yield from requests[:12]
        raise KeyboardInterrupt

    with Loopback(ending(kind)) as server:
        settings = {"input_price": 1.0, "output_price": 5.0, "budget": 0.02} if kind == "budget spent" else {}
        llm = model(server, concurrency=4, attempts=1, timeout_s=1, **settings)
        if kind == "abandoned":
            for number, _ in enumerate(llm.answers(iter(requests))):
                if number == 3:
                    break
        elif kind == "Ctrl-C":
            with pytest.raises(KeyboardInterrupt):
                list(llm.answers(interrupted()))
        else:
            raises = {"wrong key": "the key is missing or wrong", "budget spent": "of its budget"}
            with pytest.raises(DcvlrError, match=raises[kind]) if kind in raises else nullcontext():
                Memo(tmp_path / "m").generate(llm, requests)
        assert threads_since(before) == []


@pytest.mark.slow
def test_a_killed_run_pays_nothing_twice_but_what_was_in_flight(tmp_path: Path) -> None:
    def slow(request: Request) -> Response:
        response = echo(request)
        return Response(json=response.json, delay_s=0.05)

    with Loopback(slow) as server:
        code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from fakes import asked
from llm.test_openai import model
from dcvlr.memo import Memo
class At: url = {server.url!r}
Memo(Path({str(tmp_path / "m")!r})).generate(model(At, concurrency=8), [asked(f"say {{n}}") for n in range(200)])
"""
        killed = Forked("-c", code)
        while len(server.requests) < 90:
            time.sleep(0.005)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        requests = [asked(f"say {n}") for n in range(200)]
        replies = Memo(tmp_path / "m").generate(model(server, concurrency=8), requests)
        texts = [request.body["messages"][0]["content"] for request in server.requests]
    assert [replies[request.id] for request in requests] == [
        Reply(text=f"say {n}", prompt_tokens=1000, completion_tokens=200) for n in range(200)
    ]
    assert set(texts) == {f"say {n}" for n in range(200)}
    assert len(texts) <= 200 + 2 * 8  # in flight, or answered and not yet read when the process died


def test_a_budget_without_prices_is_refused() -> None:
    with (
        Loopback(echo) as server,
        pytest.raises(ConfigError, match=r"^budget=5\.0: without prices"),
    ):
        model(server, budget=5.0)


def test_the_bill_is_told_only_where_something_was_paid(caplog: pytest.LogCaptureFixture) -> None:
    with Loopback(echo) as server, caplog.at_level(logging.INFO, "dcvlr"):
        llm = model(server)
        answers(llm, asked("hello"))
        answers(llm)
    assert caplog.text.count("1 replies, 1000 tokens in") == 1


def test_a_refusal_that_was_paid_is_billed_and_not_asked_for_again(tmp_path: Path) -> None:
    def filtering(request: Request) -> Response:
        text = request.body["messages"][0]["content"]
        finish = "content_filter" if text == "say 3" else "stop"
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 1000, "completion_tokens": 200}
        return Response(json={"choices": [choice], "usage": usage}, delay_s=0.02 * (text == "say 5"))

    requests = [asked(f"say {n}") for n in range(10)]
    with Loopback(filtering) as server:
        llm = model(server, concurrency=1, input_price=1.0, output_price=5.0, budget=0.012)  # 0.002 a reply
        with pytest.raises(DcvlrError, match=r"spent 0\.0120 of its budget"):
            Memo(tmp_path / "m").generate(llm, requests)
        assert len(server.requests) == 6
        replies = Memo(tmp_path / "m").generate(model(server, concurrency=1), requests)
        texts = [request.body["messages"][0]["content"] for request in server.requests]
    assert sorted(texts) == [f"say {n}" for n in range(10)]
    refused = replies[requests[3].id]
    assert isinstance(refused, Failure)
    assert (refused.kind, refused.prompt_tokens, refused.completion_tokens) == ("refused", 1000, 200)
