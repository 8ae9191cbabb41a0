"""Scenes that nothing was read or detected for: drawn pages with their texts as drawn, things with their true boxes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from drawn_documents import undistorted
from objects import HEIGHT, WIDTH, drawn

from dcvlr.records import Detection, Detections, ImageRecord, OcrLine, OcrResult, Scene
from dcvlr.sampling import seeded
from dcvlr.source.samples.charts import draw_chart
from dcvlr.source.samples.paper_forms import draw_form
from dcvlr.source.samples.receipts import draw_receipt
from dcvlr.source.samples.sheet import Sheet
from dcvlr.source.samples.tables import draw_table
from dcvlr.text.question_words import WordingFile

SORTS = (draw_receipt, draw_table, draw_chart, draw_form)
SURE = 0.9999
COUNTS = (1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8)  # of one label in a view, each as likely


def pages(count: int) -> Iterator[Scene]:
    """Of each sort in turn, of other content than the sample pictures."""
    for n in range(count):
        draw = SORTS[n % len(SORTS)]
        yield page(f"{draw.__name__} {n}", draw(seeded(n, draw.__name__), n // len(SORTS)))


def documents(count: int) -> Iterator[Scene]:
    """Of each kind of bench/drawn_documents.py in turn, of other content than its pictures."""
    return (page(name, document.sheet) for name, document in undistorted(count))


def page(name: str, sheet: Sheet) -> Scene:
    found = sorted(zip(sheet.boxes, sheet.texts, strict=True), key=lambda one: (one[0][1], one[0][0]))
    lines = tuple(OcrLine(text, SURE, ((x0, y0), (x1, y0), (x1, y1), (x0, y1))) for (x0, y0, x1, y1), text in found)
    image = ImageRecord(id=name, path=f"{name}.png", dataset="drawn")
    return Scene(image=image, bin="A", text=OcrResult(*sheet.image.size, lines))


def views(count: int) -> Iterator[Scene]:
    """Of things that were all found once, surely and where they are."""
    groups = WordingFile(file="en").words.groups
    labels = sorted({one for members, _ in groups.values() for one in members} | {"person", "clock", "umbrella"})
    for n in range(count):
        placed, scene, _ = drawn(Random(f"views/{n}"), labels, COUNTS)
        found = tuple(Detection(one.label, 0.9, one.box) for one in placed)
        yield Scene(image=scene.image, bin="C", objects=Detections(WIDTH, HEIGHT, found, labelled=True))
