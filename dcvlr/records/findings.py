"""What one rule or check says of one record."""

from __future__ import annotations

from dcvlr.records.base import Record


class Finding(Record, frozen=True):
    """What one rule or check says of one record: the value it saw, the threshold it was held to, and why."""

    name: str
    passed: bool
    value: float | int | str | bool | None = None
    threshold: float | int | str | None = None
    reason: str = ""
