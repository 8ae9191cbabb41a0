"""A server that is away, or says 429, is waited for by all requests together."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from asking import OK, answer_of, asked, calls, failure_of, in_turn, server_at
from servers import Loopback, Request, Response

from dcvlr.errors import DcvlrError
from dcvlr.http import Response as Answer
from dcvlr.http.limits import Outage
from dcvlr.records import Failure

pytest.importorskip("aiohttp", reason="the api extra is not installed")


def test_pauses_grow_within_an_outage_and_start_small_after_it() -> None:
    outage = Outage(first_wait_s=1.0, max_wait_s=1000.0)
    pauses = [outage.pause_s(time.monotonic(), None) for _ in range(6)]
    for pause, longest in zip(pauses, [1, 2, 4, 8, 15, 15], strict=True):
        assert pause is not None
        assert longest / 2 <= pause <= longest
    outage.succeeded(time.monotonic())
    again = outage.pause_s(time.monotonic(), None)
    assert again is not None
    assert again <= 1


def test_requests_that_were_in_flight_together_make_one_pause() -> None:
    outage = Outage(first_wait_s=1.0, max_wait_s=1000.0)
    started = time.monotonic()
    first = outage.pause_s(started, None)
    assert first is not None
    assert first > 0
    assert outage.pause_s(started, None) == 0.0
    assert outage.pause_s(started, 7.0) == 7.0  # unless the server itself asks for more


def test_an_answer_to_a_request_from_before_the_outage_does_not_end_it() -> None:
    outage = Outage(first_wait_s=0.01, max_wait_s=0.05)
    before = time.monotonic()
    assert outage.pause_s(before, None) is not None
    outage.succeeded(before)
    time.sleep(0.06)
    assert outage.pause_s(time.monotonic(), None) is None


@pytest.mark.slow
def test_a_window_that_is_full_costs_no_request() -> None:
    """Six requests per window, then 429 without Retry-After: all are answered, with a single attempt allowed."""
    window: dict[int, int] = {}

    def respond(request: Request) -> Response:
        index = int(request.at / 0.3)
        window[index] = window.get(index, 0) + 1
        return OK if window[index] <= 6 else Response(status=429, json={"error": {"message": "slow down"}})

    with Loopback(respond) as server:
        answers = asked(server, 24, concurrency=8, attempts=1, max_wait_s=5.0)
    assert [type(answers[i]) for i in range(24)] == [Answer] * 24


@pytest.mark.slow
def test_an_overloaded_server_is_asked_less_and_then_more_again() -> None:
    at_once = 0
    refused: list[int] = []
    lock = threading.Lock()

    def small_server(request: Request) -> Response:
        """Takes four at once while it is busy with the first 60 requests, everything after that."""
        nonlocal at_once
        with lock:
            at_once += 1
            too_many = at_once > 4 and request.index < 60
            if too_many:
                refused.append(request.index)
        time.sleep(0.01)
        with lock:
            at_once -= 1
        return Response(status=429) if too_many else OK

    with Loopback(small_server) as server:
        answers = asked(server, 400, concurrency=16, max_wait_s=20.0)
    assert all(isinstance(answer, Answer) for answer in answers.values())
    assert refused
    assert len([index for index in refused if index >= 30]) < len([index for index in refused if index < 30])
    assert server.most_at_once == 16


@pytest.mark.parametrize("status", [429, 502, 503, 504, 529])
def test_a_server_that_stays_away_fails_all_that_is_left_without_waiting_for_each(status: int) -> None:
    with Loopback(in_turn(OK, Response(status=status))) as server:
        client = server_at(server.url, concurrency=2, max_wait_s=0.2)
        assert isinstance(dict(client.ask(calls(1)))[0], Answer)
        answers = dict(client.ask(calls(50)))
        assert len(server.requests) < 50 + 2 * 12  # few while it was waited for, one for each that was left then
    failures = [failure_of(answer) for answer in answers.values()]
    assert {failure.kind for failure in failures} == {"rate_limited" if status == 429 else "server"}
    assert all(failure.message.endswith("(waited for up to max_wait_s=0.2)") for failure in failures)
    assert not any(failure.remembered for failure in failures)


@pytest.mark.slow
def test_a_server_that_comes_back_answers_all() -> None:
    with Loopback(in_turn(OK)) as server:
        url, port = server.url, server.port
        client = server_at(url, attempts=1, max_wait_s=20.0)
        answers: dict[int, Any] = dict(client.ask(calls(1)))
    back = threading.Event()

    def come_back() -> None:
        time.sleep(0.3)
        with Loopback(in_turn(OK), port=port):
            back.wait(30)

    thread = threading.Thread(target=come_back)
    thread.start()
    answers |= {key + 1: answer for key, answer in client.ask(calls(4))}
    back.set()
    thread.join()
    assert [type(answers[i]) for i in range(5)] == [Answer] * 5


def test_an_address_where_nobody_answers_ends_all() -> None:
    with Loopback(in_turn(OK)) as server:
        url = server.url
    with pytest.raises(DcvlrError, match=r"no connection .*is base_url right"):
        list(server_at(url, max_wait_s=0.1).ask(calls(10)))


@pytest.mark.slow
def test_one_request_that_is_always_turned_away_fails_alone() -> None:
    with Loopback(lambda request: Response(status=429) if request.body["i"] == 3 else OK) as server:
        answers = asked(server, 400, concurrency=4, first_wait_s=0.001, max_wait_s=3.0)
    assert [key for key, answer in answers.items() if isinstance(answer, Failure)] == [3]


def test_one_flagged_request_is_refused_once_any_has_worked() -> None:
    flagged = Response(status=403, json={"error": {"message": "Input flagged by moderation"}})
    for concurrency in (1, 4):
        with Loopback(lambda request: flagged if request.body["i"] in (0, 5) else OK) as server:
            answers = asked(server, 8, concurrency=concurrency)
        message = f"POST {server.url}/v1/ask: HTTP 403: Input flagged by moderation"
        assert answers.pop(0) == answers.pop(5) == Failure(kind="refused", message=message)
        assert all(isinstance(answer, Answer) for answer in answers.values())


def test_a_key_that_may_do_nothing_ends_all_after_three_requests() -> None:
    with Loopback(in_turn(Response(status=403, json={"detail": "no"}))) as server:
        with pytest.raises(DcvlrError, match=r"HTTP 403: no .the key may not do this"):
            list(server_at(server.url, concurrency=1).ask(calls(50)))
        assert len(server.requests) == 3
        with pytest.raises(DcvlrError, match="the key may not do this"):
            list(server_at(server.url).ask(calls(1)))


def test_an_error_under_status_200_is_judged_by_its_code() -> None:
    errors = {
        0: {"error": {"message": "Provider returned error", "code": 429}},
        1: {"error": {"message": "Provider returned error", "code": "502"}},
        2: {"error": {"message": "too long", "code": 400}},
        3: {"error": "no more"},
        4: {"error": {"message": "busy", "code": "rate_limit_exceeded"}},
        5: {"object": "error", "message": "busy", "code": 50001, "type": "overloaded_error"},
        6: {"error": {"message": "filtered", "code": "content_filter", "status": 400}},
        7: {"object": "error", "message": "too long", "type": "BadRequestError", "code": None},
    }
    seen: set[int] = set()

    def respond(request: Request) -> Response:
        index = request.body["i"]
        first = index not in seen
        seen.add(index)
        return Response(json=errors[index]) if first else OK

    with Loopback(respond) as server:
        answers = asked(server, 8, max_wait_s=5.0)
    head = f"POST {server.url}/v1/ask: HTTP 200 with an error: "
    assert answers[2] == answers[7] == Failure(kind="refused", message=f"{head}too long")
    assert answers[6] == Failure(kind="refused", message=f"{head}filtered")
    assert [answer_of(answers[i]).attempts for i in (0, 1, 3, 4, 5)] == [2, 2, 2, 2, 2]
