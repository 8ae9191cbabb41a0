"""Signals of many items at once."""

from __future__ import annotations

from pathlib import Path

from fakes import Brightness, Darkness, Halves, Item, greys

from dcvlr.memo import Memo
from dcvlr.records import Failure, Score


def test_many_signals_are_those_of_each_in_any_order(tmp_path: Path) -> None:
    images, items = greys(tmp_path, 9), [Item(id=f"{n}", value=n) for n in range(5)]
    model = Brightness()
    memo = Memo(tmp_path / "m", chunk_size=4, merge_after=1)
    bright, dark = memo.measure_together([model, Darkness(brightness=model)], images)
    halves = memo.compute(Halves(), items)
    for signals, ids in ((bright, [i.id for i in images]), (dark, [i.id for i in images]), (halves, list("01234"))):
        for asked in (ids, ids[::-1], ids[3:4], ids[::2], []):
            assert signals.many(asked) == [signals[one] for one in asked]
    assert halves.many(["2", "3"]) == [Score(value=1.0), Failure(kind="timeout", message="odd")]
