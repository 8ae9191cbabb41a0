"""What is read off the text of a made scene."""

from __future__ import annotations

from synthesis.made_scenes import TEXT, english

from dcvlr.records import OcrLine, Scene
from dcvlr.synthesis.scene.read import Document, read_document


def document(of: Scene) -> Document:
    assert of.text is not None
    return read_document(of.text, TEXT, english().words)


def lines_of(of: Scene) -> tuple[OcrLine, ...]:
    assert of.text is not None
    return of.text.lines
