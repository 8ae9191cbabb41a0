"""Completions that came piece by piece, as server-sent events, from servers that were not asked to stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from dcvlr.http.json_body import NotJsonError, parse_json

_TEXTS = ("content", "reasoning_content", "reasoning", "refusal")


class _Piece(msgspec.Struct):
    """Of one choice, in the next chunk."""

    index: int | None = None
    delta: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Piece] | None = None
    usage: Any = None
    error: Any = None


def streamed_completion(data: bytes) -> dict[str, Any] | None:
    """The completion that the chunks of a stream are together, or the error in it.

    None for what is no such stream, or ends before a reply does.
    """
    try:
        chunks = [msgspec.convert(parse_json(line), _Chunk) for line in _lines(data)]
    except (NotJsonError, msgspec.ValidationError):
        return None
    if error := next((chunk.error for chunk in chunks if chunk.error), None):
        return {"error": error}
    pieces: dict[int, list[_Piece]] = {}
    for chunk in chunks:
        for piece in chunk.choices or ():
            pieces.setdefault(piece.index or 0, []).append(piece)
    choices = [_joined(index, own) for index, own in sorted(pieces.items())]
    usage = next((chunk.usage for chunk in reversed(chunks) if chunk.usage), None)
    is_whole = bool(choices) and all(choice["finish_reason"] for choice in choices)
    return {"choices": choices, "usage": usage} if is_whole else None


def _lines(data: bytes) -> Iterator[bytes]:
    """What stands behind `data:`; comments and the mark at the end are none of it."""
    for line in data.splitlines():
        text = line.removeprefix(b"data:").strip()
        if line.startswith(b"data:") and text != b"[DONE]":
            yield text


def _joined(index: int, pieces: Sequence[_Piece]) -> dict[str, Any]:
    parts = [piece.delta or piece.message or {} for piece in pieces]
    texts = {name: "".join(part[name] for part in parts if isinstance(part.get(name), str)) for name in _TEXTS}
    finish = next((piece.finish_reason for piece in reversed(pieces) if piece.finish_reason), None)
    return {"index": index, "finish_reason": finish, "message": {name: text for name, text in texts.items() if text}}
