"""What is asked about objects, pixels and captions, and what is left alone because it is not plain to see."""

from __future__ import annotations

from random import Random

import pytest
from synthesis.made_scenes import answers, ask, drafts, facts, line, scene, street, thing, told

from dcvlr.records import Detections, Scene
from dcvlr.synthesis.families import captions
from dcvlr.synthesis.generator.computed import FAMILIES


def test_objects_are_counted_by_label() -> None:
    assert ask("objects.count", street())["How many people can be seen in the picture?"] == "2"
    twice = scene(things=(thing("dog", 0, 0, 50, 50), thing("dog", 10, 0, 60, 50)))
    unsure = scene(things=(thing("dog", 0, 0, 50, 50), thing("dog", 90, 0, 140, 50, score=0.4)))
    assert not drafts("objects.count", twice)
    assert not drafts("objects.count", unsure)


def test_where_objects_are() -> None:
    two = scene(things=(thing("dog", 10, 10, 60, 60), thing("car", 200, 150, 390, 290)), pixels=facts(400, 300))
    expected = {"leftmost": "dog", "rightmost": "car", "highest": "dog", "lowest": "car", "largest": "car"}
    assert {name: answers(f"objects.{name}", two)[0] for name in expected} == expected


def test_objects_that_are_nearly_level_or_of_a_size_are_not_compared() -> None:
    two = scene(things=(thing("dog", 10, 10, 60, 60), thing("car", 20, 100, 75, 155)), pixels=facts(400, 300))
    assert not drafts("objects.leftmost", two)
    assert not drafts("objects.largest", two)


def test_the_nearest_object() -> None:
    asked = ask("objects.nearest", street())
    assert asked == {"Which of these is nearest to the cat?": "hat", "Which of these is nearest to the hat?": "cat"}


def test_overlap_is_asked_for_only_where_it_is_plain() -> None:
    asked = ask("objects.overlap", street())
    assert asked["Do the cat and the hat overlap in the picture?"] == "yes"
    assert asked["Do the bus and the dog overlap in the picture?"] == "no"
    half = scene(things=(thing("dog", 0, 0, 100, 100), thing("car", 50, 0, 150, 100)), pixels=facts(400, 300))
    assert not drafts("objects.overlap", half)


def test_a_detector_without_classes_names_nothing() -> None:
    found = Detections(width=100, height=100, objects=(thing(None, 0, 0, 50, 50),), labelled=False)
    made = Scene(image=street().image, bin="C", objects=found)
    assert not any(drafts(family, made) for family in FAMILIES if family.startswith("objects."))


def test_colour_of_a_part() -> None:
    assert ask("pixels.dominant_colour", street()) == {
        "Which colour covers most of the left half of the picture?": "blue",
        "Which colour covers most of the upper half of the picture?": "blue",
        "Which colour covers most of the lower half of the picture?": "red",
    }
    assert ask("pixels.half_of_colour", street()) in (
        {"Which of these two halves of the picture is mostly blue?": "upper half"},
        {"Which of these two halves of the picture is mostly red?": "lower half"},
    )


def test_colours_that_are_easily_confused_are_not_offered_together() -> None:
    for draft in drafts("pixels.dominant_colour", street()):
        confused = {"blue": {"green", "purple", "grey", "black", "white"}, "red": {"orange", "pink", "brown", "purple"}}
        assert not confused[draft.answer].intersection(draft.distractors)


def test_the_brighter_half() -> None:
    assert answers("pixels.brighter_side", street()) == ["left half"]
    assert answers("pixels.brighter_level", street()) == ["upper half"]
    assert answers("pixels.centre_lightness", street()) == ["brighter"]
    alike = scene(pixels=facts(400, 300, left=("red", 0.9, 0.1, 50.0), right=("red", 0.9, 0.1, 55.0)))
    assert not drafts("pixels.brighter_side", alike)


@pytest.mark.parametrize(
    ("size", "shape"),
    [((400, 300), ["wider than tall"]), ((300, 400), ["taller than wide"]), ((300, 300), ["square"]), ((315, 300), [])],
)
def test_the_shape_of_a_picture(size: tuple[int, int], shape: list[str]) -> None:
    assert answers("pixels.orientation", scene(pixels=facts(*size))) == shape


def test_the_ratio_of_the_sides() -> None:
    (draft,) = drafts("pixels.aspect", scene(pixels=facts(500, 375)))
    assert draft.question == "About how many times as wide as it is tall is the picture?"
    assert draft.answer == "1.3"


def test_what_a_caption_states() -> None:
    assert ask("caption.count", told()) == {
        "How many dogs can be seen in the picture?": "3",
        "How many lines of text can be seen in the picture?": "2",
    }
    assert answers("caption.colour", told()) == ["blue"]
    assert answers("caption.shape", told()) == ["wider than tall"]
    assert answers("caption.light", told()) == ["bright"]
    assert answers("caption.text", told()) == ["OPEN"]


def test_regions_that_stand_out_are_nothing_to_count() -> None:
    assert not drafts("caption.count", told(caption="A dark picture with four regions that stand out."))


def test_what_is_measured_better_is_not_taken_from_the_caption() -> None:
    made = scene(line("OPEN", 10, 10), caption=told().caption.text, pixels=facts(400, 300))  # type: ignore[union-attr]
    assert ask("caption.count", made) == {"How many dogs can be seen in the picture?": "3"}
    assert not any(drafts(f"caption.{name}", made) for name in ("colour", "shape", "light", "text"))


def test_a_caption_is_told_from_clearly_different_ones_only() -> None:
    others = ["A dog runs on a beach", "Two men play chess", "Snow on a roof", "Fishing boats leave"]
    made = told(caption="A dog runs along a sandy beach")
    (draft,) = captions.caption_choice(made, others, Random(0))
    assert sorted(draft.distractors) == ["Fishing boats leave", "Snow on a roof", "Two men play chess"]


@pytest.mark.parametrize(
    "caption", ["A dark brown dog sits on white snow.", "A portrait picture of a man", "A man in mostly blue clothes."]
)
def test_what_a_caption_says_of_a_part_is_not_said_of_the_picture(caption: str) -> None:
    assert not any(drafts(f"caption.{name}", told(caption=caption)) for name in ("colour", "shape", "light"))


@pytest.mark.parametrize(
    "caption",
    [
        "four tennis players on a court",
        "twenty two cats",
        "twenty-two cats",
        "one hundred and two cats",
        "two or three cats",
        "two cats and a brown cat",
        "three people and a man",
        "A dark landscape picture with one line of text that reads “FOUR CATS”.",
    ],
)
def test_numbers_that_are_no_count_of_all_things_are_left_alone(caption: str) -> None:
    assert not drafts("caption.count", told(caption=caption))


def test_things_of_a_plain_sentence_are_counted() -> None:
    made = told(caption="A photo of two dogs, three cats and four people on a beach.")
    assert answers("caption.count", made) == ["2", "3", "4"]


def test_the_leftmost_thing_is_ahead_of_all_others_not_only_of_the_options() -> None:
    made = (thing("dog", 10, 10, 60, 60), thing("car", 200, 100, 300, 150), thing("cat", 210, 100, 300, 150))
    more = (thing("cup", 310, 10, 350, 60), thing("hat", 5, 100, 395, 290))
    asked = drafts("objects.leftmost", scene(things=made, pixels=facts(400, 300)))
    assert [draft.answer for draft in asked] == ["dog"]
    assert not drafts("objects.leftmost", scene(things=(*made, *more), pixels=facts(400, 300)))
