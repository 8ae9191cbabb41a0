"""Where in a picture most of a colour is, and where it is brightest: asked only where anybody sees it."""

from __future__ import annotations

from random import Random

from synthesis.made_scenes import SIGHT, english, facts

from dcvlr.records import PixelFacts
from dcvlr.synthesis.programs.evaluate import evaluate
from dcvlr.synthesis.programs.forms.picture_parts import about_parts

LAYOUTS = english().words.parts


def across(colour: str, *shares: float, lightness: tuple[float, ...] = (50.0, 50.0, 50.0)) -> PixelFacts:
    """A colour on grey."""
    parts = zip(lightness, shares, strict=True)
    left, middle, right = ((light, {colour: share, "grey": 0.95 - share}) for light, share in parts)
    return facts(600, 400, left_third=left, middle_third=middle, right_third=right)


def asked(of: PixelFacts) -> set[tuple[str, object]]:
    """Kinds of questions and their answers, over many seeds."""
    return {
        (form.kind, evaluate(form.program))
        for seed in range(20)
        for form, _ in about_parts(of, LAYOUTS, SIGHT, Random(seed))
    }


def test_a_part_has_most_of_a_colour_if_it_has_more_than_all_others_together() -> None:
    assert asked(across("green", 0.1, 0.2, 0.5)) == {("colour_most", "right")}
    assert asked(across("green", 0.3, 0.3, 0.5)) == set()


def test_a_vivid_patch_is_enough_and_a_green_or_black_one_is_not() -> None:
    assert asked(across("red", 0.08, 0.0, 0.01)) == {("colour_most", "left")}
    assert asked(across("green", 0.08, 0.0, 0.01)) == asked(across("black", 0.08, 0.0, 0.01)) == set()
    assert asked(across("red", 0.04, 0.0, 0.0)) == set(), "too small a patch"


def test_of_brown_and_white_one_may_argue() -> None:
    assert asked(across("brown", 0.9, 0.0, 0.0)) == asked(across("white", 0.9, 0.0, 0.0)) == set()


def test_where_a_part_is_mostly_of_no_clear_colour_it_may_be_what_was_asked_for() -> None:
    pale = facts(
        600, 400, left_third=(60.0, {"yellow": 0.5}), middle_third=(60.0, {"grey": 1.0}), right_third=(60.0, {})
    )
    assert asked(pale) == set()


def test_a_corner_is_asked_for_or_what_follows_from_it_but_not_both() -> None:
    both = facts(
        600,
        400,
        upper_left=(50.0, {"blue": 0.9}),
        upper_right=(50.0, {"grey": 0.9}),
        lower_left=(50.0, {"grey": 0.9}),
        lower_right=(50.0, {"grey": 0.9}),
        left_third=(50.0, {"blue": 0.45, "grey": 0.5}),
        middle_third=(50.0, {"blue": 0.2, "grey": 0.7}),
        right_third=(50.0, {"grey": 0.9}),
    )
    for seed in range(20):
        found = [
            evaluate(form.program)
            for form, _ in about_parts(both, LAYOUTS, SIGHT, Random(seed))
            if form.kind == "colour_most"
        ]
        assert found in (["top left"], ["left"], [])
    assert {answer for kind, answer in asked(both) if kind == "colour_most"} == {"top left", "left"}


def test_light_is_asked_about_where_the_difference_is_seen() -> None:
    kinds = {kind for kind, _ in asked(across("green", 0, 0, 0, lightness=(80.0, 62.0, 40.0)))}
    assert kinds == {"brightest", "darkest", "light_order", "dark_order"}
    assert asked(across("green", 0, 0, 0, lightness=(60.0, 52.0, 45.0))) == set()
