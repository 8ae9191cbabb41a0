"""What a question is known by, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from dcvlr.identity import digest
from dcvlr.records import ImageRecord


def question_id(pictures: Iterable[ImageRecord], question: str, options: Sequence[str] | None, answer: str) -> str:
    """The same for the same words about the same pictures, so that a question that is made again is known again."""
    return digest(msgspec.json.encode([*(picture.id for picture in pictures), question, options, answer]))
