"""Checks that ask without the picture, with a part of it painted out, or with another one."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from contracts.checks import CheckContract, qa
from scripted import knowing, sees
from validation.model_checks import DEPRIVED, SUM, blind, finding, masked, model, solve, swapped

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.pipeline import check_ready
from dcvlr.protocols import Check
from dcvlr.records import Evidence, Finding, Qa
from dcvlr.records.requests import Request


class TestBlind(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        """It knows by heart that something is Milk."""
        return blind(model(knowing({SUM: "Milk"})))


class TestMasked(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return masked(model(knowing({SUM: "Milk"})))

    @pytest.fixture
    def mixed(self) -> list[Qa]:
        return [qa(id="1"), qa(id="2", answer="Milk"), qa(id="4", image_id="other"), qa(id="5", image_id="third")]


class TestSwapped(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        """In a run with some more pictures than the tests know."""
        pictures = ("picture", "other", "third", "more")
        return swapped(model(knowing({SUM: "Milk"}))).among([qa(image_id=name) for name in pictures])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (blind, "solved without the picture in 4 of 4 replies"),
        (masked, "solved with the evidence painted out in 4 of 4 replies"),
        (swapped, "solved with another picture in 4 of 4 replies"),
    ],
)
def test_what_is_solved_without_its_picture_is_rejected_or_flagged(make: Any, reason: str, memo: Memo) -> None:
    both = [qa(image_id="picture"), qa(image_id="another")]
    (found, _) = make(model())(both, memo)
    name = make.__name__
    assert found == Finding(name=name, passed=False, value=1.0, threshold=0.5, reason=reason)
    (found, _) = make(model(), action="flag")(both, memo)
    assert found == Finding(name=name, passed=True, value=1.0, threshold=0.5, reason=reason)


def test_a_question_that_needs_its_picture_passes_each_of_them(memo: Memo) -> None:
    def in_full_sight(request: Request) -> bool:
        return [(view.image.id, view.masks) for view in request.views] == [("picture", ())]

    llm = model(knowing({SUM: "4.14"}, needs=in_full_sight))
    both = [qa(image_id="picture"), qa(image_id="another")]
    for make in DEPRIVED:
        (found, _) = make(llm)(both, memo)
        assert (found.passed, found.value, found.reason) == (True, 0.0, "")
    assert finding(solve(llm), both[0], memo).passed


@pytest.mark.parametrize(("right", "passed"), [((True, False), True), ((True, True, True, False), False)])
def test_as_many_replies_may_agree_as_are_allowed_and_no_more(
    right: tuple[bool, ...], passed: bool, memo: Memo
) -> None:
    turns = cycle(right)
    found = finding(blind(model(knowing({SUM: "4.14"}, needs=lambda _: next(turns)))), qa(), memo)
    assert (found.passed, found.value) == (passed, sum(right) / len(right))


def test_blind_shows_nothing_and_takes_a_model_that_sees_nothing(memo: Memo) -> None:
    llm = model(knowing({SUM: "4.14"}, needs=sees), sees_images=False)
    check = blind(llm)
    check_ready(check)
    assert finding(check, qa(), memo).passed
    assert {request.views for request in llm.asked} == {()}


@pytest.mark.parametrize("make", [solve, masked, swapped])
def test_a_model_that_sees_nothing_is_refused_at_start(make: Any) -> None:
    name = make.__name__
    with pytest.raises(
        ConfigError, match=rf"checks\.{name}\.solver\.llm is scripted of the family 'scripted', which sees no"
    ):
        make(model(sees_images=False)).check_ready()
    make(model()).check_ready()


def test_the_boxes_of_the_evidence_are_painted_out(memo: Memo) -> None:
    llm = model()
    masked(llm)([qa()], memo)
    (view,) = {view for request in llm.asked for view in request.views}
    assert view.masks == ((0, 0, 90, 10), (0, 20, 90, 30), (100, 0, 190, 10), (100, 20, 190, 30))


def test_evidence_without_a_place_is_not_asked_about(memo: Memo) -> None:
    llm = model()
    caption = Evidence(kind="caption", ref="C", box=None, text="a receipt")
    (found, none) = masked(llm)([qa(evidence=(*qa().evidence, caption)), qa(evidence=())], memo)
    assert isinstance(found, Finding)
    assert isinstance(none, Finding)
    assert (found.passed, found.value, found.reason) == (True, None, "not asked: C has no place in the picture")
    assert (none.passed, none.value, none.reason) == (True, None, "not asked: there is no evidence")
    assert llm.asked == []


def test_another_picture_is_of_the_same_bin_and_never_its_own(memo: Memo) -> None:
    llm = model()
    run = [qa(id=f"{bin_}{n}", image_id=f"{bin_}{n}", bin=bin_) for bin_ in "AB" for n in range(5)]
    check = swapped(llm, samples=1).among(run)
    check(run, memo)
    shown = {question.id: check.after[question.bin, question.image_id].id for question in run}
    assert all(own[0] == other[0] and own != other for own, other in shown.items())
    assert sorted(shown.values()) == sorted(shown)  # a ring for each bin: every picture is shown once
    assert {view.image.id for request in llm.asked for view in request.views} == set(shown)


def test_which_picture_is_shown_depends_on_the_seed_and_not_on_order_or_batch() -> None:
    run = [qa(image_id=f"{n}") for n in range(30)]
    after = swapped(model()).among(run).after
    assert swapped(model()).among(run[::-1]).after == after
    assert swapped(model(), seed=1).among(run).after != after
    more = swapped(model()).among([*run, qa(image_id="new")]).after
    assert sum(more[key] != other for key, other in after.items()) == 1


def test_a_lone_picture_of_a_bin_is_not_asked(memo: Memo) -> None:
    llm = model()
    (first, second) = swapped(llm)([qa(id="1"), qa(id="2")], memo)
    assert isinstance(first, Finding)
    assert first == second
    assert (first.passed, first.value, first.reason) == (True, None, "not asked: its bin has no other picture")
    assert llm.asked == []
