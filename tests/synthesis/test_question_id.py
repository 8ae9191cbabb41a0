from __future__ import annotations

from dcvlr.records import ImageRecord
from dcvlr.synthesis.origin import question_id

ONE, TWO = (ImageRecord(id=name, path=f"{name}.png", dataset="d") for name in ("one", "two"))


def test_a_question_is_known_by_its_pictures_words_and_answer() -> None:
    asked = question_id([ONE], "How much?", ("1", "2"), "1")
    assert asked == "0674adbde51f134e36a94ce965c5d937"  # as in the datasets that are already there
    others = [
        question_id([ONE, TWO], "How much?", ("1", "2"), "1"),
        question_id([ONE], "How many?", ("1", "2"), "1"),
        question_id([ONE], "How much?", ("2", "1"), "1"),
        question_id([ONE], "How much?", None, "1"),
        question_id([ONE], "How much?", ("1", "2"), "2"),
    ]
    assert len({asked, *others}) == 6
