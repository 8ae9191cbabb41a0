from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from asking import KEY, OK, answer_of, asked, calls, failure_of, in_turn, server_at
from servers import Loopback, Request, Response

from dcvlr.errors import DcvlrError
from dcvlr.http import Call
from dcvlr.http import Response as Answer
from dcvlr.http.limits import AdaptiveLimit, RateLimiter
from dcvlr.http.statuses import retry_after
from dcvlr.records import Failure

pytest.importorskip("aiohttp", reason="the api extra is not installed")


@pytest.mark.slow
def test_two_thousand_calls_have_two_thousand_answers_over_few_connections() -> None:
    with Loopback(lambda request: Response(json={"twice": 2 * request.body["i"]})) as server:
        answers = asked(server, 2000, concurrency=16)
    assert {key: answer_of(answer).body["twice"] for key, answer in answers.items()} == {i: 2 * i for i in range(2000)}
    assert server.connections <= 16


def test_a_call_is_a_post_of_json_below_the_base_url_with_the_headers() -> None:
    with Loopback(in_turn(OK)) as server:
        client = server_at(f"{server.url}/v1/", headers=lambda: {"X-Key": KEY})
        body: Mapping[str, Any] = {"text": "Zürich 東京"}
        [(key, answer)] = client.ask([("a", Call(path="/caption?x=1", body=body))])
    assert (key, answer_of(answer).body, answer_of(answer).attempts) == ("a", {"answer": 42}, 1)
    assert answer_of(answer).seconds > 0
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/v1/caption?x=1", {"text": "Zürich 東京"})
    assert (request.headers["x-key"], request.headers["content-type"]) == (KEY, "application/json")


def test_a_429_is_waited_out_by_all_as_long_as_the_server_says() -> None:
    busy = Response(status=429, headers={"Retry-After": "0.3"}, json={"error": {"message": "slow down"}})
    with Loopback(lambda request: busy if request.index == 0 else OK) as server:
        answers = asked(server, 6, concurrency=1, max_wait_s=5.0)
    first, *others = [request.at for request in server.requests]
    assert others[0] - first >= 0.29
    assert sorted(answer_of(answer).attempts for answer in answers.values()) == [1, 1, 1, 1, 1, 2]


def test_retry_after_may_be_a_date_and_has_a_limit() -> None:
    now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    date = format_datetime(now, usegmt=True)
    assert retry_after({"Retry-After": "7"}) == 7
    assert retry_after({"Retry-After": "0.5"}) == 0.5
    assert retry_after({"Retry-After": "86400"}) == 120
    assert retry_after({"Retry-After": "2", "retry-after-ms": "1350"}) == 1.35
    assert [retry_after({"Retry-After": text}) for text in ("20s", "1m30s", "250ms", "1h")] == [20, 90, 0.25, 120]
    assert retry_after({"x-ratelimit-reset-requests": "6m0s"}) is None  # when all of a limit is free again
    assert retry_after({"Retry-After": format_datetime(now + timedelta(seconds=9), usegmt=True), "Date": date}) == 9
    assert retry_after({"Retry-After": format_datetime(now - timedelta(seconds=9), usegmt=True), "Date": date}) == 0
    for unreadable in ("", "soon", "-3", "²", "Thu, 99 Foo 2026"):
        assert retry_after({"Retry-After": unreadable}) is None


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(status: int) -> None:
    with Loopback(in_turn(Response(status=status), Response(status=status), OK)) as server:
        answer = answer_of(asked(server)[0])
    assert (answer.body, answer.attempts, len(server.requests)) == ({"answer": 42}, 3, 3)


WEATHER = {
    "server": [
        Response(status=500, raw=b"<h1>Oops</h1>"),
        Response(json={"answer": 42}, cut=3),
        Response(raw=b"{'answer': 42}"),
        Response(raw=b""),
        Response(drop=True),
        Response(raw=b"\xff\xfe"),
        Response(raw=b"[" * 100_000),
        Response(json={"error": {"message": "upstream"}}),
    ],
    "timeout": [Response(status=408), Response(json={}, delay_s=30)],
}


@pytest.mark.parametrize(
    ("kind", "response"), [(kind, response) for kind, those in WEATHER.items() for response in those]
)
def test_what_does_not_pass_is_a_failure_after_the_last_attempt(kind: str, response: Response) -> None:
    with Loopback(in_turn(response)) as server:
        failure = failure_of(asked(server, attempts=3, timeout_s=0.3 if response.delay_s else 20.0)[0])
    assert failure.kind == kind
    assert f"POST {server.url}/v1/ask: " in failure.message
    assert failure.message.endswith("(attempt 3 of 3)")
    assert not failure.remembered
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_request_the_server_will_not_answer_is_refused_and_not_tried_again(status: int) -> None:
    refusal = Response(status=status, json={"error": {"message": "image too large\n for this model"}})
    with Loopback(lambda request: refusal if request.body["i"] == 1 else OK) as server:
        answers = asked(server, 3)
    refused = Failure(
        kind="refused", message=f"POST {server.url}/v1/ask: HTTP {status}: image too large for this model"
    )
    assert answers[1] == refused
    assert isinstance(answers[0], Answer)
    assert isinstance(answers[2], Answer)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [401, 402, 404, 405])
def test_where_no_request_will_work_all_ends_and_the_key_stays_secret(status: int) -> None:
    body = {"error": {"message": f"Incorrect API key provided: {KEY}. " + "x" * 400}}
    with Loopback(in_turn(Response(status=status, json=body))) as server:
        client = server_at(server.url, headers=lambda: {"Authorization": f"Bearer {KEY}"}, concurrency=1)
        with pytest.raises(DcvlrError) as error:
            list(client.ask([("a", Call(path="v1/ask?key=hidden", body={}))] * 50))
    assert f"POST {server.url}/v1/ask: HTTP {status}: Incorrect API key provided: ***" in str(error.value)
    assert KEY not in str(error.value) + repr(client) + repr(vars(client))
    assert "hidden" not in str(error.value)
    assert len(str(error.value)) < 450
    assert len(server.requests) == 1


@pytest.mark.slow
def test_answers_that_came_before_the_end_was_noticed_are_handed_over() -> None:
    all_here = threading.Event()

    def respond(request: Request) -> Response:
        if request.index == 3:
            all_here.set()
        all_here.wait(10)
        return Response(status=402, json={}) if request.body["i"] == 0 else Response(json={}, delay_s=0.1)

    def source() -> Iterator[tuple[int, Call]]:
        yield from calls(4)
        time.sleep(0.5)  # meanwhile all are answered, the refusal first

    got = []
    with Loopback(respond) as server, pytest.raises(DcvlrError, match="no credit"):
        got.extend(key for key, _ in server_at(server.url, concurrency=5).ask(source()))
    assert sorted(got) == [1, 2, 3]


def test_a_redirect_is_not_followed_with_the_key() -> None:
    with (
        Loopback(in_turn(OK)) as other,
        Loopback(in_turn(Response(status=308, headers={"Location": f"{other.url}/v2?token=1"}))) as server,
        pytest.raises(DcvlrError, match=rf"redirected \(308\) to '{other.url}/v2': set base_url"),
    ):
        asked(server)
    assert other.requests == []


WRONG_KEY = {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}


@pytest.mark.parametrize(
    ("status", "body", "what_to_do"),
    [
        (429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}, "has no credit"),
        (429, {"error": {"message": "Suspended", "type": "exceeded_current_quota_error"}}, "has no credit"),
        (400, [{"error": WRONG_KEY}], "the key is missing or wrong"),  # Gemini
        (400, {"error": {"code": "model_not_found"}}, "no such address or model"),
    ],
)
def test_what_no_request_will_mend_ends_a_run_whatever_its_status(status: int, body: Any, what_to_do: str) -> None:
    with (
        Loopback(in_turn(Response(status=status, json=body))) as server,
        pytest.raises(DcvlrError, match=what_to_do),
    ):
        asked(server)


@pytest.mark.slow
def test_the_bound_on_requests_in_flight_is_kept_and_kept_busy() -> None:
    pulled = 0

    def lazy() -> Iterator[tuple[int, Call]]:
        nonlocal pulled
        for key, call in calls(64):
            pulled += 1
            assert pulled - taken <= 8 + 1
            yield key, call

    taken = 0
    with Loopback(lambda request: Response(json={}, delay_s=0.2)) as server:
        it = server_at(server.url, concurrency=8)
        list(it.ask(calls(1)))  # what is loaded and started once is not to be measured
        start, before = time.monotonic(), server.busy_s
        for _ in it.ask(lazy()):
            taken += 1
        share = (server.busy_s - before) / (8 * (time.monotonic() - start))
    assert server.most_at_once == 8
    assert share >= 0.9  # 0.99 on two idle cores


def test_answers_do_not_wait_until_a_slow_source_has_ended() -> None:
    def slow() -> Iterator[tuple[int, Call]]:
        for key, call in calls(6):
            time.sleep(0.05)
            yield key, call

    given = []
    with Loopback(in_turn(OK)) as server:
        client = server_at(server.url)
        for key, _ in client.ask(slow()):
            given.append((key, len(server.requests)))
    assert given[0][1] < 6


def test_a_429_halves_what_is_in_flight_once_and_successes_win_it_back() -> None:
    limit = AdaptiveLimit(16)
    assert [limit.refused(0), limit.refused(0), limit.bound] == [True, False, 8]
    assert [limit.refused(1), limit.bound] == [True, 4]
    for _ in range(4 + 5):
        limit.succeeded()
    assert limit.bound == 6
    for _ in range(1000):
        limit.succeeded()
    assert limit.bound == 16
    for _ in range(10):
        limit.refused(limit.window)
    assert limit.bound == 1


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [({"requests_per_minute": 1200}, 0), ({"tokens_per_minute": 6000}, 5), ({"requests_per_minute": 1200}, 10**6)],
)
def test_the_caps_per_minute_hold_from_the_first_second(settings: dict[str, int], tokens: int) -> None:
    with Loopback(in_turn(OK)) as server:
        client = server_at(server.url, concurrency=16, **settings)
        list(client.ask(calls(10, tokens)))
    starts = sorted(request.at for request in server.requests)
    assert len(starts) == 10
    for index, start in enumerate(starts):  # 20 a second; the first may be seen late
        assert start - starts[0] >= index * 0.05 - 0.2


def test_after_a_standstill_little_is_made_up_for() -> None:
    async def standing_still() -> float:
        limiter, queue = RateLimiter(requests_per_minute=1200, tokens_per_minute=None), asyncio.Lock()
        await limiter.turn(0, queue)
        time.sleep(0.25)
        begun = time.monotonic()
        for _ in range(6):
            await limiter.turn(0, queue)
        return time.monotonic() - begun

    assert asyncio.run(standing_still()) >= 0.19  # five of 0.05 s, and one of them may be made up for


def test_it_works_inside_a_running_event_loop() -> None:
    async def notebook(url: str) -> list[tuple[int, Answer | Failure]]:
        return list(server_at(url).ask(calls(5)))

    with Loopback(in_turn(OK)) as server:
        results = asyncio.run(notebook(server.url))
    assert sorted(key for key, _ in results) == [0, 1, 2, 3, 4]


def test_a_body_is_made_when_its_turn_comes_and_only_once() -> None:
    made: list[tuple[int, str]] = []

    def body(i: int) -> dict[str, int]:
        made.append((i, threading.current_thread().name))
        return {"i": i}

    lazy = ((i, Call(path="ask", body=lambda i=i: body(i))) for i in itertools.count())
    with Loopback(lambda request: Response(status=500) if request.index < 2 else OK) as server:
        answers = list(itertools.islice(server_at(server.url, concurrency=2).ask(lazy), 6))
        assert {key for key, _ in answers} <= {i for i, _ in made}
    assert len(made) == len({i for i, _ in made}) <= 6 + 2
    assert all(name.startswith("dcvlr-http-body") for _, name in made)


def test_a_body_that_cannot_be_made_is_the_failure_of_its_call() -> None:
    gone = Failure(kind="missing", message="a.png cannot be read")
    with Loopback(in_turn(OK)) as server:
        client = server_at(server.url)
        [(_, result)] = client.ask([("a", Call(path="ask", body=lambda: gone))])
    assert result == gone
    assert server.requests == []
