"""What a question calls a page - a receipt, an invoice, a bill - is what a line of the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from synthesis.made_documents import invoice
from synthesis.made_scenes import english, receipt, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof
from dcvlr.validation.proofs.value_names import documents_named, role_of

PROOF, MEMO = Proof(wording=english()), Memo(Path("unused"))
WORDS = ("receipt", "invoice", "bill")


def proven(one: Qa) -> bool:
    return PROOF([one], MEMO)[0].passed


def naming(of: Scene, word: str) -> list[Qa]:
    """Questions that call the page so."""
    made = [one for seed in range(3) for some in writer(seed=seed)([of], MEMO) for one in some.qas]
    return [one for one in made if re.search(rf"\b(?:the|this) {word}\b", one.question)]


@pytest.mark.parametrize(
    ("of", "word", "line"),
    [
        (receipt(), "receipt", "Cash"),
        (invoice(), "invoice", "INVOICE"),
        (invoice(title="FERNHILL BUILDERS"), "bill", "Net"),
    ],
    ids=WORDS,
)
def test_a_page_is_called_what_a_line_of_it_says(of: Scene, word: str, line: str) -> None:
    found = naming(of, word)
    assert found
    for one in found:
        assert proven(one)
        cited = re.search(r"document\((T\d+)\)", str(one.program))
        assert cited is not None
        assert [each.text for each in one.evidence if each.ref == cited[1]] == [line]
        for other in WORDS:
            if other != word:
                assert not proven(replace(one, question=re.sub(rf"\b{word}\b", other, one.question)))
        nothing = tuple(replace(each, text="Thank you") if each.ref == cited[1] else each for each in one.evidence)
        assert not proven(replace(one, evidence=nothing))


def test_a_question_that_does_not_say_what_the_page_is_does_not_cite_it() -> None:
    made = [one for some in writer()([invoice()], MEMO) for one in some.qas]
    for one in made:
        says = re.search(r"\binvoice\b", one.question) is not None
        assert ("document(" in str(one.program)) == says
        assert any(each.text == "INVOICE" for each in one.evidence) == says


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("TAX INVOICE", ("invoice",)),
        ("Official Receipt No. 12", ("receipt",)),
        ("MASTERCARD", ("receipt",)),
        ("Change due", ("receipt",)),
        ("VAT 20%", ("bill",)),
        ("Sub total", ("bill",)),
        ("Thank you", ()),
        ("", ("receipt",)),
    ],
)
def test_what_a_line_says_of_its_page(line: str, expected: tuple[str, ...]) -> None:
    assert documents_named(line, english().words) == expected


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Sub Total", "subtotal"),
        ("Total (excl. tax)", "excluded"),
        ("Total incl. GST", "total"),
        ("GST 6%", "tax"),
        ("Rounding adj.", "rounding"),
        ("Balance due", "total"),
        ("Nett", "net"),
        ("Cash tendered", "cash"),
        ("Paid by card", "card"),
        ("Opening hours", None),
    ],
)
def test_which_sum_a_label_names(label: str, role: str | None) -> None:
    assert role_of(label, english().words) == role
