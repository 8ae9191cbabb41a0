"""The form of a chunk file: lines of JSON, closed by a line that binds them to their model and to their own name.

`{"id": …, "signal": {…}}` or `{"id": …, "failure": {…}}`, then `{"lines": 2, "model": "rapidocr-…", "chunk":
"000000-….jsonl", "blake3": …}`, whose digest is taken over the model, the name and the lines.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.identity import digest

_ID_START = len(b'{"id":"')


@dataclass(frozen=True)
class Lines:
    """The lines of a chunk as it was written; `is_bound` is False for one from before chunks named their model."""

    body: bytes
    is_bound: bool


def chunk_name(index: int, item_ids: Iterable[str]) -> str:
    """The name every worker gives to the same work: the chunk's index and a digest of the items to do."""
    return f"{index:06d}-{digest(','.join(item_ids).encode())[:12]}.jsonl"


def id_of(line: bytes) -> str:
    """The item that a line is about."""
    return line[_ID_START : line.index(b'"', _ID_START)].decode()


def is_record(line: bytes) -> bool:
    """Whether a line has an item and a signal or failure."""
    try:
        value: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(value, dict) and str(value.get("id")).isalnum() and bool({"signal", "failure"} & value.keys())


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


def read_regular(path: Path) -> bytes | str:
    """The bytes of a file, or why it is none: a pipe would wait for ever, a device has no end.

    Raises `FileNotFoundError` only where there is nothing at all, not for a link that leads nowhere.
    """
    if not stat.S_ISREG(_mode(path)):
        return "it is no file"
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read()
    except PermissionError as error:
        return f"it cannot be read: {error.strerror}"


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return path.lstat().st_mode
    except OSError:  # a link in a circle
        return 0


def _footer(body: bytes, model: str, name: str) -> bytes:
    bound = digest(f"{model}\n{name}\n".encode() + body)
    values = {"lines": body.count(b"\n"), "model": model, "chunk": name, "blake3": bound}
    return msgspec.json.encode(values) + b"\n"


def _unbound_footer(body: bytes) -> bytes:
    return msgspec.json.encode({"lines": body.count(b"\n"), "blake3": digest(body)}) + b"\n"
