"""How often what was tried, and what it cost: a table that goes on from call to call."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dcvlr.rundir.files import write_json

SIZES = {"small": 1, "medium": 10, "large": 100}
KEPT = Path(__file__).parents[2] / "outputs" / "faults.json"


def repeats(small: int) -> int:
    """How often to try: so often in `make test`, ten times as often by `make faults`, more with SIZE=large."""
    return small * SIZES[os.environ.get("DCVLR_FAULTS", "small")]


def seed() -> int:
    """Another one for every call of `make faults`, so that its calls add up; 0 in `make test`."""
    return int(os.environ.get("DCVLR_FAULTS_SEED", "0"))


@dataclass
class Counts:
    tried: int = 0
    survived: int = 0
    recomputed_at_most: int = 0
    paid_twice_at_most: int = 0


@dataclass
class Table:
    """Counts by kind of fault."""

    rows: dict[str, Counts] = field(default_factory=dict)

    def tried(self, kind: str, count: int = 1) -> None:
        """To be called before anything is asserted."""
        self.rows.setdefault(kind, Counts()).tried += count

    def survived(self, kind: str, count: int = 1, *, recomputed: int = 0, paid_twice: int = 0) -> None:
        row = self.rows[kind]
        row.survived += count
        row.recomputed_at_most = max(row.recomputed_at_most, recomputed)
        row.paid_twice_at_most = max(row.paid_twice_at_most, paid_twice)

    def lines(self) -> list[str]:
        head = f"{'kind of fault':<42}{'tried':>8}{'survived':>10}{'recomputed':>12}{'paid twice':>12}"
        return [head] + [
            f"{kind:<42}{c.tried:>8}{c.survived:>10}{c.recomputed_at_most:>12}{c.paid_twice_at_most:>12}"
            for kind, c in sorted(self.rows.items())
        ]

    def merged_into(self, path: Path) -> Table:
        """This table and the one at `path`, which is written anew."""
        before = {kind: Counts(**row) for kind, row in json.loads(path.read_text()).items()} if path.exists() else {}
        merged = Table(before)
        for kind, c in self.rows.items():
            merged.tried(kind, c.tried)
            costs = {"recomputed": c.recomputed_at_most, "paid_twice": c.paid_twice_at_most}
            merged.survived(kind, c.survived, **costs)
        write_json(path, {kind: asdict(row) for kind, row in sorted(merged.rows.items())})
        return merged
