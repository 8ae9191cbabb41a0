"""The form of a chunk file: lines of JSON, closed by a line that binds them to their model and to their own name.

`{"id": …, "signal": {…}}` or `{"id": …, "failure": {…}}`, then `{"lines": 2, "model": "rapidocr-…", "chunk":
"000000-….jsonl", "blake3": …}`, whose digest is taken over the model, the name and the lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from blake3 import blake3

from dcvlr.identity import digest
from dcvlr.records import Failure

_LONGEST_FOOTER = 1024

LineDecoder = msgspec.json.Decoder[Any]


@dataclass(frozen=True)
class Lines:
    """The lines of a chunk as it was written; `is_bound` is False for one from before chunks named their model."""

    body: bytes
    is_bound: bool


def chunk_name(index: int, item_ids: Iterable[str]) -> str:
    """The name every worker gives to the same work: the chunk's index and a digest of the items to do."""
    return f"{index:06d}-{digest(','.join(item_ids).encode())[:12]}.jsonl"


def line_decoder(signal: Any) -> LineDecoder:
    """Reads lines of a model whose signals are of this type: `id`, and `signal` or `failure`."""
    fields: list[Any] = [("id", str), ("signal", signal | None, None), ("failure", Failure | None, None)]
    return msgspec.json.Decoder(msgspec.defstruct("Line", fields))


def item_of(line: bytes, decoder: LineDecoder) -> str | None:
    """The item that a line is about; None where it holds no record of it, or one of another type."""
    try:
        record = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    item_id: str = record.id
    is_whole = item_id.isalnum() and (record.signal is None) != (record.failure is None)
    return item_id if is_whole and line.startswith(b'{"id":"%s",' % item_id.encode()) else None


def closed(body: bytes, *, model: str, name: str) -> bytes:
    """The whole chunk: its lines and the line that binds them."""
    return body + _footer(body, model, name)


def verified(content: bytes, *, model: str, name: str) -> Lines | str:
    """The lines of a chunk, or why they are not those of this model under this name."""
    start = content.rfind(b"\n", 0, len(content) - 1) + 1
    body, footer = content[:start], content[start:]
    if footer == _footer(body, model, name):
        return Lines(body, is_bound=True)
    if footer == _unbound_footer(body):
        return Lines(body, is_bound=False)
    try:
        decoded: Any = msgspec.json.decode(footer)
        own = {"model": str(decoded["model"]), "name": str(decoded["chunk"])}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        return "it is damaged"
    if footer == _footer(body, **own):
        return f"it is {own['name']!r} of {own['model']!r}, moved here"
    return "it is damaged"


def is_closed(content: memoryview, *, model: str, name: str) -> bool:
    """Whether it is this chunk of this model as it was written, without a copy of its lines."""
    end = bytes(content[-_LONGEST_FOOTER:])
    start = len(content) - len(end) + end.rfind(b"\n", 0, -1) + 1
    return bytes(content[start:]) == _footer(content[:start], model, name)


def _footer(body: bytes | memoryview, model: str, name: str) -> bytes:
    bound = blake3(f"{model}\n{name}\n".encode()).update(body).hexdigest(length=16)
    values = {"lines": _lines(body), "model": model, "chunk": name, "blake3": bound}
    return msgspec.json.encode(values) + b"\n"


def _lines(body: bytes | memoryview) -> int:
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == ord("\n")))  # several times faster than bytes.count


def _unbound_footer(body: bytes) -> bytes:
    return msgspec.json.encode({"lines": _lines(body), "blake3": digest(body)}) + b"\n"
