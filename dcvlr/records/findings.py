"""What one rule or check says of one record."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from dcvlr.records.base import Record


class Finding(Record, frozen=True):
    """What one rule or check says of one record: the value it saw, the threshold it was held to, and why.

    `kept` is, of a duplicate, the id of the picture that is kept instead.
    """

    name: str
    passed: bool
    value: float | int | str | bool | None = None
    threshold: float | int | str | None = None
    reason: str = ""
    kept: str | UnsetType = UNSET
