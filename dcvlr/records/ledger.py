"""What rules and checks say of a record, and what was left out because of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from dcvlr.records.base import Record
from dcvlr.records.findings import Finding
from dcvlr.records.questions import Qa


class LedgerEntry(Record, frozen=True):
    """One image or QA that was left out, with everything that was evaluated about it.

    `copies` are the other files of a picture that hold the same bytes as `path`.
    `unmeasured` is not a judgement: a model could not be asked this time, the next run tries again.
    """

    paths: ClassVar[tuple[str, ...]] = ("path", "record", "copies")

    stage: str
    verdict: Literal["rejected", "unmeasured"]
    kind: Literal["image", "qa"]
    id: str
    path: str
    dataset: str
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    record: Qa | None = None
    copies: tuple[str, ...] = ()


class Flagged(Record, frozen=True):
    """A question that passed although a check has something against it."""

    paths: ClassVar[tuple[str, ...]] = ("image",)

    id: str
    image: str
    findings: tuple[Finding, ...]
