"""A form with a date of birth and a day on which something happened: how old the person was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_scenes import TEXT, english, line, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Evidence, Qa, Scene
from dcvlr.synthesis.programs.evaluate import OPERATIONS
from dcvlr.synthesis.programs.rounding import AmbiguousError
from dcvlr.synthesis.scene.read import read_document
from dcvlr.synthesis.scene.values import Quantity
from dcvlr.text.question_words import WordingFile
from dcvlr.validation.checks.proof import Proof
from dcvlr.validation.proofs.operations import OPERATIONS as PROVEN

MEMO = Memo(Path("unused"))


def form(*, label: str = "Born", end: str = "Signed 2024-10-19") -> Scene:
    return scene(
        line("Registration", 100, 20, height=40),
        line(label, 40, 120),
        line("1976-12-22", 240, 120),
        line(end, 40, 400),
    )


DATED = ("Ordered 2024-10-15", "Issued 2024-10-19", "Received 2024-11-08")


def asked_of(of: Scene, seed: int) -> Sequence[Qa]:
    (made,) = writer(seed=seed)([of], MEMO)
    return made.qas


def asked(of: Scene, kind: str) -> Iterator[Qa]:
    for seed in range(6):
        yield from (one for one in asked_of(of, seed) if one.generator == f"computed/{kind}")


def test_it_is_asked_how_old_a_person_was_and_not_how_many_days_after_the_birth() -> None:
    ages = list(asked(form(), "age_at"))
    assert {one.answer for one in ages} == {"47"}
    assert all("the date of the signature" in one.question for one in ages)
    assert {one.operations for one in ages} == {("select", "select", "full_years")}
    assert list(asked(form(), "days_between")) == []


def test_only_a_date_of_birth_makes_an_age() -> None:
    assert list(asked(form(label="Posted"), "age_at")) == []
    assert list(asked(form(label="Posted"), "days_between"))
    assert list(asked(form(end="Wanted 2024-10-19"), "age_at")) == []


def test_of_two_births_it_is_not_clear_who_the_person_is() -> None:
    born = line("Date of birth", 40, 200), line("1981-03-14", 240, 200)
    lines = line("Born", 40, 120), line("1976-12-22", 240, 120), line("Signed 2024-10-19", 40, 400)
    assert list(asked(scene(*lines), "age_at"))
    for kind in ("age_at", "age_over", "birthdays"):
        assert list(asked(scene(*lines, *born), kind)) == []


def test_the_proof_knows_whose_day_it_was() -> None:
    proof, one = Proof(wording=english()), next(asked(form(), "age_at"))
    other = tuple(replace(each, text="Posted") if each.text == "Born" else each for each in one.evidence)
    assert proof([one], MEMO)[0].passed
    assert not proof([replace(one, evidence=other)], MEMO)[0].passed
    assert not proof([replace(one, answer="48")], MEMO)[0].passed


def test_whether_a_person_was_over_an_age_and_how_many_birthdays_are_left() -> None:
    over = list(asked(form(), "age_over"))
    assert over
    for one in over:
        (age,) = re.findall(r"full_years\(.*\), (\d+)\)", one.program or "")
        assert 2 <= abs(int(age) - 47) <= 6
        assert one.answer == ("yes" if int(age) < 47 else "no")
        assert one.operations == ("select", "select", "full_years", "more")
    left = list(asked(form(), "birthdays"))
    assert {one.answer for one in left} == {"3"}
    assert all("50" in one.question for one in left)
    assert all(found.passed for found in Proof(wording=english())([*over, *left], MEMO))


def test_of_three_dates_each_is_held_against_the_next() -> None:
    page = scene(line("Order", 100, 20), *(line(text, 40, 120 + 60 * n) for n, text in enumerate(DATED)))
    apart = {
        one.answer for seed in range(6) for one in asked_of(page, seed) if one.generator == "computed/days_between"
    }
    assert apart == {"4", "20"}


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [("1976-12-22", "2024-12-21", 47), ("1976-12-22", "2024-12-22", 48), ("2000-02-29", "2023-02-28", 22)],
)
def test_years_are_full_on_the_birthday(born: str, day: str, years: int) -> None:
    numbers = [date.fromisoformat(text).toordinal() for text in (day, born)]
    later, first = (Quantity("date", Decimal(number)) for number in numbers)
    found = OPERATIONS["full_years"](later, first)
    assert isinstance(found, Quantity)
    assert found.number == years
    assert PROVEN["full_years"](*numbers) == years


def test_another_language_has_its_own_words_before_a_date(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("extends: en\ndated: [[unterschrieben], [am]]\n")
    words = WordingFile(file=str(tmp_path / "own.yaml")).words
    for end, labels in (("Unterschrieben am 2024-10-19", {"Unterschrieben"}), ("Signed 2024-10-19", set[str]())):
        text = form(label="Wer", end=end).text
        assert text is not None
        found = {one.label for one in read_document(text, TEXT, words).fields if one.value.number == 739178}
        assert found - {"date"} == labels


def test_a_child_of_some_months_has_no_years() -> None:
    with pytest.raises(AmbiguousError):
        OPERATIONS["full_years"](Quantity("date", Decimal(739000)), Quantity("date", Decimal(738900)))


@pytest.mark.parametrize("label", ["Born", "Date of birth", "Date of birth:", "Birth date", "DOB"])
def test_a_birth_is_proven_by_whatever_label_says_so(label: str) -> None:
    made = [one for seed in range(6) for one in asked_of(form(label=label), seed)]
    assert {"computed/age_at", "computed/birthdays"} <= {one.generator for one in made}
    assert all(finding.passed for finding in Proof(wording=english())(made, MEMO))
    ages = [one for one in made if one.generator == "computed/age_at"]
    other = [replace(one, evidence=_relabelled(one, label, "Printed on date")) for one in ages]
    assert not any(finding.passed for finding in Proof(wording=english())(other, MEMO))


def _relabelled(one: Qa, old: str, new: str) -> tuple[Evidence, ...]:
    return tuple(replace(each, text=each.text.replace(old, new)) for each in one.evidence)
