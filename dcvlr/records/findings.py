"""What one rule or check says of one record, and the numbers that rules read."""

from __future__ import annotations

from typing import ClassVar

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


class ImageValues(Record, frozen=True):
    """`values` are numbers by rule, None where a value was not needed or could not be had; `outcome` is where it went.

    `outcome` is "kept", a bin, or the first reason for which the picture was left out.
    """

    paths: ClassVar[tuple[str, ...]] = ("path",)

    id: str
    path: str
    dataset: str
    outcome: str
    values: dict[str, float | None]


class ValueRule(Record, frozen=True):
    """A limit on one value, as a person may move it: `key` is what to type on the command line.

    `minimum` says that values below `threshold` fail, else values above it do; `group` rules decide together.
    """

    name: str
    key: str
    what: str
    threshold: float
    minimum: bool
