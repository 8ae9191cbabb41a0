"""Whether two answers agree, and where the answer stands in a reply."""

from dcvlr.text.answers.agreement import agree, require_answers
from dcvlr.text.answers.estimates import asks_for_estimate
from dcvlr.text.answers.final import final_answer

__all__ = ["agree", "asks_for_estimate", "final_answer", "require_answers"]
