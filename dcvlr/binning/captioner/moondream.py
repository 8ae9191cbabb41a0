"""Captions by Moondream's own API: its cloud, or a Moondream Station on a machine of yours.

One POST per picture, https://docs.moondream.ai/api#caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from dcvlr.http import Call, Response, Server, require_client, require_key, server_of
from dcvlr.identity import speed
from dcvlr.images.data_urls import data_url
from dcvlr.records import Caption, Failure, Picture, within_max_side
from dcvlr.settings import Count, Seconds, Side, Timeout, checked
from dcvlr.text.refusals import is_refusal

_OWNER = "binning/captioner=moondream"


@dataclass(frozen=True, kw_only=True)
@checked
class Moondream:
    """One caption per picture, on one line. An answer without a caption is a failure that the next run tries again.

    A refusal in a caption's place is one that stays.

    The API does not tell which model answers, so `model` is the user's word for it: another word asks anew.
    """

    name: ClassVar[str] = "moondream"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Caption
    decode = within_max_side

    model: str
    length: Literal["short", "normal", "long"]
    max_side: Side
    jpeg_quality: Annotated[int, Meta(ge=1, le=95)]
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
        _headers(self.api_key_env)

    def __call__(self, items: Sequence[Picture], /) -> list[Caption | Failure]:
        calls = (Call(path="caption", body=partial(self._body, item), fault=_fault) for item in items)
        return [_caption(answer) for answer in self._server.answers(calls)]

    def _body(self, picture: Picture) -> dict[str, Any]:
        url = data_url(picture.pixels, image_format="jpeg", quality=self.jpeg_quality)
        return {"image_url": url, "length": self.length, "stream": False}

    @cached_property
    def _server(self) -> Server:
        return server_of(self, partial(_headers, self.api_key_env), requests_per_minute=self.requests_per_minute)


def _headers(api_key_env: str | None) -> dict[str, str]:
    return {} if api_key_env is None else {"X-Moondream-Auth": require_key(api_key_env, _OWNER)}


def _fault(body: Any) -> str | None:
    has_caption = isinstance(body, dict) and isinstance(body.get("caption"), str)
    return None if has_caption else "an answer without a caption"


def _caption(answer: Response | Failure) -> Caption | Failure:
    if isinstance(answer, Failure):
        return answer
    line = " ".join(answer.body["caption"].split())
    if is_refusal(line):
        return Failure(kind="refused", message=line[:200])
    return Caption(text=line) if line else Failure(kind="server", message="Moondream answered with an empty caption")
