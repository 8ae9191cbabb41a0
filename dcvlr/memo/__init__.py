"""Signals and replies by the identity of what made them: nothing is computed or paid for twice."""

from dcvlr.memo.memo import Memo

__all__ = ["Memo"]
