"""What a dataset itself asks and answers about its pictures."""

from dcvlr.gold.questions import METADATA, Gold, gold_questions

__all__ = ["METADATA", "Gold", "gold_questions"]
