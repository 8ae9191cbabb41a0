"""Packs: what is known of a benchmark's or a delivery's pictures and questions, without either, in one small file.

A pack is JSON lines: a `Header`, then `Item`s sorted by id, then `{"lines": …, "blake3": …}` over all lines before it.
The same benchmark gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.records import Record, to_json
from dcvlr.rundir.files import atomic_write

VERSION = 2
_READABLE = (1, VERSION)  # items of the first version have hashes of the whole picture alone
_AGAIN = "build it again with python -m dcvlr.decontaminate build"


class Header(Record, frozen=True, kw_only=True):
    """`words` is the length of a question's word n-grams, `statistics` the identity of what hashed the pictures."""

    format: Literal["dcvlr pack"] = "dcvlr pack"
    version: int = VERSION
    name: str
    words: int
    statistics: str


class Item(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One picture or question of the benchmark, by its name there.

    `phash` and `content_phash` are 16 hexadecimal digits, of the whole and of what is inside plain borders, `detail`
    and `content_detail` 64 of the same two; what is of the content is left out where there are no borders. `shingles`
    are a question's n-grams, 32-bit digests in ascending order.
    """

    id: str
    phash: str | None = None
    content_phash: str | None = None
    detail: str | None = None
    content_detail: str | None = None
    shingles: bytes | None = None


@dataclass(frozen=True)
class Pack:
    header: Header
    items: Sequence[Item]


def write_pack(path: Path, pack: Pack) -> None:
    """The file appears whole or not at all; items are sorted by id."""
    items = sorted(pack.items, key=lambda item: (item.id, item.phash or "", item.shingles or b""))
    body = b"".join(to_json(record) + b"\n" for record in (pack.header, *items))
    with atomic_write(path) as file:
        file.write(body + _footer(body))


def read_pack(path: Path) -> Pack:
    """Raises `ConfigError` for a file that is missing, no pack, of another version, or damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the pack {str(path)!r} cannot be read: {error.strerror}; {_AGAIN}") from error
    start = content.rfind(b"\n", 0, max(0, len(content) - 1)) + 1
    body, footer = content[:start], content[start:]
    _require_version(path, body)
    if footer != _footer(body):
        raise ConfigError(f"the pack {str(path)!r} is damaged: it does not match its digest; {_AGAIN}")
    first, *lines = body.splitlines()
    decoder = msgspec.json.Decoder(Item)
    return Pack(msgspec.json.decode(first, type=Header), [decoder.decode(line) for line in lines])


def read_packs(paths: Sequence[str]) -> list[Pack]:
    return [read_pack(Path(path).expanduser()) for path in paths]


def _require_version(path: Path, body: bytes) -> None:
    try:
        header = msgspec.json.decode(body.split(b"\n", 1)[0] or b"null")
    except msgspec.DecodeError:
        header = None
    if not isinstance(header, dict) or header.get("format") != "dcvlr pack":
        raise ConfigError(f"{str(path)!r} is no pack; {_AGAIN}")
    if header.get("version") not in _READABLE:
        raise ConfigError(f"the pack {str(path)!r} has version {header.get('version')!r}, not {VERSION}; {_AGAIN}")


def _footer(body: bytes) -> bytes:
    return to_json({"lines": body.count(b"\n"), "blake3": digest(body)}) + b"\n"
