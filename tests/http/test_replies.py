"""What comes back has a size and a depth, and one bad reply costs that reply alone."""

from __future__ import annotations

import gzip
import json
import resource
import time
from collections.abc import Iterator

import pytest
from asking import OK, answer_of, asked, calls, failure_of, server_at
from servers import Loopback, Request, Response

from dcvlr.http import Call
from dcvlr.http.json_body import NotJsonError, parse_json
from dcvlr.http.statuses import completion_fault

pytest.importorskip("aiohttp", reason="the api extra is not installed")

MIB = 1 << 20


def test_a_reply_that_is_too_large_fails_alone_and_is_not_asked_again() -> None:
    large = Response(raw=b'{"text": "' + b"x" * (2 * MIB) + b'"}')
    with Loopback(lambda request: large if request.body["i"] == 1 else OK) as server:
        answers = asked(server, 4, max_reply_mb=1)
        assert len(server.requests) == 4
    failure = failure_of(answers.pop(1))
    assert (failure.kind, failure.message) == (
        "server",
        f"POST {server.url}/v1/ask: a reply of more than max_reply_mb=1",
    )
    assert [answer_of(answer).body for answer in answers.values()] == [{"answer": 42}] * 3


@pytest.mark.slow
def test_a_gzip_bomb_is_counted_decompressed_and_takes_little_memory() -> None:
    body = gzip.compress(b" " * (512 * MIB), 9)
    assert len(body) < MIB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Loopback(lambda request: Response(raw=body, headers={"Content-Encoding": "gzip"})) as server:
        failure = failure_of(asked(server, 1, max_reply_mb=1)[0])
    assert "more than max_reply_mb=1" in failure.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 * 1024  # KiB


def test_the_long_page_of_an_error_is_not_read_to_its_end() -> None:
    page = Response(status=500, raw=b"<html>" + b"x" * (30 * MIB))
    with Loopback(lambda request: page) as server:
        failure = failure_of(asked(server, 1, attempts=2)[0])
    assert failure.kind == "server"
    assert len(failure.message) < 500


@pytest.mark.slow
def test_what_comes_late_is_not_the_reply_to_the_next_request() -> None:
    foreign = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"answer": 666}'

    def slowly() -> Iterator[tuple[int, Call]]:
        for key, call in calls(4):
            time.sleep(0.2)  # the connection waits meanwhile
            yield key, call

    def twice(request: Request) -> Response:
        return Response(json={"answer": request.body["i"]}, late=foreign, pause_s=0.05)

    with Loopback(twice) as server:
        answers = dict(server_at(server.url, concurrency=1).ask(slowly()))
    assert [answer_of(answers[i]).body for i in range(4)] == [{"answer": i} for i in range(4)]
    assert server.connections == 4


def test_half_a_character_is_replaced_and_not_asked_again() -> None:
    body = b'{"answer": "a \\ud83d b \\udc00 c \\ud83d\\ude00 d \\\\ud83d e"}'
    with Loopback(lambda request: Response(raw=body)) as server:
        answer = answer_of(asked(server)[0])
        assert len(server.requests) == 1
    assert answer.body == {"answer": "a \N{REPLACEMENT CHARACTER} b \N{REPLACEMENT CHARACTER} c 😀 d \\ud83d e"}


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'"\\ud800"', "\ufffd"),
        (b'"\\uD800\\u0041"', "\ufffdA"),
        (b'"\\\\\\udfff"', "\\\ufffd"),
        (b'"\xed\xa0\xbd"', "\ufffd"),
        ('"é\\n"'.encode(), "é\n"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (
            b'{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \\" Infinity"}',
            {"a": None, "b": [None, None], "c": 'NaN " Infinity'},
        ),
        (b'{"a": "caf\xe9"}', {"a": "caf\N{REPLACEMENT CHARACTER}"}),
    ],
)
def test_json_with_half_characters_and_marks_of_other_writers_is_read(data: bytes, value: object) -> None:
    assert parse_json(data) == value


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b'{"a": 1e999}', b"nan", b"[" * 10**6, b'{"a":' * 10**5, b'"\\ud8']
)
def test_what_is_no_json_has_one_error(data: bytes) -> None:
    with pytest.raises(NotJsonError):
        parse_json(data)


def test_a_body_that_is_no_answer_is_asked_again() -> None:
    nothing = [
        {"id": "x", "choices": []},
        {"choices": None},
        {"choices": [{"finish_reason": "error", "message": {"content": ""}, "error": {"message": "Upstream"}}]},
        {"choices": [{"finish_reason": "error", "message": {"content": ""}}]},
        {"choices": [{}]},
        {"choices": [[]]},
        [],
        {"code": 1302, "message": "too many at a time"},
    ]
    assert [completion_fault(body) for body in nothing] == [
        'a completion without choices: {"id":"x","choices":[]}',
        'a completion without choices: {"choices":null}',
        'a completion that broke off: {"message":"Upstream"}',
        "a completion that broke off: the server does not say why",
        "a choice without a message",
        'a completion without choices: {"choices":[[]]}',
        "a completion without choices: []",
        'a completion without choices: {"code":1302,"message":"too many at a time"}',
    ]
    assert completion_fault({"choices": [{"message": {"content": "hello"}}]}) is None
    assert completion_fault({"choices": [{"finish_reason": "content_filter"}]}) is None  # Azure: to ask again is no use


def test_words_of_a_server_are_printable_and_on_one_line() -> None:
    words = "\x1b]0;title\x07\x1b[31mred\u202egnp.exe\r\nnext"

    def refuse(request: Request) -> Response:
        return Response(status=400, raw=json.dumps({"error": {"message": words}}).encode())

    with Loopback(refuse) as server:
        failure = failure_of(asked(server)[0])
    assert failure.message == f"POST {server.url}/v1/ask: HTTP 400: ]0;title [31mred gnp.exe next"
