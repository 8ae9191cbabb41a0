"""Streams from servers that were not asked to stream."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dcvlr.http.event_stream import streamed_completion
from dcvlr.http.statuses import verdict

FIRST = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}\n\n'
LAST = b'data:{"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\r\n\r\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"


def test_the_pieces_of_a_stream_are_one_completion() -> None:
    comment = b": PROCESSING\n\nevent: message\n"
    thought = b'data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm","content":null}}]}\n\n'
    assert verdict("POST x", 200, {}, comment + thought + FIRST + LAST + USAGE + DONE, {}) == {
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "Hello", "reasoning_content": "hm"}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }


def test_choices_are_kept_apart_and_a_whole_message_may_come_as_one() -> None:
    other = b'data: {"choices":[{"index":1,"message":{"content":"Bye"},"finish_reason":"length"}]}\n'
    found = streamed_completion(other + FIRST + LAST)
    assert found is not None
    assert [(one["message"]["content"], one["finish_reason"]) for one in found["choices"]] == [
        ("Hello", "stop"),
        ("Bye", "length"),
    ]


@pytest.mark.parametrize("data", [FIRST, FIRST + DONE, FIRST + b"data: {", b"data: 5\n", DONE, b"<html>", b""])
def test_a_stream_that_ends_before_the_reply_does_is_none(data: bytes) -> None:
    assert streamed_completion(data) is None


@pytest.mark.parametrize(
    "chunk", [{"choices": 5}, {"choices": [None]}, {"choices": [{"index": "a"}]}, {"choices": [{"delta": "Hel"}]}]
)
def test_chunks_of_another_shape_are_no_stream(chunk: dict[str, Any]) -> None:
    assert streamed_completion(LAST + b"data: " + msgspec.json.encode(chunk) + b"\n\n") is None


def test_an_error_in_a_stream_is_the_servers_answer() -> None:
    assert streamed_completion(FIRST + b'data: {"error":{"code":429}}\n\n') == {"error": {"code": 429}}
