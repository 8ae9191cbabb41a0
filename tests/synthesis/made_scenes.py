"""Scenes made by hand, and the writer with the settings that it is shipped with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from dcvlr.memo import Memo
from dcvlr.records import (
    Box,
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
from dcvlr.synthesis.generator.computed import ComputedQuestions
from dcvlr.synthesis.pixels.colours import PARTS
from dcvlr.synthesis.programs.draw import Shares
from dcvlr.synthesis.scene.lines import TextLimits
from dcvlr.synthesis.scene.sight import SightLimits
from dcvlr.text.question_words import WordingFile

TEXT = TextLimits(min_score=0.98, min_short_score=0.995, min_legible_score=0.9, max_expected_slips=0.1)
EYES = {
    "min_gap": 0.05,
    "min_size_ratio": 1.5,
    "min_colour_share": 0.2,
    "min_colour_gap": 0.15,
    "min_lightness_gap": 13.0,
}
SIGHT = SightLimits(min_object_score=0.6, max_count=12, **EYES)
SHARES = Shares(operations=[0.12, 0.28, 0.32, 0.2, 0.08], yes_no=0.15)


@cache
def english() -> WordingFile:
    return WordingFile(file="en")


def writer(**changes: object) -> ComputedQuestions:
    """Asks everything unless `changes` say otherwise."""
    limits = {"shares": SHARES, "text": TEXT, "sight": SIGHT, "wording": english()}
    counts = {"qa_per_image": 100, "qa_per_photograph": 100, "qa_per_group": 100, "pictures_per_question": 1}
    others = {"unanswerable": 0.0, "multiple_choice_share": 0.5, "seed": 0, "batch": 64}
    return ComputedQuestions(**{**limits, **counts, **others, **changes})  # type: ignore[arg-type]


def asked(of: ComputedQuestions, scenes: Sequence[Scene], memo: Memo) -> list[list[Qa]]:
    """The questions of each scene."""
    return [list(questions.qas) for questions in of(scenes, memo)]


def line(text: str, x: float, y: float, *, score: float = 0.9999, height: float = 20, width: float = 0) -> OcrLine:
    """`width` 0: ten pixels for each character."""
    right, bottom = x + (width or 10 * len(text)), y + height
    return OcrLine(text=text, score=score, quad=((x, y), (right, y), (right, bottom), (x, bottom)))


def detection(label: str | None, *box: float, score: float = 0.9) -> Detection:
    x0, y0, x1, y1 = box
    return Detection(label=label, score=score, box=(x0, y0, x1, y1))


def facts(width: int, height: int, **parts: tuple[float, dict[str, float]]) -> PixelFacts:
    """Parts by name, with _ for a space: mean lightness, and shares of colours."""
    made = {}
    for name, (lightness, shares) in parts.items():
        x0, y0, x1, y1 = PARTS[name.replace("_", " ")]
        box: Box = (x0 * width, y0 * height, x1 * width, y1 * height)
        first, second = (*sorted(shares.values(), reverse=True), 0.0, 0.0)[:2]
        colour = max(shares, key=lambda one: shares[one], default="unnamed")
        made[name.replace("_", " ")] = PartColour(
            box=box, lab=(lightness, 0.0, 0.0), colour=colour, share=first, runner_up_share=second, shares=shares
        )
    return PixelFacts(width=width, height=height, parts=made)


def scene(
    *lines: OcrLine,
    detections: tuple[Detection, ...] = (),
    pixels: PixelFacts | None = None,
    image_id: str = "picture",
) -> Scene:
    width, height = (600, 900) if pixels is None else (pixels.width, pixels.height)
    return Scene(
        image=ImageRecord(id=image_id, path=f"{image_id}.png", dataset="made"),
        bin="A" if lines else "C",
        text=OcrResult(width=width, height=height, lines=lines) if lines else None,
        objects=Detections(width=width, height=height, objects=detections, labelled=True) if detections else None,
        pixels=pixels,
    )


def rows(cells: Sequence[Sequence[str]], x: Sequence[float], y: float, *, pitch: float = 40) -> list[OcrLine]:
    """A grid of lines: empty cells are left out."""
    return [
        line(text, x[column], y + pitch * row)
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
        if text
    ]


def receipt(image_id: str = "receipt") -> Scene:
    """Items that add up to the subtotal, which with the tax is the total."""
    return scene(
        line("GREEN CORNER", 100, 20, height=45),
        line("12 Market Street", 100, 80),
        line("14/05/2021 14:25", 40, 130),
        *rows(
            (
                ("Rye bread", "2.85"),
                ("Apples", "4.50"),
                ("Lemon cake", "12.75"),
                ("Olive oil", "10.90"),
                ("Subtotal", "31.00"),
                ("Tax 10%", "3.10"),
                ("TOTAL", "34.10"),
                ("Cash", "40.00"),
                ("Change", "5.90"),
            ),
            (40, 320),
            200,
        ),
        line("Thank you for coming", 60, 640),
        image_id=image_id,
    )


def league(image_id: str = "league") -> Scene:
    return scene(
        line("Valley League", 40, 20, height=40),
        *rows(
            (
                ("Team", "Played", "Won", "Lost", "Points"),
                ("Ashby", "20", "10", "5", "35"),
                ("Brookfield", "14", "8", "2", "28"),
                ("Eastwick", "10", "7", "1", "23"),
                ("Granton", "13", "5", "6", "17"),
                ("Port Ellery", "11", "2", "8", "6"),
            ),
            (40, 200, 300, 400, 500),
            100,
        ),
        image_id=image_id,
    )


def timetable(image_id: str = "timetable") -> Scene:
    return scene(
        *rows(
            (
                ("To", "Leaves", "Platform", "Journey", "Fare"),
                ("Ashby", "06:48", "3", "99 min", "26.50"),
                ("Eastwick", "07:25", "1", "174 min", "39.00"),
                ("Granton", "08:13", "2", "66 min", "23.50"),
                ("Fernhill", "09:12", "5", "84 min", "25.00"),
            ),
            (40, 160, 260, 380, 500),
            100,
        ),
        image_id=image_id,
    )


def sales(image_id: str = "sales") -> Scene:
    return scene(
        *rows(
            (
                ("Region", "Q1", "Q2", "Year"),
                ("West", "16", "25", "41"),
                ("South", "27", "19", "46"),
                ("East", "75", "80", "155"),
                ("Total", "118", "124", "242"),
            ),
            (40, 200, 300, 400),
            100,
        ),
        image_id=image_id,
    )


def chart(image_id: str = "chart") -> Scene:
    """Bars with their values, ticks at the left, months below."""
    ticks = [line(text, 30, y, width=60) for text, y in (("800", 100), ("600", 200), ("400", 300), ("200", 400))]
    values = [line(text, x, y, width=40) for text, x, y in (("162", 120, 420), ("563", 220, 215), ("788", 320, 110))]
    months = [line(text, x, 520, width=40) for text, x in (("Jan", 120), ("Feb", 220), ("Mar", 320))]
    title = line("Visitors per month (visitors)", 100, 20, height=30)
    return scene(title, *ticks, *values, *months, image_id=image_id)


def two_series(image_id: str = "two series") -> Scene:
    """Two bars above each category, and a legend at the right."""
    ticks = [line(text, 30, y, width=60) for text, y in (("80", 140), ("60", 240), ("40", 340), ("20", 440))]
    legend = (line("Class A", 380, 90), line("Class B", 500, 90))
    names = [line(text, x, 540, width=60) for text, x in (("Apple", 120), ("Mango", 240), ("Pear", 360), ("Plum", 480))]
    shown = ((18, 105), (23, 155), (52, 225), (39, 275), (33, 345), (27, 395), (51, 465), (45, 515))
    values = [line(str(value), x, 520 - 4 * value, width=40) for value, x in shown]
    title = line("Favourite fruit", 100, 20, height=30)
    return scene(title, line("votes", 30, 90), *legend, *ticks, *values, *names, image_id=image_id)


def two_tables(image_id: str = "two tables") -> Scene:
    """Prices, and what was ordered of the same articles in another order."""
    prices = (("Article", "Price"), ("Desk lamp", "24.50"), ("Bookshelf", "89.00"), ("Paper tray", "7.25"))
    orders = (("Article", "Ordered"), ("Paper tray", "12"), ("Desk lamp", "30"), ("Bookshelf", "5"))
    return scene(
        line("Price list", 40, 20, height=40),
        *rows(prices, (40, 300), 100),
        line("Orders of the week", 40, 340, height=40),
        *rows(orders, (40, 300), 420),
        image_id=image_id,
    )


def courses(image_id: str = "courses") -> Scene:
    """A form with a list under a heading."""
    names = ("Pottery", "Swimming", "Spanish", "Chess", "First aid")
    entries = [line(name, 90, 240 + 44 * n) for n, name in enumerate(names)]
    head, foot = line("Courses chosen", 50, 196), line("Signed 2024-11-08", 50, 560)
    return scene(line("Course registration", 100, 20, height=40), head, *entries, foot, image_id=image_id)


def photograph(image_id: str, objects: str) -> Scene:
    """`objects` are names with the sides of their boxes: "dog 130 320 190 380, cat …"."""
    found = tuple(detection(name, *map(float, box)) for name, *box in map(str.split, objects.split(", ")))
    return scene(detections=found, pixels=facts(600, 400), image_id=image_id)


def street(image_id: str = "street") -> Scene:
    people = "person 20 200 80 380, person 300 210 350 380"
    return photograph(image_id, f"{people}, bus 300 40 580 180, dog 130 320 190 380, cat 250 250 290 290")


def zoo(image_id: str = "zoo") -> Scene:
    """Kinds of which there is one, apart from each other, beside others of which there are two."""
    several = "person 20 200 80 380, person 150 210 190 380, cat 210 250 250 290, cat 500 300 550 350"
    single = "bus 300 40 580 180, dog 130 20 180 60, bird 400 80 430 110, bicycle 450 220 480 260, kite 330 330 400 380"
    return photograph(image_id, f"{several}, {single}")


def slope(image_id: str = "slope") -> Scene:
    """Five things down from the upper left, each further from the first one than the one before."""
    near = "dog 40 30 60 50, cat 100 80 120 100, bird 190 130 210 150"
    return photograph(image_id, f"{near}, bicycle 320 210 340 230, kite 470 320 490 340")


def meadow(image_id: str = "meadow") -> Scene:
    """Sky above grass, lighter to the left."""
    return scene(
        pixels=facts(
            600,
            400,
            top=(75.0, {"blue": 0.8, "white": 0.1}),
            bottom=(45.0, {"green": 0.7}),
            upper_left=(80.0, {"blue": 0.7}),
            upper_right=(70.0, {"blue": 0.9}),
            lower_left=(50.0, {"green": 0.9}),
            lower_right=(40.0, {"green": 0.2, "brown": 0.6}),
            left_third=(75.0, {}),
            middle_third=(60.0, {}),
            right_third=(45.0, {}),
        ),
        image_id=image_id,
    )


def second_receipt(image_id: str = "second receipt") -> Scene:
    """Of another day, with three items and a lower total than `receipt`."""
    goods = (("Green tea", "3.15"), ("Ink pen", "7.50"), ("Soap", "2.35"), ("Subtotal", "13.00"), ("Tax 10%", "1.30"))
    paid = (("TOTAL", "14.30"), ("Cash", "20.00"), ("Change", "5.70"))
    when = line("16/05/2021 10:25", 40, 130)
    return scene(line("HARBOUR", 100, 20, height=45), when, *rows((*goods, *paid), (40, 320), 200), image_id=image_id)


def registration(image_id: str, *, due: str = "2024-03-14", town: str = "Ashby") -> Scene:
    """A form; `due` and `town` are what another version of it may say otherwise."""
    fields = (("Born:", "1971-04-13"), ("Signed:", "2024-03-01"), ("Due:", due), ("Fee:", "42.00"), ("Town:", town))
    return scene(line("Course registration", 100, 20, height=40), *rows(fields, (40, 320), 200), image_id=image_id)


def pairs() -> list[Scene]:
    """Two receipts, and two versions of a form."""
    forms = registration("form"), registration("later form", due="2024-03-21")
    return [receipt(), second_receipt(), *forms]
