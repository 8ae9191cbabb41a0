"""About how many tokens a request has, before a server counts them."""

from __future__ import annotations

from dcvlr.records.requests import Request

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_VIEW = 1500  # a picture of a thousand pixels a side at today's servers


def prompt_tokens(request: Request) -> int:
    """Of its texts and pictures; a server's own count may differ by a third."""
    text = sum(len(message.text) for message in request.messages)
    return text // _CHARACTERS_PER_TOKEN + len(request.views) * _TOKENS_PER_VIEW
