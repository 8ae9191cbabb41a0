"""DeepSeek-OCR, 1 or 2, on an OpenAI-compatible server such as vLLM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.http import Call, Response, Server, bearer, require_client
from dcvlr.http.statuses import completion_fault
from dcvlr.images.data_urls import data_url
from dcvlr.models.deepseek_ocr.parsing import PromptReply
from dcvlr.records import Failure, Picture

_CELL_TOKENS = (128821, 128822)  # <td> and </td> in the vocabulary of both models


def require_server(base_url: str | None, api_key_env: str | None, owner: str) -> None:
    """Raise `ConfigError` unless there is an address, a client and, where one is named, a key."""
    if base_url is None:
        raise ConfigError(f"{owner}: engine=server needs base_url, such as http://localhost:8000/v1")
    require_client(owner)
    bearer(api_key_env, owner)


@dataclass(frozen=True, kw_only=True)
class Served:
    """The model on a server; see `DeepseekOcr` for the other fields."""

    model: str
    server: Server
    ngram: int
    window: int

    def ask(self, items: Sequence[Picture], prompt: str, max_new_tokens: int) -> list[PromptReply | Failure]:
        body = partial(self._body, prompt=prompt, max_new_tokens=max_new_tokens)
        path = "/chat/completions"
        calls = (Call(path=path, body=partial(body, item), fault=completion_fault) for item in items)
        return [_read(answer) for answer in self.server.answers(calls)]

    def _body(self, item: Picture, prompt: str, max_new_tokens: int) -> Mapping[str, Any]:
        picture = {"type": "image_url", "image_url": {"url": data_url(item.pixels, image_format="png")}}
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": [picture, {"type": "text", "text": prompt}]}],
            "max_tokens": max_new_tokens,
            "temperature": 0.0,
            "skip_special_tokens": False,  # the tags of boxes are special tokens
        }
        if self.ngram:  # for vLLM's NGramPerReqLogitsProcessor, without which tables may never end
            words = {"ngram_size": self.ngram, "window_size": self.window, "whitelist_token_ids": list(_CELL_TOKENS)}
            body["vllm_xargs"] = words
        return body


def _read(outcome: Response | Failure) -> PromptReply | Failure:
    if isinstance(outcome, Failure):
        return outcome
    try:
        choice = outcome.body["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        text = finish = None
    if not isinstance(text, str):
        return Failure(kind="server", message="the server's answer has no choices[0].message.content")
    return PromptReply(text=text.removesuffix("<｜end▁of▁sentence｜>"), is_cut=finish == "length")
