"""What all JSON records share."""

from __future__ import annotations

from typing import Any

import msgspec

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """What all JSON records share: immutable, keyword-only, no unknown fields when read back."""


def to_json(record: Any) -> bytes:
    return msgspec.json.encode(record)
