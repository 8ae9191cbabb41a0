"""One sentence that says what was measured and nothing else."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from dcvlr.protocols import Detector, OcrModel, PixelReader
from dcvlr.records import Caption, Detections, OcrLine, OcrResult, PixelFacts
from dcvlr.settings import Count, Fraction, checked
from dcvlr.text.plurals import plural

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_BRIGHT_L, _DARK_L = 70.0, 30.0  # mean CIELAB lightness, of 100
_CLEARLY_LARGER = 1.2  # times as high as the next line, since the boxes of lines are not exact
_SQUARE = 1.05  # longer by shorter side, up to which a picture counts as square
_WORD_LETTERS = 3  # a quote should mean something: no numbers, no stray marks


@dataclass(frozen=True, kw_only=True)
@checked
class ComposedCaption:
    """Brightness, dominant colour and format from pixels, lines of text from OCR, objects or regions from the detector.

    What was not found is not mentioned unless nothing was found: a detector that sees no cat proves no absence of cats.
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
        content = [phrase for phrase in (self._text(text), _objects(objects)) if phrase]
        ending = f"with {' and '.join(content)}" if content else "in which neither text nor objects were found"
        return Caption(text=f"A {_appearance(pixels)} {ending.rstrip(',')}.")

    def _text(self, text: OcrResult) -> str:
        count = len(text.lines)
        if count == 0:
            return ""
        lines = "one line of text" if count == 1 else f"{_in_words(count)} lines of text"
        quoted = [line for line in text.lines if self._is_quotable(line)]
        if not quoted:
            return lines
        largest = max(quoted, key=_height)
        if count == 1:
            return f"{lines} that reads “{largest.text}”"
        others = [_height(line) for line in text.lines if line is not largest]
        which = "the largest" if _height(largest) > _CLEARLY_LARGER * max(others) else "one"
        return f"{lines}, {which} of which reads “{largest.text}”,"

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
        return "landscape"
    return "portrait" if ratio < 1 / _SQUARE else "square"


def _objects(found: Detections) -> str:
    if not found.labelled:
        count = len(found.objects)
        return f"{_in_words(count)} region{'s' * (count > 1)} that stand{'s' * (count == 1)} out" if count else ""
    counts = Counter(detection.label or "object" for detection in found.objects)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    phrases = [f"{_in_words(count)} {label if count == 1 else plural(label)}" for label, count in ranked]
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}" if phrases else ""


def _in_words(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _height(line: OcrLine) -> float:
    """Length of the side that runs across the text, in pixels."""
    (ax, ay), _, _, (dx, dy) = line.quad
    return math.hypot(ax - dx, ay - dy)
