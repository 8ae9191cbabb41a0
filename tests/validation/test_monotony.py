from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from contracts.checks import qa
from validation.shipped import settings

from dcvlr.memo import Memo
from dcvlr.records import AskedFor, ImageRecord, Qa
from dcvlr.validation.checks.monotony import Monotony, most_of_each, usual_answers

WRITER = "openai:qwen/image"


def monotony(*, max_share: float, max_answer_share: float | None, min_kept: int) -> Monotony:
    return Monotony(
        max_share=max_share,
        max_answer_share=max_answer_share,
        min_kept=min_kept,
        max_above_chance=0.05,
        min_balanced=10,
        seed=0,
    )


def test_of_one_question_on_many_pictures_some_are_kept(tmp_path: Path) -> None:
    asked = [
        qa(id=f"q{n}", image_id=f"i{n}", question="What is the number here?", generator="openai:qwen/image")
        for n in range(40)
    ]
    numbered = [
        qa(id=f"n{n}", image_id=f"i{n}", question=f"What stands on page {n}?", generator=WRITER) for n in range(40)
    ]
    other = qa(id="other", image_id="i0", question="Which colour is the saucer?", generator=WRITER)
    check = monotony(max_share=0.1, max_answer_share=None, min_kept=3)
    findings = check([*asked, *numbered, other], Memo(tmp_path))
    assert [finding.passed for finding in findings].count(True) == 4 + 40 + 1
    assert findings[-1].passed
    assert check(asked[:3], Memo(tmp_path)) == [
        finding for finding in check(asked[:3], Memo(tmp_path)) if finding.passed
    ]


def test_few_computed_questions_and_gold_ones_are_not_counted(tmp_path: Path) -> None:
    asked = [
        qa(id=f"q{n}", image_id=f"i{n}", question="What is the total?", generator="computed/text") for n in range(9)
    ]
    asked += [qa(id=f"g{n}", image_id=f"i{n}", question="Find x.", generator="openai:qwen/gold") for n in range(9)]
    findings = monotony(max_share=0.1, max_answer_share=0.5, min_kept=1)(asked, Memo(tmp_path))
    assert all(finding.passed for finding in findings)


def test_of_one_answer_to_questions_of_a_style_some_are_kept(tmp_path: Path) -> None:
    def asked(n: int, style: str, answer: str) -> Qa:
        wanted = AskedFor(number=0, answer_type="yes_no", difficulty="easy", style=style)
        question = f"Is number {n} of the {style} blue?"
        return qa(
            id=f"{style}{n}", image_id=f"i{n}", question=question, answer=answer, generator=WRITER, asked_for=wanted
        )

    cups = [asked(n, "cups", "Yes." if n < 15 else "no") for n in range(20)]
    plates = [asked(n, "plates", "yes") for n in range(4)]
    check = monotony(max_share=1, max_answer_share=0.6, min_kept=3)
    findings = check([*cups, *plates], Memo(tmp_path))
    assert [sum(finding.passed for finding in part) for part in (findings[:15], findings[15:20], findings[20:])] == [
        12,
        5,
        3,
    ]
    refused = next(finding for finding in findings if not finding.passed)
    assert (refused.value, refused.threshold) == ("Yes.", 0.6)
    assert refused.reason == "too many other questions of this style have the same answer"


def test_a_question_about_two_pictures_is_asked_on_both(tmp_path: Path) -> None:
    shown = [ImageRecord(id=f"i{n}", path=f"{n}.png", dataset="d") for n in range(40)]
    asked = [
        qa(id=f"q{n}", image_id=f"i{n}", images=(shown[n], shown[n + 1]), question="Which is redder?", generator=WRITER)
        for n in range(0, 40, 2)
    ]
    check = monotony(max_share=0.1, max_answer_share=None, min_kept=1)
    assert sum(finding.passed for finding in check(asked, Memo(tmp_path))) == 4


def counted(kind: str, answers: Mapping[str, int], options: tuple[str, ...] | None = None) -> list[Qa]:
    given = [answer for answer, count in answers.items() for _ in range(count)]
    return [
        qa(id=f"{kind}{n}", image_id=f"i{n}", generator=f"computed/{kind}", answer=answer, options=options)
        for n, answer in enumerate(given)
    ]


def left(qas: list[Qa]) -> Counter[str]:
    findings = shipped()(qas, Memo(Path("unused")))
    return Counter(one.answer for one, finding in zip(qas, findings, strict=True) if finding.passed)


def shipped() -> Monotony:
    """As in conf, but for a margin by which the numbers here are worked out."""
    return Monotony(**{**settings("monotony"), "seed": 0, "max_above_chance": 0.05})


def test_no_answer_to_computed_questions_of_a_kind_is_much_commoner_than_chance() -> None:
    things = counted("count", {"2": 600, "3": 200, "4": 100, "5": 100})
    kept = left([*things, *counted("read", {f"{n}.00": 1 for n in range(300)})])
    assert (kept["4"], kept["5"]) == (100, 100), "chance is one in four"
    assert all(125 < kept[answer] < 175 for answer in "23"), "150 are 30 % of what is left"
    assert sum(kept[f"{n}.00"] for n in range(300)) == 300
    refused = next(one for one in shipped()(things, Memo(Path("unused"))) if not one.passed)
    assert (refused.value, refused.threshold) == ("2", 0.05)
    assert refused.reason == "too many other questions of this kind have the same answer"


@pytest.mark.parametrize(
    ("counts", "usual"),
    [((500, 500, 1), 2), ((40, 30, 25, 5), 3), ((40, 30, 24, 6), 4), ((99, 1), 2), ((300,), 1), ((1,) * 300, 285)],
)
def test_an_answer_is_guessed_among_the_usual_ones(counts: tuple[int, ...], usual: int) -> None:
    assert usual_answers(counts, sum(counts)) == usual


def test_one_odd_answer_takes_nothing_from_the_others() -> None:
    assert left(counted("count", {"2": 500, "3": 500, "4": 1})) == {"2": 500, "3": 500, "4": 1}


def test_chance_is_that_of_the_options_or_of_yes_and_no() -> None:
    four = ("1", "2", "3", "4")
    kept = left(counted("count", {"1": 300, "2": 300, **{str(n): 30 for n in range(5, 25)}}, four))
    assert kept == {"1": 300, "2": 300, **{str(n): 30 for n in range(5, 25)}}, "25 % of 1,200, one in four by chance"
    assert left(counted("more", {"yes": 54, "no": 46})) == {"yes": 54, "no": 46}
    assert left(counted("more", {"yes": 300, "no": 60}))["yes"] < 100
    assert left(counted("more", {"no": 300}))["no"] < 25


def test_which_stay_of_a_kind_is_decided_by_seed_and_not_by_the_company_in_a_call() -> None:
    asked = counted("count", {"2": 500}, ("1", "2", "3", "4"))
    memo = Memo(Path("unused"))

    def kept(seed: int) -> set[str]:
        check = Monotony(**{**settings("monotony"), "seed": seed}).among(asked)
        alone = [check([one], memo)[0].passed for one in asked]
        assert alone == [finding.passed for finding in check(asked, memo)]
        return {one.id for one, passed in zip(asked, alone, strict=True) if passed}

    assert kept(0) == kept(0) != kept(1)


def test_of_a_kind_with_one_answer_a_few_stay() -> None:
    assert 3 < left(counted("count", {"2": 500}, ("1", "2", "3", "4")))["2"] < 20
    assert left(counted("count", {"2": 10}, ("1", "2", "3", "4"))) == {"2": 10}


@pytest.mark.parametrize(
    ("counts", "share", "most"),
    [
        ((40, 30, 20, 10), 0.3, 22.5),  # of 22.5 + 22.5 + 20 + 10
        ((10, 10, 10, 10), 0.25, 10),
        ((90, 11), 0.55, 13.4),
        ((28,), 0.3, 0),
        ((5, 3), 0.2, 0),
    ],
)
def test_as_many_stay_of_each_answer_as_are_that_share_of_what_is_left(
    counts: tuple[int, ...], share: float, most: float
) -> None:
    assert most_of_each(counts, sum(counts), share) == pytest.approx(most, abs=0.05)


def test_where_half_may_be_above_a_chance_of_a_half_all_stay() -> None:
    assert most_of_each((7, 3), 10, 0.5 + 0.5) == 7


def test_answers_that_are_counted_no_more_are_among_what_is_left() -> None:
    amounts = {"10.00": 400, **{f"{n}.25": 1 for n in range(10_100)}}
    assert left(counted("total", amounts))["10.00"] == 400, "4 % of 10,500"
