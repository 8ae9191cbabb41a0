"""Questions about several pictures: every check that looks at one looks at them all."""

from __future__ import annotations

from typing import ClassVar

import pytest
from contracts.checks import qa
from msgspec.structs import replace
from scripted import sees
from validation.model_checks import masked, model, solve, swapped

from dcvlr.memo import Memo
from dcvlr.records import Evidence, Finding, ImageRecord, Qa, of_picture
from dcvlr.report.questions import question_cards
from dcvlr.validation.checks.duplicates import Duplicates

FIRST, SECOND = (ImageRecord(id=name, path=f"{name}.png", dataset="d") for name in ("one", "two"))
LINES = (
    of_picture(Evidence(kind="text", ref="T4", box=(0, 0, 9, 9), text="12.50"), 1),
    of_picture(Evidence(kind="text", ref="T12", box=(5, 5, 8, 8), text="14.00"), 2),
)


def about_both(**changes: object) -> Qa:
    fields = {"image_id": "one", "image": "one.png", "images": (FIRST, SECOND), "evidence": LINES, **changes}
    return qa(**fields)


def test_evidence_says_in_which_picture_and_which_line_it_is() -> None:
    assert [(one.ref, one.picture, one.number) for one in LINES] == [("p1_T4", 1, 4), ("p2_T12", 2, 12)]
    assert [one.number for one in replace(qa(), evidence=LINES).evidence] == [4, 12]
    assert Evidence(kind="picture", ref="picture", box=None, text="").number is None


def test_a_question_about_one_picture_has_that_one() -> None:
    assert [image.id for image in about_both().pictures] == ["one", "two"]
    assert [(image.id, image.path) for image in qa(image_id="one", image="one.png").pictures] == [("one", "one.png")]


@pytest.mark.parametrize("make", [solve, masked])
def test_a_model_is_shown_both_with_what_is_hidden_in_each(make: object, memo: Memo) -> None:
    llm = model(lambda request: "4.14" if sees(request) else "")
    make(llm)([about_both()], memo)  # type: ignore[operator]
    hidden = [LINES[0].box], [LINES[1].box]
    wanted = [("one", ()), ("two", ())] if make is solve else [("one", tuple(hidden[0])), ("two", tuple(hidden[1]))]
    assert {tuple((view.image.id, view.masks) for view in request.views) for request in llm.asked} == {tuple(wanted)}


def alone(*names: str, bin_: str = "C") -> list[Qa]:
    return [qa(id=name, image_id=name, image=f"{name}.png", bin=bin_) for name in names]


@pytest.mark.parametrize("seed", range(6))  # of these some put the pictures of the pair beside each other
def test_a_pair_is_swapped_for_two_that_it_is_not_about(seed: int, memo: Memo) -> None:
    llm = model()
    pair = about_both(bin="C")
    swapped(llm, samples=1, seed=seed).among([pair, *alone("three", "four")])([pair], memo)
    (request,) = llm.asked
    assert sorted(view.image.id for view in request.views) == ["four", "three"]


def test_a_pair_whose_bin_has_one_other_picture_is_not_asked(memo: Memo) -> None:
    llm = model()
    pair = about_both(bin="C")
    (finding,) = swapped(llm).among([pair, *alone("three")])([pair], memo)
    assert isinstance(finding, Finding)
    assert (finding.passed, finding.reason) == (True, "not asked: its bin has too few other pictures")
    assert llm.asked == []


def test_a_pair_across_two_bins_leaves_the_rings_of_both_whole(memo: Memo) -> None:
    llm = model()
    pair = about_both(bin="A")
    run = [pair, *alone("one", "three", "four", bin_="A"), *alone("two", "five", bin_="C")]
    swapped(llm, samples=1).among(run)(run, memo)
    shown = sorted(tuple(sorted(view.image.id for view in request.views)) for request in llm.asked)
    assert ("four", "three") in shown  # those of the pair's bin that it is not about
    assert shown.count(("five",)) == 1  # "two" is asked with it in its own bin, and nobody in the other


class TestDuplicates:
    check: ClassVar[Duplicates] = Duplicates(threshold=0.9)

    def test_the_same_question_about_another_pair_is_no_duplicate(self, memo: Memo) -> None:
        third = ImageRecord(id="three", path="three.png", dataset="d")
        asked = [about_both(), about_both(images=(FIRST, third)), about_both(), qa(image_id="one")]
        assert [finding.passed for finding in self.check(asked, memo)] == [True, True, False, True]


class NoThumbnails:
    embedded = True

    def of(self, image: ImageRecord, size: int) -> dict[str, object] | None:
        return {"src": image.path, "width": 10, "height": 10}


def test_the_report_shows_all_pictures_and_the_evidence_in_each() -> None:
    page = question_cards([about_both()], [], [], NoThumbnails())  # type: ignore[arg-type]
    (card,) = page["cards"]
    assert (card["pictures"], list(page["pictures"])) == (["one", "two"], ["one", "two"])
    assert [(item["ref"], item["picture"]) for item in card["evidence"]] == [("p1_T4", 1), ("p2_T12", 2)]
