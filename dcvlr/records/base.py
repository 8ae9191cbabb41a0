"""What all JSON records share."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Corners of a line of text, from its upper left one clockwise."""


def box_area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def shared_area(a: Box, b: Box) -> float:
    """Area that two boxes have in common."""
    width, height = (max(0.0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    return width * height


_ENCODER = msgspec.json.Encoder()
_SEPARATOR = b"\xe2\x80"  # how U+2028 and U+2029 begin


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """What all JSON records share: immutable, keyword-only, no unknown fields when read back."""

    paths: ClassVar[tuple[str, ...]] = ()  # see `dcvlr.records.paths`


def to_json(record: Any) -> bytes:
    """JSON on one line, for readers of every kind: separators of lines and paragraphs stand as escapes."""
    return _for_every_reader(msgspec.json.encode(record))


def to_json_lines(records: list[Any]) -> bytes:
    """The same of each record, every line closed."""
    return _for_every_reader(_ENCODER.encode_lines(records))


def _for_every_reader(data: bytes) -> bytes:
    if _SEPARATOR[:1] not in data or _SEPARATOR not in data:  # a search for one byte is ten times as fast as for two
        return data
    return data.replace(_SEPARATOR + b"\xa8", b"\\u2028").replace(_SEPARATOR + b"\xa9", b"\\u2029")
