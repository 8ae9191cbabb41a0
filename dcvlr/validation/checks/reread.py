"""Lines that an answer rests on, read a second time: what reads otherwise then was no clear print."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from dcvlr.identity import digest
from dcvlr.protocols import OcrModel, ReadsAgain, Remembering, Signals
from dcvlr.records import Failure, Finding, ImageRecord, OcrLine, OcrResult, PrintedLine, Qa, Readings

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
        cited = {(qa.image_id, ref): qa for qa in qas for ref in _text_refs(qa)}
        if not isinstance(self.ocr, ReadsAgain) or not cited:
            reason = _NOT_CHECKED if cited else ""
            return [Finding(name=self.name, passed=True, reason=reason) for _ in qas]
        texts = memo.measure(self.ocr, list({qa.image_id: _image(qa) for qa in cited.values()}.values()))
        lines = {key: _line(texts, *key) for key in cited}
        items = {key: _item(_image(cited[key]), line) for key, line in lines.items() if line is not None}
        read = memo.compute(self.ocr.again, list(items.values()))
        doubts = {key: _doubt(lines[key], read[items[key].id]) if key in items else None for key in cited}
        return [self._verdict(qa, doubts) for qa in qas]

    def _verdict(self, qa: Qa, doubts: Mapping[tuple[str, str], str | Failure | None]) -> Finding | Failure:
        found = [doubt for ref in _text_refs(qa) if (doubt := doubts[qa.image_id, ref]) is not None]
        failure = next((doubt for doubt in found if isinstance(doubt, Failure)), None)
        if failure is not None:
            return failure
        return Finding(
            name=self.name, passed=not found, value=len(found), threshold=0, reason="; ".join(map(str, found))
        )


def agrees(text: str, again: str) -> bool:
    return key(text) == key(again)


def key(text: str) -> str:
    """Letters and digits, with decimal points, signs and the marks inside of numbers."""
    return "".join(re.findall(r"(?<=\d)[.,:/](?=\d)|(?<!\w)-(?=\d)|[^\W_]|%", text.casefold()))


def _text_refs(qa: Qa) -> list[str]:
    return [one.ref for one in qa.evidence if one.kind == "text" and re.fullmatch(r"T\d+", one.ref)]


def _image(qa: Qa) -> ImageRecord:
    return ImageRecord(id=qa.image_id, path=qa.image, dataset=qa.dataset)


def _line(texts: Signals[OcrResult], image_id: str, ref: str) -> OcrLine | None:
    text = texts[image_id]
    number = int(ref[1:])
    return text.lines[number - 1] if isinstance(text, OcrResult) and number <= len(text.lines) else None


def _item(image: ImageRecord, line: OcrLine) -> PrintedLine:
    return PrintedLine(id=digest(msgspec.json.encode([image.id, line.quad])), image=image, quad=line.quad)


def _doubt(line: OcrLine | None, read: Readings | Failure) -> str | Failure | None:
    """What speaks against the first reading; None where nothing does."""
    if isinstance(read, Failure) or line is None:
        return read if isinstance(read, Failure) else None
    others = [text for text, _ in read.looks if not agrees(line.text, text)]
    return f"{line.text!r} reads {others[0]!r} in a second look" if others else None
