"""Items that stand over two lines: which name goes with which amount, and what arithmetic has to confirm."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_scenes import TEXT, english, line, rows, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.synthesis.scene.read import read_document
from dcvlr.synthesis.scene.receipts import Bill
from dcvlr.synthesis.scene.values import shown
from dcvlr.validation.checks.proof import Proof

SUMS = (("TOTAL", "", "29.20"), ("Cash", "", "30.00"), ("Change", "", "0.80"))
BELOW = (
    ("Cashier: Ann", "", ""),
    ("Rye bread", "", ""),
    ("8809069300708", "2.85*2", "5.70 Z"),
    ("Lemon cake", "", ""),
    ("8809069300709", "12.75*1", "12.75 S"),
    ("Olive oil", "", ""),
    ("8809069300710", "10.75*1", "10.75 S"),
)
ABOVE = (
    ("Item", "Qty", "Amount"),
    ("2786", "2", "5.70SR"),
    ("Rye bread", "", ""),
    ("1471", "1", "12.75SR"),
    ("Lemon cake", "", ""),
    ("1943", "1", "10.75SR"),
    ("Olive oil", "", ""),
)
PAID = {"Rye bread": "5.70", "Lemon cake": "12.75", "Olive oil": "10.75"}


def slip(*cells: tuple[str, str, str]) -> Scene:
    return scene(line("CORNER SHOP", 100, 20, height=45), *rows(cells, (40, 240, 400), 120))


def bill(of: Scene) -> Bill:
    assert of.text is not None
    found = read_document(of.text, TEXT, english().words).bill
    assert found is not None
    return found


def columns(of: Bill) -> dict[str, dict[str, str]]:
    assert of.items is not None
    return {one.name: {each.label: shown(each.value) for each in one.entries} for one in of.items.columns}


def test_how_many_times_how_much_stands_below_the_name() -> None:
    read = bill(slip(*BELOW, *SUMS))
    assert columns(read) == {
        "qty": {"Rye bread": "2", "Lemon cake": "1", "Olive oil": "1"},
        "unit price": {"Rye bread": "2.85", "Lemon cake": "12.75", "Olive oil": "10.75"},
        "price": PAID,
    }
    assert (read.is_complete, read.has_quantities) == (True, True)


def test_numbers_that_may_be_meant_as_well_leave_no_quantity() -> None:
    """Three were delivered and one sent back."""
    cells = [("Rye bread", "2.85", "3", "1", "2", "5.70")]
    cells += [("Lemon cake", "12.75", "4", "3", "1", "12.75"), ("Olive oil", "10.75", "1", "0", "1", "10.75")]
    sums = [("TOTAL", "", "", "", "", "29.20")]
    assert columns(bill(scene(*rows((*cells, *sums), (40, 200, 280, 330, 380, 440), 120)))) == {"price": PAID}


def test_the_name_stands_below_its_code_and_amount() -> None:
    read = bill(slip(*ABOVE, *SUMS))
    assert columns(read) == {"price": PAID}
    assert (read.is_complete, read.has_quantities) == (True, True)


def test_a_code_between_name_and_amount_is_no_name() -> None:
    assert columns(bill(slip(*BELOW[:2], ("WA29 - 20", "", ""), *BELOW[2:], *SUMS)))["price"] == PAID


@pytest.mark.parametrize("cells", [BELOW, ABOVE])
def test_what_does_not_come_out_is_not_asked_about(cells: tuple[tuple[str, str, str], ...]) -> None:
    wrong = [(a, b, c.replace("12.75", "12.76")) for a, b, c in cells]
    assert bill(slip(*wrong, *SUMS)).items is None


def test_rows_that_are_products_are_kept_where_the_sum_misses_one_but_nothing_is_said_of_all() -> None:
    read = bill(slip(*BELOW[:-2], *SUMS))
    assert columns(read)["price"] == {"Rye bread": "5.70", "Lemon cake": "12.75"}
    assert not read.is_complete
    kinds = {one.generator.partition("/")[2] for one in questions(slip(*BELOW[:-2], *SUMS))}
    assert {"at", "unit_price", "difference"} <= kinds
    assert not {"sum", "argmax", "pieces", "mean", "price_of_most", "share_of_sum"} & kinds


def test_names_on_both_sides_of_the_amounts_are_given_to_none() -> None:
    assert bill(slip(*BELOW, ("Gift wrap", "", ""), *SUMS)).items is None


def test_a_name_that_is_printed_twice_names_nothing() -> None:
    twice = [tuple(text.replace("Olive oil", "Rye bread") for text in one) for one in BELOW]
    assert bill(slip(*twice, *SUMS)).items is None  # type: ignore[arg-type]


def questions(of: Scene) -> list[Qa]:
    return [one for found in writer()([of], Memo(Path("unused"))) for one in found.qas]


def proven(one: Qa) -> bool:
    return Proof(wording=english())([one], Memo(Path("unused")))[0].passed


@pytest.mark.parametrize("cells", [BELOW, ABOVE])
def test_all_that_is_asked_is_proven_and_not_with_the_amounts_of_other_rows(
    cells: tuple[tuple[str, str, str], ...],
) -> None:
    asked = questions(slip(*cells, *SUMS))
    assert len(asked) > 25
    for one in asked:
        assert one.program is not None
        assert proven(one), one.question
        for old, new in (('"below"', '"above"'), ('"above"', '"below"'), (', "below"', ""), (', "above"', "")):
            assert old not in one.program or not proven(replace(one, program=one.program.replace(old, new)))
        values = re.findall(r'\w+\((T\d+)\), "\w+"', one.program)
        if len(set(values)) > 1:
            a, b = list(dict.fromkeys(values))[:2]
            crossed = re.sub(
                rf"\(({a}|{b})\), ", lambda found, a=a, b=b: f"({b if found[1] == a else a}), ", one.program
            )  # type: ignore[misc]
            assert not proven(replace(one, program=crossed)), crossed


def test_what_was_paid_for_several_pieces_is_not_called_their_price() -> None:
    kinds = ("sum", "two_exceed", "sum_without", "without", "share", "range")
    for kind in kinds:
        phrasings = english().words.questions[kind]
        assert not [one for one in phrasings.get("amounts", phrasings["any"]) if re.search(r"price of \{x|prices", one)]


def test_another_number_of_the_line_is_another_value() -> None:
    one = next(one for one in questions(slip(*BELOW, *SUMS)) if one.generator == "computed/pieces")
    assert one.answer == "4"
    assert one.program is not None
    assert not proven(replace(one, program=one.program.replace("pieces(", "each(")))
    assert not proven(replace(one, program=one.program.replace("pieces(", "number(")))


TITLE = ("Fresh food", "", "")


@pytest.mark.parametrize("pitch", [40, 44])
def test_a_title_above_is_not_the_name_of_what_stands_below_it(pitch: float) -> None:
    """Names stand below their amounts, the last one was not read: each amount has a name above that is not its own."""
    unread = [*ABOVE[1:-1], ("", "", ""), *SUMS]
    shifted = scene(line("CORNER SHOP", 100, 20, height=45), *rows([TITLE, *unread], (40, 240, 400), 120, pitch=pitch))
    assert bill(shifted).items is None
    assert columns(bill(slip(TITLE, *BELOW[1:], *SUMS)))["price"] == PAID


def test_a_last_name_that_was_read_as_none_is_missing_too() -> None:
    misread = [TITLE, *ABOVE[1:-1], ("0l1v 01", "", ""), *SUMS]
    assert bill(slip(*misread)).items is None


def test_a_remark_below_is_not_the_name_of_what_stands_above_it() -> None:
    """Names stand above their amounts, the first one was not read."""
    remark = [("", "", ""), *BELOW[2:], ("Served by Ann", "", ""), *SUMS]
    assert bill(slip(("Your order:", "", ""), *remark)).items is None


def test_a_name_and_the_amount_before_it_that_were_not_read_leave_no_items() -> None:
    gap = [*BELOW[1:4], ("", "", ""), ("", "", ""), BELOW[6], *SUMS]
    assert bill(slip(*gap)).items is None


def test_names_may_begin_as_sums_do() -> None:
    names = ("Totally nuts", "Cashew butter", "Itemised planner")
    cells = [(name, "", amount) for name, amount in zip(names, PAID.values(), strict=True)]
    assert columns(bill(slip(*cells, *SUMS)))["price"] == dict(zip(names, PAID.values(), strict=True))
