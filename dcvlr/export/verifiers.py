"""How the answer to a question can be checked by a program."""

from __future__ import annotations

from typing import Literal

from dcvlr.records import Qa
from dcvlr.text.answers import asks_for_estimate
from dcvlr.text.answers.estimates import is_estimate
from dcvlr.text.answers.maths import is_formula
from dcvlr.text.answers.quantities import quantity

Verifier = Literal["choice", "estimate", "number", "formula", "text"]


def verifier_of(qa: Qa) -> Verifier:
    """A letter (`choice`), a number within a tolerance (`estimate`) or an exact one (`number`), `formula`, `text`."""
    if qa.options is not None:
        return "choice"
    if is_estimate(qa.answer) or asks_for_estimate(qa.question):
        return "estimate"
    if quantity(qa.answer) is not None:
        return "number"
    return "formula" if is_formula(qa.answer) else "text"
