"""Whether two answers agree, and where the answer stands in a reply."""

from dcvlr.text.answers.agreement import agree
from dcvlr.text.answers.final import final_answer

__all__ = ["agree", "final_answer"]
