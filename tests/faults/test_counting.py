"""The table of the campaign goes on from call to call."""

from __future__ import annotations

from pathlib import Path

from faults.counting import Table


def test_tries_add_up_and_the_highest_cost_stays(tmp_path: Path) -> None:
    path = tmp_path / "outputs" / "faults.json"
    for recomputed, paid_twice in ((8, 1), (5, 3)):
        table = Table()
        table.tried("a full disk")
        table.tried("kill -9", 4)
        table.survived("kill -9", 3, recomputed=recomputed, paid_twice=paid_twice)
        merged = table.merged_into(path)
    assert [line.split("  ")[0] for line in merged.lines()] == ["kind of fault", "a full disk", "kill -9"]
    assert [line.split()[-4:] for line in merged.lines()[1:]] == [["2", "0", "0", "0"], ["8", "6", "8", "3"]]
