"""Completions as providers and gateways send them, and what is read in them."""

from __future__ import annotations

from typing import Any

import pytest

from dcvlr.http import Response
from dcvlr.llm.completion import reply_of, tokens_of
from dcvlr.records import Failure
from dcvlr.records.requests import Reply

OBJECT = '{"question":"q"}'
CALL = {"name": "reply", "arguments": OBJECT}


def read(message: dict[str, Any], finish: Any = "stop") -> Reply | Failure:
    body = {
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
    return reply_of(Response(body=body, seconds=0.0, attempts=1))


THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}  # Mistral


@pytest.mark.parametrize(
    ("message", "finish", "reasoning"),
    [
        ({"content": OBJECT}, None, ""),
        ({"content": OBJECT}, {"type": "stop", "matched": 2}, ""),  # SGLang
        ({"content": [{"type": "text", "text": OBJECT}]}, "stop", ""),
        ({"content": [{"type": "output_text", "text": OBJECT}]}, "stop", ""),
        ({"content": [THINKING, {"type": "text", "text": OBJECT}]}, "stop", "hm"),
        ({"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": OBJECT}]}, "stop", "hm"),
        ({"content": OBJECT, "reasoning_content": "hm"}, "stop", "hm"),
        ({"content": OBJECT, "thinking": "hm"}, "stop", "hm"),
        ({"content": [{"text": '{"question"'}, ':"q"}']}, "endoftext", ""),
        ({"content": None, "reasoning_content": OBJECT}, "stop", ""),
        ({"content": None, "tool_calls": [{"id": "1", "type": "function", "function": CALL}]}, "tool_calls", ""),
        ({"content": "", "function_call": CALL}, "function_call", ""),
    ],
)
def test_a_reply_is_read_wherever_it_stands(message: dict[str, Any], finish: Any, reasoning: str) -> None:
    reply = read(message, finish)
    assert isinstance(reply, Reply)
    assert (reply.text, reply.reasoning, reply.is_whole) == (OBJECT, reasoning, True)
    assert (reply.prompt_tokens, reply.completion_tokens) == (10, 5)


def test_json_that_a_server_has_parsed_is_a_reply() -> None:
    assert read({"content": {"question": "café"}}) == Reply(
        text='{"question": "café"}', prompt_tokens=10, completion_tokens=5
    )


@pytest.mark.parametrize("finish", ["time_limit", "failed", "not_finished"])
def test_what_broke_off_is_asked_again(finish: str) -> None:
    broken = read({"content": OBJECT}, finish)
    assert isinstance(broken, Failure)
    assert (broken.kind, broken.remembered) == ("server", False)


def test_a_filtered_choice_needs_no_message() -> None:
    body = {"choices": [{"index": 0, "finish_reason": "content_filter", "content_filter_results": {}}]}
    refused = reply_of(Response(body=body, seconds=0.0, attempts=1))
    assert isinstance(refused, Failure)
    assert (refused.kind, refused.remembered) == ("refused", True)


@pytest.mark.parametrize("finish", ["OTHER", "unknown", "FINISH_REASON_UNSPECIFIED"])
def test_an_end_that_says_nothing_is_a_reply_that_did_not_end_by_itself(finish: str) -> None:
    reply = read({"content": OBJECT}, finish)
    assert isinstance(reply, Reply)
    assert (reply.is_whole, reply.is_cut) == (False, False)
    empty = read({"content": ""}, finish)
    assert isinstance(empty, Failure)
    assert (empty.kind, empty.remembered) == ("server", False)


@pytest.mark.parametrize(
    ("message", "finish"),
    [
        ({"content": None, "refusal": "I can't help with that."}, "stop"),
        ({"content": [{"type": "refusal", "refusal": "I can't help with that."}]}, "stop"),
        ({"content": '{"question": "Wh'}, "content_filter"),
    ],
)
def test_a_refusal_keeps_what_it_cost(message: dict[str, Any], finish: str) -> None:
    refused = read(message, finish)
    assert isinstance(refused, Failure)
    assert (refused.kind, refused.prompt_tokens, refused.completion_tokens) == ("refused", 10, 5)
    assert refused.was_paid


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 5}, (10, 5)),
        ({"input_tokens": 10, "output_tokens": 5}, (10, 5)),  # Anthropic
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115}, (10, 105)),  # Gemini and xAI: thoughts
        ({"prompt_tokens": 10.0, "completion_tokens": 5.0}, (10, 5)),
        ({"prompt_tokens": -1, "completion_tokens": 5}, (0, 5)),
        ({"prompt_tokens": "10"}, (0, 0)),
        (None, (0, 0)),
    ],
)
def test_tokens_are_those_that_are_billed(usage: Any, tokens: tuple[int, int]) -> None:
    assert tokens_of({"usage": usage}) == tokens
