"""What is asked of a language model and what it replies: frozen, JSON in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from dcvlr.identity import digest
from dcvlr.records import Box, ImageRecord, Record

# Why a reply ended, in small letters, in the words of OpenAI, Azure, vLLM, TGI, Gemini, Anthropic, Bedrock, Cohere,
# Mistral, Zhipu, DeepSeek, watsonx and AI21. A word that says nothing ("other", "unknown") is none of these: such a
# reply did not end by itself, and stays.
_NATURAL_ENDS = frozenset(
    {"stop", "eos", "eos_token", "endoftext", "end_turn", "stop_sequence", "complete", "completed"}
)
_CUT_ENDS = frozenset(
    (
        *("length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"),
        *("token_limit", "error_limit"),
    )
)
FILTERED_ENDS = frozenset(
    (
        *("content_filter", "content_filtered", "content_blocked", "safety", "recitation", "sensitive", "refusal"),
        *("prohibited_content", "blocklist", "spii", "image_safety", "language", "guardrail_intervened", "error_toxic"),
    )
)
BROKEN_ENDS = frozenset(
    (
        *("error", "abort", "aborted", "cancelled", "canceled", "user_cancel", "timeout", "network_error"),
        *("insufficient_system_resource", "model_error", "failed", "time_limit", "not_finished"),
    )
)


class View(Record, frozen=True):
    """A picture as a request shows it: `masks` are painted over, in pixels of the full-size picture."""

    image: ImageRecord
    masks: tuple[Box, ...] = ()


class Message(Record, frozen=True):
    role: Literal["system", "user", "assistant"]
    text: str


class Sampling(Record, frozen=True):
    """How a reply is drawn; `max_tokens` bounds all that is written, thinking included."""

    temperature: float
    top_p: float
    max_tokens: int


class Request(Record, frozen=True):
    """One question to a language model; make it with `request`, which gives it its id.

    `views` are shown before the first user message. `schema` is a JSON schema, as text, that the reply has to follow;
    a back end that cannot hold a model to it says so in its docstring.
    """

    id: str
    messages: tuple[Message, ...]
    views: tuple[View, ...]
    sampling: Sampling
    schema: str | None
    seed: int


class Reply(Record, frozen=True):
    """What a model replied; `reasoning` is what a reasoning model thought before, where its server keeps it apart.

    `finish` is the server's word for why it ended, such as `stop` by itself, or `length` for a reply that was cut.
    """

    text: str
    reasoning: str = ""
    finish: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the model ended it by itself; nothing else can be taken for a question or an answer."""
        return self.finish.lower() in _NATURAL_ENDS

    @property
    def is_cut(self) -> bool:
        """Whether it was as long as it may be."""
        return self.finish.lower() in _CUT_ENDS


def request(
    messages: Sequence[Message],
    views: Sequence[View] = (),
    *,
    sampling: Sampling,
    seed: int,
    schema: str | None = None,
) -> Request:
    """A request whose id is a digest of all that can change its reply; pictures count by their bytes, not by path."""
    shown = [(view.image.id, view.masks) for view in views]
    request_id = digest(msgspec.json.encode((messages, shown, sampling, schema, seed)))
    return Request(
        id=request_id, messages=tuple(messages), views=tuple(views), sampling=sampling, schema=schema, seed=seed
    )
