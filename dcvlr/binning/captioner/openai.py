"""Captions by any server that speaks the OpenAI chat protocol: `vllm serve`, Ollama, OpenAI and many more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, Literal

from dcvlr.http import Call, Response, Server, bearer, require_client, server_of
from dcvlr.http.statuses import completion_fault
from dcvlr.identity import speed
from dcvlr.images.data_urls import data_url
from dcvlr.llm.completion import reply_of
from dcvlr.records import Caption, Failure, Picture, within_max_side
from dcvlr.settings import Count, Seconds, Side, Temperature, Timeout, checked
from dcvlr.text.refusals import is_refusal

_OWNER = "binning/captioner=openai"


@dataclass(frozen=True, kw_only=True)
@checked
class OpenAiCaption:
    """What the model says to `prompt`, on one line. A refusal stays one; what was cut or is empty is asked again."""

    name: ClassVar[str] = "openai_caption"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Caption
    decode = within_max_side

    model: str
    prompt: str
    max_tokens: Count
    temperature: Temperature
    max_side: Side
    image_format: Literal["jpeg", "png"]
    extra: dict[str, Any]
    base_url: str = speed()
    api_key_env: str | None = speed()
    timeout_s: Timeout = speed()
    attempts: Count = speed()
    max_wait_s: Seconds = speed()
    max_reply_mb: Count = speed()
    concurrency: Count = speed()
    requests_per_minute: Count | None = speed()
    batch_size: Count = speed()

    def __post_init__(self) -> None:
        _ = self._server  # refuses what cannot be meant; nothing is connected before the first picture

    def check_ready(self) -> None:
        require_client(_OWNER)
        bearer(self.api_key_env, _OWNER)

    def __call__(self, items: Sequence[Picture], /) -> list[Caption | Failure]:
        path = "chat/completions"
        calls = (Call(path=path, body=partial(self._body, item), fault=completion_fault) for item in items)
        return [_caption(answer) for answer in self._server.answers(calls)]

    def _body(self, picture: Picture) -> dict[str, Any]:
        url = data_url(picture.pixels, image_format=self.image_format)
        shown = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": self.prompt}]
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": shown}],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
        }
        return {name: value for name, value in (body | self.extra).items() if value is not None}

    @cached_property
    def _server(self) -> Server:
        return server_of(self, partial(bearer, self.api_key_env, _OWNER), requests_per_minute=self.requests_per_minute)


def _caption(answer: Response | Failure) -> Caption | Failure:
    reply = answer if isinstance(answer, Failure) else reply_of(answer)
    if isinstance(reply, Failure):
        return reply
    line = " ".join(reply.text.split())
    if is_refusal(line):
        return Failure(kind="refused", message=line[:200])
    if not reply.is_whole or not line:
        return Failure(kind="server", message=f"a caption that ended by {reply.finish!r} after {len(line)} characters")
    return Caption(text=line)
