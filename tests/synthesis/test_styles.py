"""Kinds of questions: which answers and difficulties fit them, and what a run asks for and gets."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import msgspec
import pytest
from synthesis.made_scenes import detection, receipt, scene
from synthesis.test_written import author, templates, writer, written

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.records import AskedFor, Caption, Questions, Scene
from dcvlr.synthesis.kinds import Kinds
from dcvlr.synthesis.slots import Slot, slots, unfit
from dcvlr.synthesis.styles import styles_of

TYPES = {"multiple_choice": 0.4, "number": 0.3, "short_text": 0.3}
LEVELS = {"easy": 0.2, "medium": 0.5, "hard": 0.3}


def drawn(bin_: str, pictures: int, total: int, **changes: Any) -> list[Slot]:
    asked = {"answer_types": TYPES, "difficulties": LEVELS} | changes
    table = templates().table[bin_]
    return [
        slot for n in range(pictures) for slot in slots(f"{n:032x}", total, seed=1, styles=table, templates=1, **asked)
    ]


def test_there_are_forty_styles_and_each_pair_of_type_and_difficulty_has_one_in_every_bin() -> None:
    assert len({style.text for rows in templates().table.values() for style in rows}) >= 40
    for rows in templates().table.values():
        assert list(unfit(rows, TYPES, LEVELS)) == []


@pytest.mark.parametrize("bin_", ["A", "B", "C"])
def test_no_question_why_is_asked_for_a_number(bin_: str) -> None:
    made = drawn(bin_, 300, 3)
    of_numbers = {slot.style for slot in made if slot.answer_type == "number"}
    assert not [style for style in of_numbers if style.startswith(("why", "what kind", "what happened", "the colour"))]
    assert not [slot for slot in made if "yes or no" in slot.style and slot.answer_type != "short_text"]
    assert not [slot for slot in made if slot.style.startswith("count") and slot.answer_type == "short_text"]


def test_shares_are_met_by_picture_and_styles_vary() -> None:
    made = drawn("A", 200, 10)
    assert Counter(slot.answer_type for slot in made) == {"multiple_choice": 800, "number": 600, "short_text": 600}
    assert Counter(slot.difficulty for slot in made) == {"easy": 400, "medium": 1000, "hard": 600}
    assert len({slot.style for slot in made}) == 20
    assert len({slot.style for slot in made[:10]}) >= 8


def test_one_picture_is_asked_for_the_same_whatever_others_there_are() -> None:
    assert drawn("C", 5, 3)[3:6] == drawn("C", 2, 3)[3:]


def test_a_row_may_be_a_text_alone_and_words_for_difficulties_are_free() -> None:
    rows = styles_of("styles", ["anything", {"style": "count", "answer_types": ["number"], "difficulties": ["easy"]}])
    assert [style.fits("number", "easy") for style in rows] == [True, True]
    assert [style.fits("number", "hard") for style in rows] == [True, True]  # no row knows the word
    assert [style.fits("short_text", "easy") for style in rows] == [True, False]
    assert drawn("B", 1, 3, difficulties={"for children": 1.0})[0].difficulty == "for children"


def test_text_and_objects_are_asked_about_only_where_there_are_some(tmp_path: Any) -> None:
    needing = {"a number or word that stands in the picture", "how many more there are of one kind than of another"}

    def asked(one: Scene) -> set[str]:
        pictures = [msgspec.structs.replace(one.image, id=f"{n:032x}") for n in range(25)]
        scenes = [msgspec.structs.replace(one, bin="C", image=picture) for picture in pictures]
        made = written(tmp_path, author(), *scenes, answer_types=TYPES, difficulties=LEVELS)
        return {one.style for questions in made for one in questions.asked}

    assert asked(scene()) & needing == set()
    assert asked(receipt()) & needing == {"a number or word that stands in the picture"}
    boat = scene(detections=(detection("boat", 0, 0, 5, 5),))
    assert asked(boat) & needing == {"how many more there are of one kind than of another"}


def test_who_has_a_caption_alone_is_not_asked_about_entries_of_a_page(tmp_path: Any) -> None:
    page = msgspec.structs.replace(scene(), bin="A", caption=Caption(text="A receipt on a desk."))
    styles = {name: {style.text for style in rows} for name, rows in templates().table.items()}
    asked = {"answer_types": TYPES, "difficulties": LEVELS, "qa_per_image": 12}
    (blind,) = written(tmp_path / "blind", author(sees_images=False), page, **asked)
    assert {one.style for one in blind.asked} <= styles["C"]
    (seeing,) = written(tmp_path / "seeing", author(), page, **asked)
    assert {one.style for one in seeing.asked} <= styles["A"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"style": "x", "answer_types": ["essay"]}, "Invalid enum value 'essay'"),
        ({"style": "x", "levels": ["easy"]}, "unknown field `levels`"),
        ({"answer_types": ["number"]}, "missing required field `style`"),
    ],
)
def test_a_row_that_is_none_is_refused(row: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        dataclasses.replace(templates(), styles=templates().styles | {"A": [row]})


def test_a_pair_that_no_style_fits_is_refused_before_anything_is_asked() -> None:
    only = {"style": "why it is so", "answer_types": ["short_text"]}
    prompt = dataclasses.replace(templates(), styles=templates().styles | {"C": [only]})
    with pytest.raises(
        ConfigError, match=r"^prompt\.styles\.C=null: a style for a easy question whose answer is number"
    ):
        dataclasses.replace(writer(author()), prompt=prompt)


def test_what_was_asked_for_and_what_came_is_counted(tmp_path: Any) -> None:
    kinds = Kinds([Questions(qas=())])
    assert kinds.summary() == {}
    (questions,) = written(tmp_path, author(), receipt(), qa_per_image=3)  # three times the same: two are lost
    kinds.add(Kinds([questions]))
    assert kinds.summary()["kinds"]["answer_type"] == {"number": {"asked": 3, "got": 1}}
    assert kinds.summary()["kinds"]["difficulty"] == {"easy": {"asked": 3, "got": 1}}
    style = questions.asked[0].style
    assert questions.qas[0].asked_for == AskedFor(number=1, answer_type="number", difficulty="easy", style=style)


def test_the_keys_of_before_replace_what_stands_in_the_config() -> None:
    cfg = compose(
        [
            "images_dir=x",
            "synthesis/generator=openai",
            "synthesis.generator.answer_types={short_text: 1}",
            "synthesis.generator.difficulties.easy=0",
        ]
    )
    made = make(cfg, "synthesis.generator")
    assert made.answer_types == {"short_text": 1}
    assert made.difficulties == {"easy": 0, "medium": 0.5, "hard": 0.3}
