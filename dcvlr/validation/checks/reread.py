"""Lines that an answer rests on, read a second time: what reads otherwise then was no clear print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from dcvlr.identity import digest
from dcvlr.protocols import OcrModel, ReadsAgain, Remembering
from dcvlr.records import (
    Failure,
    Finding,
    ImageRecord,
    OcrLine,
    OcrResult,
    PrintedLine,
    Qa,
    Readings,
    first_failure,
)

_NOT_CHECKED = "not checked: binning.ocr reads no single lines again"


@dataclass(frozen=True, kw_only=True)
class Reread:
    """Passes where every line of the evidence reads the same again, but for case, spaces and punctuation around words.

    Only lines that questions rest on are read again, each once, whatever the number of questions. Where `ocr` has no
    reader of single lines a QA passes with value None and says so.
    """

    name: ClassVar[str] = "reread"
    asks: ClassVar[bool] = True

    ocr: OcrModel | None

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        cited = dict(line for qa in qas for line in _lines(qa))
        if not isinstance(self.ocr, ReadsAgain) or not cited:
            reason = _NOT_CHECKED if cited else ""
            return [Finding(name=self.name, passed=True, reason=reason) for _ in qas]
        images = {image.id: image for image in cited.values()}
        texts = dict(zip(images, memo.measure(self.ocr, list(images.values())).many(list(images)), strict=True))
        lines = {key: _line(texts, *key) for key in cited}
        items = {key: printed_line(cited[key], line) for key, line in lines.items() if line is not None}
        read = memo.compute(self.ocr.again, list(items.values()))
        doubts = {key: _doubt(lines[key], read[items[key].id]) if key in items else None for key in cited}
        return [self._verdict(qa, doubts) for qa in qas]

    def _verdict(self, qa: Qa, doubts: Mapping[tuple[str, int], str | Failure | None]) -> Finding | Failure:
        found = [doubt for key, _ in _lines(qa) if (doubt := doubts[key]) is not None]
        if failure := first_failure(found):
            return failure
        return Finding(
            name=self.name, passed=not found, value=len(found), threshold=0, reason="; ".join(map(str, found))
        )


def agrees(text: str, again: str) -> bool:
    return key(text) == key(again)


def key(text: str) -> str:
    """Letters and digits, with decimal points, signs and the marks inside of numbers."""
    return "".join(re.findall(r"(?<=\d)[.,:/](?=\d)|(?<!\w)-(?=\d)|[^\W_]|%", text.casefold()))


def _lines(qa: Qa) -> Iterator[tuple[tuple[str, int], ImageRecord]]:
    """Every line that is cited: the id of its picture and its number there, and the picture."""
    pictures = qa.pictures
    for one in qa.evidence:
        if one.kind == "text" and (number := one.number) is not None:
            image = pictures[one.picture - 1]
            yield (image.id, number), image


def _line(texts: Mapping[str, OcrResult | Failure], image_id: str, number: int) -> OcrLine | None:
    text = texts[image_id]
    return text.lines[number - 1] if isinstance(text, OcrResult) and number <= len(text.lines) else None


def printed_line(image: ImageRecord, line: OcrLine) -> PrintedLine:
    return PrintedLine(id=digest(msgspec.json.encode([image.id, line.quad])), image=image, quad=line.quad)


def _doubt(line: OcrLine | None, read: Readings | Failure) -> str | Failure | None:
    """What speaks against the first reading; None where nothing does."""
    if isinstance(read, Failure) or line is None:
        return read if isinstance(read, Failure) else None
    others = [text for text, _ in read.looks if not agrees(line.text, text)]
    return f"{line.text!r} reads {others[0]!r} in a second look" if others else None
