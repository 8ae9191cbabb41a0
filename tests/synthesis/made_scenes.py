"""Scenes made by hand, clear enough for every family of questions to find something to ask."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from dcvlr.memo import Memo
from dcvlr.records import (
    Box,
    Caption,
    Detection,
    Detections,
    ImageRecord,
    OcrLine,
    OcrResult,
    PartColour,
    PixelFacts,
    Qa,
    Scene,
)
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.generator.computed import FAMILIES, ComputedQuestions

LIMITS = Limits(
    min_text_score=0.98,
    min_short_text_score=0.995,
    max_expected_slips=0.1,
    min_object_score=0.6,
    row_overlap=0.6,
    rival_overlap=0.25,
    max_count=12,
    min_gap=0.05,
    min_size_ratio=1.5,
    min_letter_ratio=1.4,
    min_lightness_gap=10.0,
    min_colour_share=0.6,
    max_runner_up_share=0.25,
)


def writer(**changes: object) -> ComputedQuestions:
    settings: dict[str, object] = {
        "qa_per_image": 100,
        "families": None,
        "multiple_choice_share": 0.5,
        "caption_choice": True,
        "limits": LIMITS,
        "seed": 0,
        "batch": 64,
    }
    return ComputedQuestions(**{**settings, **changes})  # type: ignore[arg-type]


def asked(of: ComputedQuestions, scenes: Sequence[Scene], memo: Memo) -> list[list[Qa]]:
    """The questions of each scene."""
    return [list(questions.qas) for questions in of(scenes, memo)]


def ask(family: str, of: Scene) -> dict[str, str]:
    """Answers by question."""
    return {draft.question: draft.answer for draft in drafts(family, of)}


def drafts(family: str, of: Scene) -> list[Draft]:
    return list(FAMILIES[family](of, Random(1), LIMITS))


def answers(family: str, of: Scene) -> list[str]:
    return sorted(draft.answer for draft in drafts(family, of))


def line(text: str, x: float, y: float, *, score: float = 0.9999, height: float = 20, width: float = 0) -> OcrLine:
    """`width` 0: ten pixels for each character."""
    right, bottom = x + (width or 10 * len(text)), y + height
    return OcrLine(text=text, score=score, quad=((x, y), (right, y), (right, bottom), (x, bottom)))


def thing(label: str | None, *box: float, score: float = 0.9) -> Detection:
    x0, y0, x1, y1 = box
    return Detection(label=label, score=score, box=(x0, y0, x1, y1))


def facts(width: int, height: int, **parts: tuple[str, float, float, float]) -> PixelFacts:
    """Parts by name: colour, its share, the next one's share, lightness."""
    w, h = float(width), float(height)
    boxes: dict[str, Box] = {
        "whole": (0, 0, w, h),
        "left": (0, 0, w / 2, h),
        "right": (w / 2, 0, w, h),
        "top": (0, 0, w, h / 2),
        "bottom": (0, h / 2, w, h),
        "centre": (w / 4, h / 4, 3 * w / 4, 3 * h / 4),
    }
    made = {
        name: PartColour(box=boxes[name], lab=(light, 0.0, 0.0), colour=colour, share=share, runner_up_share=next_)
        for name, (colour, share, next_, light) in parts.items()
    }
    return PixelFacts(width=width, height=height, parts=made)


def scene(
    *lines: OcrLine,
    things: tuple[Detection, ...] = (),
    pixels: PixelFacts | None = None,
    caption: str | None = None,
    image_id: str = "picture",
) -> Scene:
    width, height = (400, 400) if pixels is None else (pixels.width, pixels.height)
    return Scene(
        image=ImageRecord(id=image_id, path=f"{image_id}.png", dataset="made"),
        bin="A" if lines else "C",
        text=OcrResult(width=width, height=height, lines=lines) if lines else None,
        objects=Detections(width=width, height=height, objects=things, labelled=True) if things else None,
        pixels=pixels,
        caption=None if caption is None else Caption(text=caption),
    )


def receipt(image_id: str = "receipt") -> Scene:
    return scene(
        line("GREEN CORNER", 100, 20, height=45),
        line("12 Market Street", 100, 80),
        line("Open every day", 100, 105),
        line("Cashier: Maria", 40, 150),
        line("Date: 03/05/2021", 40, 190),
        line("Clock 14:25", 40, 230),
        line("Item", 40, 270),
        line("Pieces", 200, 270),
        line("Price", 320, 270),
        line("Apples", 40, 295),
        line("3 kg", 200, 295),
        line("4.50", 320, 295),
        line("Pears", 40, 320),
        line("2 kg", 200, 320),
        line("3.10", 320, 320),
        line("Subtotal", 40, 370),
        line("7.60", 320, 370),
        line("Discount", 40, 410),
        line("0.60", 320, 410),
        line("Paid in cash", 40, 450),
        line("10.00", 310, 450),
        line("Thank you for coming", 60, 520),
        line("See you again soon", 60, 560),
        pixels=facts(400, 600, whole=("white", 0.9, 0.05, 90.0), centre=("white", 0.9, 0.05, 90.0)),
        image_id=image_id,
    )


def sign(image_id: str = "sign") -> Scene:
    """Few, large, clear lines."""
    return scene(
        line("HARBOUR", 40, 40, height=30),
        line("Deep water", 40, 100, height=30),
        line("No swimming", 40, 160, height=30),
        pixels=facts(400, 400),
        image_id=image_id,
    )


def street(image_id: str = "street") -> Scene:
    return scene(
        things=(
            thing("person", 20, 200, 80, 380),
            thing("person", 300, 210, 350, 380),
            thing("bus", 300, 40, 580, 180),
            thing("dog", 130, 320, 190, 380),
            thing("cat", 250, 250, 290, 290),
            thing("hat", 260, 252, 285, 262),
        ),
        pixels=facts(
            600,
            400,
            whole=("blue", 0.5, 0.4, 50.0),
            left=("blue", 0.7, 0.2, 62.0),
            right=("green", 0.4, 0.3, 41.0),
            top=("blue", 0.8, 0.1, 70.5),
            bottom=("red", 0.75, 0.2, 30.0),
            centre=("grey", 0.5, 0.4, 60.0),
        ),
        image_id=image_id,
    )


TOLD = (
    "A bright, mostly blue landscape picture with three dogs and two lines of text, the largest of which reads “OPEN”."
)


def told(image_id: str = "told", caption: str = TOLD) -> Scene:
    return scene(caption=caption, image_id=image_id)


def all_scenes() -> list[Scene]:
    """Every family finds something to ask in one of these."""
    others = [
        told("chess", "Old men play chess under trees"),
        told("snow", "Snow lies on a wooden roof"),
        told("boat", "Fishing boat leaves harbour early"),
    ]
    return [receipt(), sign(), street(), told(), *others]
