"""A page is called what it is: an invoice is no receipt, and says until when it has to be paid."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace
from synthesis.made_documents import invoice
from synthesis.made_scenes import english, receipt, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.synthesis.programs.forms.days import about_days
from dcvlr.synthesis.scene.fields import WITHIN_DAYS, Field
from dcvlr.synthesis.scene.values import Quantity
from dcvlr.validation.checks.proof import Proof


def questions(*scenes: Scene) -> list[Qa]:
    made = (writer(seed=seed, qa_per_image=40)(scenes, Memo(Path("unused"))) for seed in range(4))
    return [qa for asked in made for of in asked for qa in of.qas]


@pytest.mark.slow
def test_an_invoice_is_called_so_and_a_receipt_as_it_was() -> None:
    asked = " ".join(qa.question for qa in questions(invoice()))
    assert re.search("on (?:the|this) invoice", asked)
    assert "the date of the invoice" in asked
    assert "receipt" not in asked
    assert "invoice" not in " ".join(qa.question for qa in questions(receipt()))


@pytest.mark.slow
def test_a_page_that_says_neither_how_it_was_paid_nor_that_it_is_an_invoice_is_a_bill() -> None:
    asked = " ".join(qa.question for qa in questions(invoice(title="Fernhill Builders")))
    assert "the date of the bill" in asked
    assert not re.search("invoice|receipt", asked)


@pytest.mark.slow
def test_a_page_that_calls_itself_a_receipt_is_one_though_it_does_not_say_how_it_was_paid() -> None:
    receipts = questions(invoice(title="RECEIPT"))
    assert "the date of the receipt" in " ".join(qa.question for qa in receipts)
    assert not [qa for qa in receipts if "/pay_until" in qa.generator]
    asked = " ".join(qa.question for qa in questions(invoice(title="Fernhill", terms="Due within 14 days of receipt")))
    assert "the date of the bill" in asked


@pytest.mark.slow
def test_the_last_day_to_pay_is_so_many_days_after_the_date_and_is_proven() -> None:
    asked = [qa for qa in questions(invoice()) if "/pay_until" in qa.generator]
    answers = {qa.generator.partition("/")[2]: qa.answer for qa in asked}
    assert answers == {"pay_until": "2024-11-01", "pay_until_weekday": "Friday"}
    assert [one.reason for one in Proof(wording=english())(asked, Memo(Path("unused"))) if not one.passed] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "terms",
    [
        "Returns within 14 days",
        "Thank you",
        "Payment due within 14 days or 30 days",
        "Payment due within 14 days of delivery",
        "Payable within 30 days of the end of the month",
        "Discount if paid within 14 days",
        "Deposit due within 14 days",
    ],
)
def test_without_terms_of_payment_nobody_is_asked_until_when(terms: str) -> None:
    assert not [qa for qa in questions(invoice(terms=terms)) if "/pay_until" in qa.generator]


def test_where_the_last_day_is_printed_nobody_is_asked_to_work_it_out() -> None:
    when = Quantity("date", Decimal(date(2024, 10, 18).toordinal()), "%Y-%m-%d")
    dated = Field("Date", "T1", when, "T2", 0.0, True)
    terms = Field(WITHIN_DAYS, "T3", Quantity("number", Decimal(14), "0|"), "T3", 0.0, True)
    printed = Field("Due date", "T4", replace(when, number=when.number + 20), "T5", 0.0, True)
    assert "pay_until" in {
        form.kind for form in about_days([dated, terms], english().words, Random(0), "invoice", of_parcel=False)
    }
    assert "pay_until" not in {
        form.kind
        for form in about_days([dated, terms, printed], english().words, Random(0), "invoice", of_parcel=False)
    }


@pytest.mark.slow
def test_a_day_after_the_last_one_to_pay_is_late_and_one_before_is_not() -> None:
    asked = [qa for qa in questions(invoice(terms="Due within 30 days")) if "/paid_late" in qa.generator]
    days = {re.findall(r"\d{4}-\d\d-\d\d", qa.question)[0] > "2024-11-17": qa.answer for qa in asked}
    assert days == {True: "yes", False: "no"}
    assert [one.reason for one in Proof(wording=english())(asked, Memo(Path("unused"))) if not one.passed] == []
    last_steps = [(qa.reasoning or "").splitlines()[-1] for qa in asked]
    assert all(re.search(r" is (not )?later than \d{4}-\d\d-\d\d, so ", step) for step in last_steps)
