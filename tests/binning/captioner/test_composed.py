from __future__ import annotations

import pytest
from contracts.readers import CaptionerContract

from dcvlr.binning.captioner.composed import ComposedCaption
from dcvlr.binning.detector.regions import SalientRegions
from dcvlr.binning.ocr.rapidocr import RapidOcr
from dcvlr.records import Detection, Detections, OcrLine, OcrResult, PartColour, PixelFacts
from dcvlr.synthesis.pixels.colours import NamedColours
from dcvlr.text.plurals import with_article


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


@pytest.mark.slow
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
    objects = tuple(Detection(label=label, score=0.9, box=(0, 0, 9, 9)) for label in labels)
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
        (text(), regions(0), pixels(), "A wide picture."),
        (text(), regions(1), pixels(300, 400), "A tall picture with one part that stands out."),
        (
            text(("SALE", 0.99, 40)),
            regions(2),
            pixels(300, 300, 90, "white", 0.8),
            "A bright, mostly white square picture with the text “SALE” and two parts that stand out.",
        ),
        (
            text(("TAX INVOICE", 0.99, 40), ("12.50", 0.99, 20)),
            regions(0),
            pixels(lightness=10, colour="black", share=0.9),
            "A dark, mostly black wide picture with two lines of text (the largest says “TAX INVOICE”).",
        ),
        (
            text(("Tea", 0.99, 21), ("Milk", 0.99, 20), ("Salt", 0.5, 20)),
            detections("person", "person", "bus"),
            pixels(),
            "Two people and a bus; it has three lines of text (one of them says “Tea”).",
        ),
    ],
)
def test_the_sentence_says_what_was_measured(
    read: OcrResult, found: Detections, seen: PixelFacts, sentence: str
) -> None:
    assert captioner().derive(read, found, seen).text == sentence


def placed(*detections: tuple[str, tuple[float, float, float, float]]) -> Detections:
    objects = tuple(Detection(label=label, score=0.9, box=box) for label, box in detections)
    return Detections(width=400, height=300, objects=objects, labelled=True)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            placed(("bicycle", (250, 50, 390, 200)), ("dog", (10, 60, 150, 200)), ("dog", (160, 150, 200, 200))),
            "Two dogs and a bicycle; the larger dog is left of the bicycle.",
        ),
        (
            placed(("dog", (10, 60, 150, 200)), ("dog", (160, 60, 290, 200)), ("cup", (300, 0, 309, 9))),
            "Two dogs and a cup.",
        ),
        (
            placed(("umbrella", (100, 0, 200, 90)), ("person", (110, 95, 190, 290))),
            "A person and an umbrella; the person is below the umbrella.",
        ),
        (placed(("tie", (120, 100, 140, 180)), ("person", (50, 0, 250, 290))), "A person and a tie."),
        (
            placed(("skis", (10, 200, 90, 220)), ("dog", (200, 10, 300, 100))),
            "A dog and skis; the dog is right of the skis.",
        ),
    ],
)
def test_two_that_can_be_named_are_put_in_relation(found: Detections, sentence: str) -> None:
    assert captioner().derive(text(), found, pixels()).text == sentence


def test_a_line_that_was_hard_to_read_is_counted_but_not_quoted() -> None:
    caption = captioner().derive(text(("S4LE", 0.7, 40), ("8.50", 0.99, 20)), regions(0), pixels())
    assert caption.text == "A wide picture with two lines of text."


def test_a_small_line_is_not_called_the_largest() -> None:
    caption = captioner().derive(
        text(("A line that is much too long to quote", 0.99, 40), ("Tea", 0.99, 20)), regions(0), pixels()
    )
    assert caption.text == "A wide picture with two lines of text (one of them says “Tea”)."


def test_many_kinds_of_objects_are_listed_most_first() -> None:
    caption = captioner().derive(text(), detections("box", "cat", "cat", "knife", "knife", "knife"), pixels())
    assert caption.text == "Three knives, two cats and a box."


def test_a_long_list_of_kinds_is_cut() -> None:
    caption = captioner().derive(text(), detections("a", "b", "c", "d", "e", "f", "g"), pixels())
    assert caption.text == "An a, a b, a c, a d, an e and two other objects."


def test_a_colour_without_a_majority_is_not_called_the_main_one() -> None:
    assert "mostly" not in captioner().derive(text(), regions(0), pixels(share=0.5)).text


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [
        *(("dog", "a dog"), ("umbrella", "an umbrella"), ("unicycle", "a unicycle"), ("hourglass", "an hourglass")),
        *(("European gallinule", "a European gallinule"), ("African chameleon", "an African chameleon")),
        *(("scissors", "scissors"), ("toilet tissue", "toilet tissue"), ("upright", "an upright")),
    ],
)
def test_nouns_get_their_article(noun: str, phrase: str) -> None:
    assert with_article(noun) == phrase
