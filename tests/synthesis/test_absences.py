"""Questions whose answer is not in the picture: few, where every line was read, and proven from all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_documents import all_scenes
from synthesis.made_scenes import TEXT, asked, english, league, line, receipt, rows, scene, writer

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.synthesis.programs.expressions import Sought
from dcvlr.synthesis.programs.forms.absences import about_absences
from dcvlr.synthesis.scene.read import read_document
from dcvlr.text.answers.agreement import agree
from dcvlr.validation.checks.proof import Proof

MEMO = Memo(Path("unused"))
PROOF = Proof(wording=english())


def absences(made: Scene, **changes: object) -> list[Qa]:
    (qas,) = asked(writer(unanswerable=0.1, **changes), [made], MEMO)
    return [qa for qa in qas if "/absent_" in qa.generator]


def bill(*more: tuple[str, str], score: float = 0.9999) -> Scene:
    """Two items and a total, with more lines below."""
    cells = (("Rye bread", "2.85"), ("Apples", "4.50"), ("Total", "7.35"), ("Cash", "10.00"), ("Change", "2.65"), *more)
    lines = rows(cells, (40, 320), 100)
    return scene(*lines[:-1], replace(lines[-1], score=score))


def offered(made: Scene) -> set[str]:
    """What could be asked for."""
    assert made.text is not None
    forms = about_absences(read_document(made.text, TEXT, english().words), made.text, english().words)
    return {one.names["g"].name for one in forms if isinstance(one.names["g"], Sought)}


def reason(one: Qa) -> str:
    return PROOF([one], MEMO)[0].reason


def about_tip() -> Qa:
    found = (qa for seed in range(20) for qa in absences(receipt(), seed=seed))
    return next(qa for qa in found if "the tip" in qa.question)


@pytest.mark.slow
def test_they_rest_on_every_line_and_are_proven() -> None:
    for made in all_scenes():
        for qa in absences(made, qa_per_image=20):
            assert made.text is not None
            assert [one.ref for one in qa.evidence] == [f"T{n}" for n in range(1, len(made.text.lines) + 1)]
            assert (qa.answer, qa.options, qa.operations) == ("not stated in the picture", None, ("absent",))
            assert reason(qa) == ""
    assert absences(receipt())
    assert absences(league())


def test_nothing_is_asked_that_a_line_may_say_however_it_was_misread() -> None:
    assert offered(bill()) >= {"the tip", "the discount", "the delivery fee", "the bottle deposit"}
    assert "the tip" not in offered(bill(("Tips", "1.00")))
    assert "the discount" not in offered(bill(("Promotlon", "1.00")))
    assert "the delivery fee" not in offered(bill(("Homedelivery", "1.00")))
    assert offered(league()).isdisjoint({"Ashby", "Eastwick", "the tip"})


def test_nothing_is_asked_of_a_page_with_a_line_that_was_not_read_surely() -> None:
    assert offered(bill(("Soap", "1.00")))
    assert not offered(bill(("Soap", "1.00"), score=0.8))
    unread = receipt()
    assert unread.text is not None
    assert not offered(replace(unread, text=replace(unread.text, unread=1)))


def test_a_line_that_says_it_or_is_left_out_proves_nothing() -> None:
    one = about_tip()
    assert reason(one) == ""
    for text in ("TIP 2.00", "Gratuity", "Gratuitv 2.00", "Subtotal and tip"):
        changed = replace(one.evidence[3], text=text)
        assert "may say" in reason(replace(one, evidence=(*one.evidence[:3], changed, *one.evidence[4:])))
    fewer = str(one.program).replace("T4, ", "")
    without = tuple(each for each in one.evidence if each.ref != "T4")
    assert reason(replace(one, program=fewer, evidence=without)) == "not every line of the page is looked over"
    assert reason(replace(one, program=fewer.replace("T22", "T4"))) == "the program does not look at T22"


def test_another_answer_or_another_thing_is_not_proven() -> None:
    one = about_tip()
    assert reason(replace(one, answer="5.90")) == "the evidence leads to 'not stated in the picture', not to '5.90'"
    assert "is not one of the kind" in reason(replace(one, question=one.question.replace("the tip", "the total")))
    assert reason(replace(one, program=str(one.program).replace("tip", "bonus"))) == "'the bonus' is no money"
    other = str(one.program).replace("the tip", "the discount")
    assert "is not one of the kind" in reason(replace(one, program=other))


@pytest.mark.slow
def test_a_data_set_has_their_share_and_never_more() -> None:
    made = [one(f"{n}") for n in range(150) for one in (receipt, league)]
    qas = [qa for some in asked(writer(qa_per_image=6, unanswerable=0.1), made, MEMO) for qa in some]
    share = sum("/absent_" in qa.generator for qa in qas) / len(qas)
    assert 0.07 < share <= 0.12
    assert all(len(some) <= 6 for some in asked(writer(qa_per_image=6, unanswerable=0.1), made[:20], MEMO))


def test_all_other_questions_stay_as_they_are() -> None:
    alone = asked(writer(qa_per_image=6), all_scenes(), MEMO)
    mixed = asked(writer(qa_per_image=6, unanswerable=0.1), all_scenes(), MEMO)
    for before, after in zip(alone, mixed, strict=True):
        others = [qa for qa in after if "/absent_" not in qa.generator]
        assert others == before[: len(others)]
        assert len(after) == len(before)


def test_more_than_a_tenth_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"unanswerable=0.2: a number from 0 to 0.1"):
        writer(unanswerable=0.2)


def test_a_solver_agrees_that_says_so_and_no_other() -> None:
    wanted = "not stated in the picture"
    assert agree("Not stated in the picture.", wanted, None, tolerance=0.0)
    for given in ("5.90", "0", "stated in the picture", "yes"):
        assert not agree(given, wanted, None, tolerance=0.0)


def test_a_page_without_lines_has_nothing_to_look_over() -> None:
    assert absences(scene(line("blurred", 10, 10, score=0.4))) == []
