"""What a question is known by, whoever wrote it, and what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from dcvlr.identity import digest
from dcvlr.records import ImageRecord, Scene

CreatedFrom = Literal["full features", "caption only", "image"]


def created_from(scene: Scene, *, reads_pixels: bool) -> CreatedFrom:
    """`reads_pixels`: whether the writer makes use of pixel facts, which every picture has.

    Only what something was found in counts, not which models were asked. A scene in which no model found anything
    leaves a writer the picture alone, so that no check asks it for evidence.
    """
    if _was_read(scene) or (reads_pixels and scene.pixels is not None):
        return "full features"
    return "image" if scene.caption is None else "caption only"


def has_data(scene: Scene) -> bool:
    """Whether there is anything to tell a writer that sees no pictures."""
    return _was_read(scene) or scene.caption is not None


def _was_read(scene: Scene) -> bool:
    return bool((scene.text and scene.text.lines) or (scene.objects and scene.objects.objects))


def question_id(pictures: Iterable[ImageRecord], question: str, options: Sequence[str] | None, answer: str) -> str:
    """The same for the same words about the same pictures, so that a question that is made again is known again."""
    return digest(msgspec.json.encode([*(picture.id for picture in pictures), question, options, answer]))
