from __future__ import annotations

import pytest
from contracts.readers import CaptionerContract

from dcvlr.binning.captioner.composed import ComposedCaption
from dcvlr.binning.detector.regions import SalientRegions
from dcvlr.binning.ocr.rapidocr import RapidOcr
from dcvlr.records import Detection, Detections, OcrLine, OcrResult, PartColour, PixelFacts
from dcvlr.synthesis.pixels.colours import NamedColours


def captioner() -> ComposedCaption:
    return ComposedCaption(
        ocr=RapidOcr(engine="onnxruntime", language="en", min_score=0.6, max_side=2000, batch_size=4, engines=2),
        detector=SalientRegions(
            max_side=320, patches=400, min_contrast=0.3, min_area=0.008, max_area=0.9, max_regions=8, batch_size=4
        ),
        pixels=NamedColours(max_side=256, batch_size=4),
        min_quote_score=0.9,
        max_quote_chars=20,
    )


class TestComposedCaptionDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self) -> ComposedCaption:
        pytest.importorskip("rapidocr", reason="the rapidocr extra is not installed")
        pytest.importorskip("skimage", reason="the regions extra is not installed")
        return captioner()


def text(*lines: tuple[str, float, float]) -> OcrResult:
    """Lines of text, score and height, one below the other."""
    return OcrResult(
        width=400,
        height=300,
        lines=tuple(
            OcrLine(text=words, score=score, quad=((0, 90 * i), (99, 90 * i), (99, 90 * i + high), (0, 90 * i + high)))
            for i, (words, score, high) in enumerate(lines)
        ),
    )


def detections(*labels: str) -> Detections:
    objects = tuple(Detection(label=n, score=0.9, box=(0, 0, 9, 9)) for n in labels)
    return Detections(width=400, height=300, objects=objects, labelled=True)


def regions(count: int) -> Detections:
    objects = (Detection(label=None, score=0.9, box=(0, 0, 9, 9)),) * count
    return Detections(width=400, height=300, objects=objects, labelled=False)


def pixels(
    width: int = 400, height: int = 300, lightness: float = 50, colour: str = "grey", share: float = 0.4
) -> PixelFacts:
    box = (0.0, 0.0, float(width), float(height))
    whole = PartColour(box=box, lab=(lightness, 0, 0), colour=colour, share=share, runner_up_share=0.1)
    return PixelFacts(width=width, height=height, parts={"whole": whole})


@pytest.mark.parametrize(
    ("read", "found", "seen", "sentence"),
    [
        (text(), regions(0), pixels(), "A landscape picture in which neither text nor objects were found."),
        (text(), regions(1), pixels(300, 400), "A portrait picture with one region that stands out."),
        (
            text(("SALE", 0.99, 40)),
            regions(2),
            pixels(300, 300, 90, "white", 0.8),
            "A bright, mostly white square picture with one line of text that reads “SALE” "
            "and two regions that stand out.",
        ),
        (
            text(("TAX INVOICE", 0.99, 40), ("12.50", 0.99, 20)),
            regions(0),
            pixels(lightness=10, colour="black", share=0.9),
            "A dark, mostly black landscape picture with two lines of text, the largest of which reads “TAX INVOICE”.",
        ),
        (
            text(("Tea", 0.99, 21), ("Milk", 0.99, 20), ("Salt", 0.5, 20)),
            detections("person", "person", "bus"),
            pixels(),
            "A landscape picture with three lines of text, one of which reads “Tea”, and two people and one bus.",
        ),
    ],
)
def test_the_sentence_says_what_was_measured(
    read: OcrResult, found: Detections, seen: PixelFacts, sentence: str
) -> None:
    assert captioner().derive(read, found, seen).text == sentence


def test_a_line_that_was_hard_to_read_is_counted_but_not_quoted() -> None:
    caption = captioner().derive(text(("S4LE", 0.7, 40), ("8.50", 0.99, 20)), regions(0), pixels())
    assert caption.text == "A landscape picture with two lines of text."


def test_a_small_line_is_not_called_the_largest() -> None:
    caption = captioner().derive(
        text(("A line that is much too long to quote", 0.99, 40), ("Tea", 0.99, 20)), regions(0), pixels()
    )
    assert caption.text == "A landscape picture with two lines of text, one of which reads “Tea”."


def test_many_kinds_of_objects_are_listed_most_first() -> None:
    caption = captioner().derive(text(), detections("box", "cat", "cat", "knife", "knife", "knife"), pixels())
    assert caption.text == "A landscape picture with three knives, two cats and one box."


def test_a_colour_without_a_majority_is_not_called_the_main_one() -> None:
    assert "mostly" not in captioner().derive(text(), regions(0), pixels(share=0.5)).text
