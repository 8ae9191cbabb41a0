"""The lines of a picture as a reader sees them: rows, neighbours, and which of them can be trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dcvlr.records import Box, Evidence, Scene
from dcvlr.synthesis.draft import Limits

# A 0 or 1 that touches a letter is often an O, l or I: "Bi11", "GST 1D", "C/0".
_MISREAD = re.compile(r"[a-z][01]|\b[01][A-Za-z]|/[01]\b(?!\d)")
_SHORT = 8  # characters


@dataclass(frozen=True)
class Line:
    """One OCR line; `number` is n of its evidence id T<n>. `slant` is how much higher its box is than its letters."""

    number: int
    text: str
    score: float
    box: Box
    slant: float

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def cite(self) -> str:
        return f"[T{self.number}]"

    @property
    def evidence(self) -> Evidence:
        return Evidence(kind="text", ref=f"T{self.number}", box=self.box, text=self.text)


def lines_of(scene: Scene) -> list[Line]:
    """All lines of the picture, in reading order; empty where text is not to be used."""
    if scene.text is None:
        return []
    lines = []
    for number, line in enumerate(scene.text.lines, start=1):
        top_left, _, _, bottom_left = line.quad
        side = abs(bottom_left[1] - top_left[1])
        height = line.box[3] - line.box[1]
        if height > 0 and line.box[2] > line.box[0]:
            lines.append(Line(number, line.text, line.score, line.box, height / side if side > 0 else 99.0))
    return lines


def normal(text: str) -> str:
    """Letters and digits only, in lower case: what two readings of the same words have in common."""
    return "".join(re.findall(r"\w+", text.casefold()))


def quotable(text: str) -> bool:
    """Whether a person could find `text` in the picture when it is quoted: printable, plain, no quotation marks."""
    return bool(re.fullmatch(r"[ -~£€°©]+", text)) and '"' not in text


def clear(line: Line, limits: Limits) -> bool:
    """Whether the reading can be trusted: scores alone are high for some mistakes, too."""
    short = len(line.text) <= _SHORT
    return (
        line.score >= (limits.min_short_text_score if short else limits.min_text_score)
        and (1 - line.score) * len(line.text) <= limits.max_expected_slips
        and quotable(line.text)
        and level(line)
        and not _MISREAD.search(line.text)
    )


def level(line: Line) -> bool:
    """Wider than a letter and not written up or down the page."""
    return line.slant < 2.5


def shared_height(a: Box, b: Box) -> float:
    """Height that two boxes have in common, as a share of the lower of the two."""
    return max(0.0, min(a[3], b[3]) - max(a[1], b[1])) / min(a[3] - a[1], b[3] - b[1])


def shared_width(a: Box, b: Box) -> float:
    """Width that two boxes have in common, as a share of the narrower of the two."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) / min(a[2] - a[0], b[2] - b[0])


def right_of(line: Line, lines: Sequence[Line], overlap: float) -> list[Line]:
    """Lines that begin in the right half of `line` or behind it and share at least `overlap` of its height."""
    begin = (line.box[0] + line.box[2]) / 2
    return [
        other
        for other in lines
        if other is not line and other.box[0] >= begin and shared_height(line.box, other.box) >= overlap
    ]


def left_of(line: Line, lines: Sequence[Line], overlap: float) -> list[Line]:
    """Lines that end in the left half of `line` or before it and share at least `overlap` of its height."""
    end = (line.box[0] + line.box[2]) / 2
    return [
        other
        for other in lines
        if other is not line and other.box[2] <= end and shared_height(line.box, other.box) >= overlap
    ]


def alone_in_row(line: Line, lines: Sequence[Line], limits: Limits) -> bool:
    return not any(shared_height(line.box, other.box) >= limits.rival_overlap for other in lines if other is not line)


def unique(text: str, lines: Sequence[Line]) -> bool:
    """Whether exactly one line reads `text`, case, spaces and punctuation aside."""
    return sum(normal(line.text) == normal(text) for line in lines) == 1
