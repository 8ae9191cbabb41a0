"""The proof accepts what follows from the evidence and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from contracts.checks import CheckContract, qa, text
from msgspec.structs import replace
from synthesis.made_documents import all_scenes
from synthesis.made_scenes import english, pairs, writer

from dcvlr.memo import Memo
from dcvlr.protocols import Check
from dcvlr.records import Evidence, Qa
from dcvlr.validation.checks.proof import Proof
from dcvlr.validation.proofs.shapes import SHAPES

PROOF, MEMO = Proof(wording=english()), Memo(Path("unused"))


def sum_of_two(**changes: object) -> Qa:
    """Two lines in each row; see `contracts.checks.text`."""
    fields: dict[str, object] = {
        "question": "What is the total price of Milk and Bread?",
        "generator": "computed/sum_pair",
        "program": "a = column(entry(T1, money(T2)), entry(T3, money(T4))); sum(pick(a, T1, T3))",
        "operations": ("pick", "sum"),
        "difficulty": 2,
    }
    return qa(**{**fields, **changes})


class TestProof(CheckContract):
    @pytest.fixture
    def check(self) -> Check:
        return PROOF

    @pytest.fixture
    def good(self) -> Qa:
        return sum_of_two()

    @pytest.fixture
    def mixed(self) -> list[Qa]:
        return [sum_of_two(), sum_of_two(answer="4.15"), sum_of_two(evidence=()), sum_of_two(program=None)]

    def test_pictures_do_not_matter_to_each_other(self, check: Check, memo: Memo, mixed: list[Qa]) -> None:
        assert list(check(mixed, memo)) == [finding for one in mixed for finding in check([one], memo)]


@cache
def written(seed: int = 0) -> tuple[Qa, ...]:
    alone = writer(multiple_choice_share=1.0, seed=seed)(all_scenes(), MEMO)
    together = writer(multiple_choice_share=1.0, seed=seed, pictures_per_question=2)(pairs(), MEMO)
    return tuple(one for questions in (*alone, *together) for one in questions.qas)


@cache
def of_each_kind() -> list[Qa]:
    return list({one.generator: one for one in written()}.values())


def proven(one: Qa) -> bool:
    return PROOF([one], MEMO)[0].passed


def reason(one: Qa) -> str:
    return PROOF([one], MEMO)[0].reason


def wrongly_proven(changed: Callable[[Qa], Iterator[Qa]]) -> list[tuple[str, Qa]]:
    """Of a question of each kind, what is proven although it was changed."""
    return [(one.generator, other) for one in of_each_kind() for other in changed(one) if proven(other)]


def test_a_question_of_each_kind_is_proven_and_with_another_answer_it_is_not() -> None:
    def answered_otherwise(one: Qa) -> Iterator[Qa]:
        others = [option for option in one.options or () if option != one.answer]
        for other in (*others, "17.61", f"{one.answer}x", "", "yes" if one.answer == "no" else "no"):
            yield replace(one, answer=other)

    assert [one for one in of_each_kind() if not proven(one)] == []
    assert wrongly_proven(answered_otherwise) == []


def test_other_or_missing_evidence_proves_nothing() -> None:
    more = Evidence(kind="text", ref="T99", box=(0.0, 0.0, 9.0, 9.0), text="1.00")  # a line that nothing looks at

    def seen_otherwise(one: Qa) -> Iterator[Qa]:
        evidence = one.evidence
        for other in ((), (*evidence, evidence[0]), evidence[1:], (*evidence, more)):
            yield replace(one, evidence=other)

    assert wrongly_proven(seen_otherwise) == []


def test_a_question_about_something_else_is_not_proven() -> None:
    def asked_otherwise(one: Qa) -> Iterator[Qa]:
        yield replace(one, question="What is this picture about, in a few words?")
        for named in re.findall(r"\d+\.\d\d|\b[A-Z][a-z]+ (?:bread|cake|oil|Ellery)\b", one.question):
            yield replace(one, question=one.question.replace(named, "Sugar"))

    assert wrongly_proven(asked_otherwise) == []


def operations_exchanged(program: str) -> Iterator[str]:
    pairs = (("argmax", "argmin"), ("above", "below"), ("max", "min"), ("top", "bottom"), ("ascending", "descending"))
    places = (("left_of", "right_of"), ("higher_than", "lower_than"), ("both", "either"), ("excluding", "both"))
    for a, b in (*pairs, *places):
        for old, new in ((a, b), (b, a)):
            if re.search(rf"\b{old}\(", program):
                yield re.sub(rf"\b{old}\(", f"{new}(", program)
    if "difference(" in program:
        yield program.replace("difference(", "plus(")


def test_another_operation_is_not_proven() -> None:
    def computed_otherwise(one: Qa) -> Iterator[Qa]:
        return (replace(one, program=program) for program in operations_exchanged(one.program or ""))

    assert [one for one in of_each_kind() if one.program is None] == []
    assert wrongly_proven(computed_otherwise) == []


def test_a_value_from_another_row_is_not_proven() -> None:
    def with_rows_exchanged(one: Qa) -> Iterator[Qa]:
        """Each text in the place of the next one of its kind: values change their rows."""
        program = one.program or ""
        entries = re.findall(r"entry\(((?:p\d_)?T\d+), \w+\(((?:p\d_)?T\d+)\)\)", program)
        values = [value for label, value in entries if value != label]
        if len(values) >= 2:
            exchanged = {values[0]: values[1], values[1]: values[0]}
            other = re.sub(r"\(((?:p\d_)?T\d+)\)\)", lambda found: f"({exchanged.get(found[1], found[1])}))", program)
            yield replace(one, program=other)

    assert wrongly_proven(with_rows_exchanged) == []


def test_every_kind_that_is_written_has_a_shape_and_a_phrasing_and_the_other_way_round() -> None:
    assert set(SHAPES) == set(english().words.questions)
    used = {one.generator.partition("/")[2] for one in written()}
    assert used <= set(SHAPES)
    assert len(used) > 130


def test_a_number_in_the_phrasing_itself_is_read_as_one_too() -> None:
    one = next(one for one in written() if one.generator == "computed/first" and "2.85" in one.reasoning)
    program = re.sub(r"first\(a, \d\)", "first(a, 1)", str(one.program))
    of_one = replace(one, program=program, answer="2.85", options=None)
    assert proven(replace(of_one, question="What do the first 1 items on the receipt come to?"))
    assert not proven(replace(of_one, question="What do the second 1 items on the receipt come to?"))


def test_an_entry_that_stands_elsewhere_in_its_list_is_not_proven() -> None:
    one = next(one for one in written() if one.generator == "computed/list_next")
    assert proven(one)
    for index, cited in enumerate(one.evidence[1:], start=1):
        assert cited.box is not None
        x0, y0, x1, y1 = cited.box
        up = replace(cited, box=(x0, y0 - 600, x1, y1 - 600))
        assert not proven(replace(one, evidence=(*one.evidence[:index], up, *one.evidence[index + 1 :]))), cited.text


@pytest.mark.slow
def test_a_value_of_the_other_series_is_not_proven() -> None:
    one = of_kind("series_difference")
    assert one.program is not None
    assert proven(one)
    for a, b in (("left(", "right("), ("right(", "left(")):
        assert not proven(replace(one, program=one.program.replace(a, b)))
        assert not proven(replace(one, program=re.sub(r"(left|right)\((T\d+)\)", r"\2", one.program)))


def test_a_question_that_lists_other_things_is_not_proven() -> None:
    lists = [one for one in written() if re.search(r"the \w+, the \w+ and the \w+", one.question)]
    assert lists
    for one in lists:
        for old, new in ((r"the \w+, (the \w+ and the)", r"\1"), (r"(the \w+,) (the \w+ and)", r"\1 the lamp, \2")):
            other = re.sub(old, new, one.question)
            assert other != one.question
            assert reason(replace(one, question=other)) == "the question lists other rows than its program has"


def about_two(kind: str) -> Qa:
    made = (one for seed in range(20) for one in written(seed))
    return next(one for one in made if one.images and one.generator == f"computed/{kind}")


def test_which_picture_is_meant_is_part_of_what_is_asked() -> None:
    for kind in ("items_apart", "items_more", "receipts_more", "changed_count", "changed_which", "changed_to"):
        one = about_two(kind)
        other = re.sub("first|second", lambda found: "first" if found[0] == "second" else "second", one.question)
        assert other != one.question
        assert not proven(replace(one, question=other)), other


def test_evidence_of_another_picture_proves_nothing() -> None:
    one = about_two("receipts_apart")
    assert proven(one)
    for index, cited in enumerate(one.evidence):
        moved = replace(cited, picture=3 - cited.picture)
        assert not proven(replace(one, evidence=(*one.evidence[:index], moved, *one.evidence[index + 1 :])))
    assert one.program is not None
    crossed = one.program.replace("entry(p1, entry(p1_", "entry(p2, entry(p1_")
    assert not proven(replace(one, program=crossed))
    assert not proven(replace(one, images=()))
    assert not proven(replace(one, images=one.images[:1]))


def test_a_picture_is_called_by_its_place() -> None:
    one = about_two("receipts_cheapest")
    words = {"the first receipt": "the second receipt", "the second receipt": "the first receipt"}
    evidence = tuple(replace(each, text=words.get(each.text, each.text)) for each in one.evidence)
    renamed = replace(one, evidence=evidence, answer=words[one.answer])
    assert reason(renamed) == "p1 is not 'the second receipt'"


def test_a_misread_amount_changes_the_sum() -> None:
    changed = sum_of_two(evidence=(text(1, "Milk"), text(2, "1.29"), text(3, "Bread"), text(4, "3.85")))
    assert reason(changed) == "the evidence leads to 5.14, not to '4.14'"


def test_the_same_column_is_read_anew_where_its_evidence_is_another() -> None:
    moved = (*sum_of_two().evidence[:3], replace(text(4, "2.85"), box=(500.0, 90.0, 590.0, 99.0)))
    assert [proven(one) for one in (sum_of_two(), sum_of_two(evidence=moved), sum_of_two())] == [True, False, True]


def test_a_row_is_named_by_a_word_of_its_own() -> None:
    called = ("the Milk", "Milk", '"Milk"', 'the "Milk"', "Milkshake", "Buttermilk", "Milk and Milkshake")
    found = [proven(sum_of_two(question=f"What is the total price of {one} and Bread?")) for one in called]
    assert found == [True] * 4 + [False] * 3


def test_a_value_that_stands_in_another_row_is_named() -> None:
    assert "T4 stands neither beside T1" in reason(
        sum_of_two(program="a = column(entry(T1, money(T4)), entry(T3, money(T2))); sum(pick(a, T1, T3))")
    )


def test_a_program_that_is_none_is_refused_whatever_it_says() -> None:
    begun = "a = column(entry(T1, money(T2))"
    none = ["", "sum(", "import os", "__import__('os').system('ls')", "a = 1; a", "sum(T1)", "open(T1)", "T1.text"]
    none += [f"{begun},; entry(T3, money(T4))); sum(pick(a, T1, T3))", f"{begun}); more(at(a, T1), 1e999)"]
    none += [f"{begun}); top(a, T1)", "weekday(plus_days(money(T2), 99999999))"]
    assert [program for program in none if proven(sum_of_two(program=program))] == []


def test_each_picture_has_its_tilt_or_none_has() -> None:
    one = about_two("receipts_apart")
    assert one.program is not None
    assert proven(replace(one, program=f"tilt(0, 0); {one.program}"))
    assert reason(replace(one, program=f"tilt(0); {one.program}")) == "the program does not give each picture a tilt"
    assert reason(replace(one, program=f"tilt(0, T1); {one.program}")) == "T1 is no tilt"


def of_kind(kind: str) -> Qa:
    """Of the first seed that has one."""
    return next(one for seed in range(20) for one in written(seed) if one.generator == f"computed/{kind}")


@pytest.mark.slow
def test_objects_that_have_changed_places_prove_nothing() -> None:
    for kind in ("side_left_names", "side_higher_count", "near_order", "frame_overlapping_names", "between_count"):
        one = of_kind(kind)
        boxes = [each.box for each in one.evidence]
        turned = tuple(replace(each, box=box) for each, box in zip(one.evidence, reversed(boxes), strict=True))
        assert proven(one)
        assert not proven(replace(one, evidence=turned)), kind


def test_a_group_is_what_the_words_say_it_is() -> None:
    one = of_kind("group_count")
    assert "animals" in one.question
    assert one.program is not None
    program, question = (text.replace("animals", "vehicles") for text in (one.program, one.question))
    assert reason(replace(one, program=program, question=question)).startswith("the evidence leads to ")
    assert not proven(replace(one, question=one.question.replace("animals", "vehicles")))
    assert not proven(replace(one, program=one.program.replace("animals", "plants")))
    fewer = tuple(replace(each, text="vase") if each.text == "dog" else each for each in one.evidence)
    assert not proven(replace(one, evidence=fewer))


def test_answers_that_nobody_computed_are_left_to_other_checks() -> None:
    finding = PROOF([sum_of_two(generator="openai/deepseek", answer="anything")], MEMO)[0]
    assert (finding.passed, finding.value, finding.reason) == (True, None, "not computed")
    assert reason(sum_of_two(generator="computed/unheard_of")) == "'unheard_of' is no kind of question"
