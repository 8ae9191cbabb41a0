"""A plain English sentence that says what was measured and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dcvlr.binning.captioner.object_phrases import counted, number_word, relation
from dcvlr.protocols import Detector, OcrModel, PixelReader
from dcvlr.records import Caption, Detections, OcrLine, OcrResult, PixelFacts
from dcvlr.settings import Count, Fraction, checked

_BRIGHT_L, _DARK_L = 70.0, 30.0  # mean CIELAB lightness, of 100
_CLEARLY_LARGER = 1.2  # times as high as the next line, since the boxes of lines are not exact
_SQUARE = 1.05  # longer by shorter side, up to which a picture counts as square
_WORD_LETTERS = 3  # a quote should mean something: no numbers, no stray marks


@dataclass(frozen=True, kw_only=True)
@checked
class ComposedCaption:
    """Labelled objects, with how the two largest lie to each other; else brightness, dominant colour and format; text.

    What was not found is not mentioned: a detector that sees no cat proves no absence of cats.
    """

    ocr: OcrModel
    detector: Detector
    pixels: PixelReader
    min_quote_score: Fraction
    max_quote_chars: Count

    @property
    def sources(self) -> tuple[OcrModel, Detector, PixelReader]:
        return (self.ocr, self.detector, self.pixels)

    def derive(self, text: OcrResult, objects: Detections, pixels: PixelFacts) -> Caption:
        read = self._text(text)
        if objects.labelled and objects.objects:
            clauses = [counted(objects.objects), relation(objects.objects), read and f"it has {read}"]
        else:
            content = " and ".join(phrase for phrase in (read, _regions(objects)) if phrase)
            clauses = [f"a {_appearance(pixels)}" + (f" with {content}" if content else "")]
        sentence = "; ".join(clause for clause in clauses if clause)
        return Caption(text=f"{sentence[0].upper()}{sentence[1:]}.")

    def _text(self, text: OcrResult) -> str:
        count = len(text.lines)
        if count == 0:
            return ""
        lines = "a line of text" if count == 1 else f"{number_word(count)} lines of text"
        quoted = [line for line in text.lines if self._is_quotable(line)]
        if not quoted:
            return lines
        largest = max(quoted, key=_height)
        if count == 1:
            return f"the text “{largest.text}”"
        others = [_height(line) for line in text.lines if line is not largest]
        which = "the largest" if _height(largest) > _CLEARLY_LARGER * max(others) else "one of them"
        return f"{lines} ({which} says “{largest.text}”)"

    def _is_quotable(self, line: OcrLine) -> bool:
        is_word = sum(c.isalpha() for c in line.text) >= _WORD_LETTERS
        return is_word and line.score >= self.min_quote_score and len(line.text) <= self.max_quote_chars


def _appearance(pixels: PixelFacts) -> str:
    whole = pixels.parts["whole"]
    lightness = whole.lab[0]
    words = ["bright"] if lightness >= _BRIGHT_L else ["dark"] if lightness <= _DARK_L else []
    if whole.share > 0.5:
        words.append(f"mostly {whole.colour}")
    return f"{', '.join(words)} {_format(pixels)} picture".strip()


def _format(pixels: PixelFacts) -> str:
    ratio = pixels.width / pixels.height
    if ratio > _SQUARE:
        return "wide"
    return "tall" if ratio < 1 / _SQUARE else "square"


def _regions(found: Detections) -> str:
    """Of a detector that knows no classes."""
    count = 0 if found.labelled else len(found.objects)
    return f"{number_word(count)} part{'s' * (count > 1)} that stand{'s' * (count == 1)} out" if count else ""


def _height(line: OcrLine) -> float:
    """Length of the side that runs across the text, in pixels."""
    (ax, ay), _, _, (dx, dy) = line.quad
    return math.hypot(ax - dx, ay - dy)
