"""Where an object is that is alone of its kind, and which objects are sure enough to be asked about."""

from __future__ import annotations

from random import Random

from synthesis.made_scenes import SIGHT, detection, english

from dcvlr.records import Detection, Detections
from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.forms.one_object import about_one_object
from dcvlr.synthesis.scene.sight import alone, countable

PARTS = english().words.parts


def found(*objects: Detection, confirmed: tuple[str, ...] = ()) -> Detections:
    return Detections(width=600, height=300, objects=objects, labelled=True, confirmed=confirmed)


def places(*objects: Detection) -> set[tuple[str, object]]:
    seen = alone(found(*objects), SIGHT)
    made = (form for seed in range(20) for form, _ in about_one_object(seen, (600, 300), PARTS, SIGHT, Random(seed)))
    return {(form.kind, evaluate(form.program)) for form in made}


def test_an_object_is_in_the_part_where_most_of_it_is() -> None:
    assert places(detection("dog", 10, 210, 150, 290)) == {("object_across", "left"), ("object_down", "bottom")}
    assert places(detection("dog", 150, 210, 250, 290)) == {("object_down", "bottom")}, "half left, half in the middle"


def test_what_is_near_the_border_of_two_parts_is_in_neither() -> None:
    small = detection("dog", 170, 210, 202, 230)  # 94 % of it in the left part, its middle 14 pixels from the next one
    assert places(small) == {("object_down", "bottom")}


def test_of_what_fills_the_picture_nobody_asks_where_it_is() -> None:
    assert places(detection("dog", 10, 10, 590, 290)) == set()


def test_one_of_several_has_no_name_of_its_own() -> None:
    assert places(detection("dog", 10, 210, 60, 290), detection("dog", 500, 10, 560, 90)) == set()
    assert places(detection("skis", 10, 210, 60, 290)) == set()


def test_an_object_in_the_middle_is_asked_about_less_often() -> None:
    seen = alone(found(detection("dog", 210, 110, 390, 190)), SIGHT)
    asked = [form for seed in range(100) for form, _ in about_one_object(seen, (600, 300), PARTS, SIGHT, Random(seed))]
    assert 60 < len(asked) < 140


def test_what_a_second_model_confirmed_is_sure_whatever_its_score() -> None:
    weak = detection("dog", 10, 10, 60, 60, score=0.45)
    assert countable(found(weak), SIGHT) == {}
    assert list(countable(found(weak, confirmed=("dog",)), SIGHT)) == ["dog"]


def test_what_may_be_a_dog_or_a_cat_is_neither() -> None:
    dog = detection("dog", 10, 10, 60, 60)
    assert countable(found(dog, detection("cat", 12, 10, 62, 60)), SIGHT) == {}
    assert list(countable(found(dog, detection("cat", 100, 10, 150, 60)), SIGHT)) == ["cat", "dog"]
