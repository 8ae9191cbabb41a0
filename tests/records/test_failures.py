from __future__ import annotations

from dcvlr.records import Caption, Failure, first_failures

CAPTION = Caption(text="a cat")
LATE, BROKEN = Failure(kind="timeout", message="late"), Failure(kind="decode", message="broken")


def test_each_item_has_the_first_of_its_failures() -> None:
    assert first_failures([[CAPTION, LATE, BROKEN, CAPTION], [CAPTION, CAPTION, LATE, LATE]]) == [
        None,
        LATE,
        BROKEN,
        LATE,
    ]


def test_without_a_failure_no_item_has_one() -> None:
    assert first_failures([[CAPTION, CAPTION], [CAPTION, CAPTION]]) == [None, None]
    assert first_failures([[]]) == []
