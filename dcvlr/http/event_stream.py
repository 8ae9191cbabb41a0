"""Completions that came piece by piece, as server-sent events, from servers that were not asked to stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dcvlr.http.json_body import NotJsonError, parse_json

_TEXTS = ("content", "reasoning_content", "reasoning", "refusal")


def streamed_completion(data: bytes) -> dict[str, Any] | None:
    """The completion that the chunks of a stream are together, or the error in it.

    None for what is no such stream, or ends before a reply does.
    """
    try:
        chunks = [parse_json(line) for line in _lines(data)]
    except NotJsonError:
        return None
    if not chunks or not all(isinstance(chunk, dict) for chunk in chunks):
        return None
    if broken := next((chunk for chunk in chunks if chunk.get("error")), None):
        return dict(broken)
    pieces: dict[int, list[Mapping[str, Any]]] = {}
    for chunk in chunks:
        for choice in chunk.get("choices") or ():
            pieces.setdefault(choice.get("index") or 0, []).append(choice)
    choices = [_joined(index, own) for index, own in sorted(pieces.items())]
    usage = next((chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage")), None)
    is_whole = bool(choices) and all(choice["finish_reason"] for choice in choices)
    return {"choices": choices, "usage": usage} if is_whole else None


def _lines(data: bytes) -> Iterator[bytes]:
    """What stands behind `data:`; comments and the mark at the end are none of it."""
    for line in data.splitlines():
        text = line.removeprefix(b"data:").strip()
        if line.startswith(b"data:") and text != b"[DONE]":
            yield text


def _joined(index: int, pieces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    parts = [piece.get("delta") or piece.get("message") or {} for piece in pieces]
    texts = {name: "".join(part[name] for part in parts if isinstance(part.get(name), str)) for name in _TEXTS}
    finish = next((piece["finish_reason"] for piece in reversed(pieces) if piece.get("finish_reason")), None)
    return {"index": index, "finish_reason": finish, "message": {name: text for name, text in texts.items() if text}}
