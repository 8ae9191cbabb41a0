"""About how many tokens requests cost, before a server counts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dcvlr.images import read_picture
from dcvlr.llm.reply_choices import grouped
from dcvlr.records import Decode, Failure, ImageRecord
from dcvlr.records.requests import Request, View

_BYTES_PER_TOKEN = 4
_PATCH = 28  # pixels a side
_AROUND = 2  # tokens before and after a picture
_UNREAD = 1500  # tokens of a picture that nobody looked at: a thousand pixels a side
_PICTURE = re.compile("\x01(\\d+)\x02")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of requests as they are sent: several samples of a prompt are one where the model takes them so.

    `tokens_once` counts what requests begin with alike once, as servers with a cache of prefixes do. `tokens_out` is
    the most that may be written.
    """

    requests: int
    tokens_in: int
    tokens_once: int
    tokens_out: int


class PictureTokens:
    """Tokens of a picture by the rule of Qwen2.5-VL: one for 28 by 28 pixels, sides rounded, and two around it.

    `smart_resize` of transformers' Qwen2-VL image processor. A picture is looked at once.
    """

    def __init__(self) -> None:
        self._sizes: dict[tuple[str, int], int] = {}

    def of(self, image: ImageRecord, max_side: int) -> int:
        key = (image.id, max_side)
        if key not in self._sizes:
            picture = read_picture(image, Decode(max_side=max_side))
            if isinstance(picture, Failure):
                return 0  # such a request is not sent
            rows, columns = picture.pixels.shape[:2]
            self._sizes[key] = max(1, round(rows / _PATCH)) * max(1, round(columns / _PATCH)) + _AROUND
        return self._sizes[key]


def prompt_tokens(request: Request) -> int:
    """Of one request, without looking at its pictures; a server's own count may differ by a third."""
    text = sum(len(message.text.encode()) for message in request.messages)
    return text // _BYTES_PER_TOKEN + len(request.views) * _UNREAD


def cost_of(model: Any, requests: Iterable[Request], pictures: PictureTokens) -> Cost:
    """Of requests to one model in the order in which they are asked; texts count a token for four bytes of UTF-8."""
    groups = list(grouped(requests, getattr(model, "max_choices", 1)))
    max_side = getattr(model, "max_side", 1024)
    views: dict[View, int] = {}
    bodies = sorted(_flat(group[0], views) for group in groups)
    tokens = {str(index): pictures.of(view.image, max_side) for view, index in views.items()}
    before = ["", *bodies]
    shared = [_whole(_alike(one, last)) for one, last in zip(bodies, before, strict=False)]
    full = sum(_tokens(body, tokens) for body in bodies)
    return Cost(
        requests=len(groups),
        tokens_in=full,
        tokens_once=full - sum(_tokens(start, tokens) for start in shared),
        tokens_out=sum(len(group) * group[0].sampling.max_tokens for group in groups),
    )


def total(costs: Sequence[Cost]) -> Cost:
    return Cost(
        requests=sum(cost.requests for cost in costs),
        tokens_in=sum(cost.tokens_in for cost in costs),
        tokens_once=sum(cost.tokens_once for cost in costs),
        tokens_out=sum(cost.tokens_out for cost in costs),
    )


def _flat(request: Request, views: dict[View, int]) -> str:
    """All texts in the order of the body; pictures, before the first of the user's, as their numbers between marks."""
    shown = "".join(f"\x01{views.setdefault(view, len(views))}\x02" for view in request.views)
    texts = []
    for message in request.messages:
        is_first = message.role == "user" and shown
        texts.append(f"{shown if is_first else ''}{message.text}\n")
        shown = "" if is_first else shown
    return "".join(texts)


def _alike(one: str, other: str) -> str:
    """What both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))]


def _whole(start: str) -> str:
    """Without a picture that is not wholly in it."""
    opened = start.rfind("\x01")
    return start[:opened] if opened > start.rfind("\x02") else start


def _tokens(body: str, pictures: dict[str, int]) -> int:
    text = len(_PICTURE.sub("", body).encode("utf-8", "replace")) // _BYTES_PER_TOKEN
    return text + sum(pictures[number] for number in _PICTURE.findall(body))
