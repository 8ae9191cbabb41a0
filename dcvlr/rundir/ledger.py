"""Every record that was left out, with all that was evaluated about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import BinaryIO

from dcvlr.records import LedgerEntry, to_json


class Ledger:
    """Writes entries as they come and counts their reasons; the file is published by whoever opened it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rejected: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.unmeasured = 0

    def add(self, entry: LedgerEntry) -> None:
        self._file.write(to_json(entry) + b"\n")
        if entry.verdict == "unmeasured":
            self.unmeasured += 1
        else:
            self._rejected[entry.stage].update(entry.reasons)

    def counts(self, stage: str) -> dict[str, int]:
        """Rejected records by reason, most frequent first; a record with two reasons counts in both."""
        return dict(sorted(self._rejected[stage].items(), key=lambda item: (-item[1], item[0])))
