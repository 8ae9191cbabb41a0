"""Questions about what a page might well say and does not: the tip on a receipt, a team that a table does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from dcvlr.records import OcrResult
from dcvlr.synthesis.programs.expressions import PageLines, Sought, call
from dcvlr.synthesis.programs.forms.form import Form, column, form
from dcvlr.synthesis.scene.lines import normal
from dcvlr.synthesis.scene.read import Document
from dcvlr.text.question_words import QuestionWords

_SHORT = 4  # letters up to which a word is held against whole words alone
_ALIKE = 80  # rapidfuzz ratio of 100, from which on a longer word may stand somewhere, however it was misread
_SURE = 0.7  # of the lines, that must have been read surely; all must be legible


def about_absences(document: Document, text: OcrResult, words: QuestionWords) -> Iterator[Form]:
    """None where a line of the page may say something else than was read, or was not read at all."""
    if not _is_read(document, text):
        return
    texts = [line.text for line in document.page.lines]
    page = PageLines(tuple(line.ref for line in document.page.lines))
    if document.bill is not None:
        for name, called in words.absent.items():
            if not any(may_stand(word, texts) for word in called):
                sought = Sought(name, tuple(called))
                yield form("absent_amount", call("absent", page, sought), g=sought)
    for table in document.tables:
        printed = [column(table, one) for one in table.columns if not one.is_nominal]
        missing = [name for name in words.absent_rows.get(table.rows.casefold(), ()) if not may_stand(name, texts)]
        for name in missing if len(missing) >= 2 else ():
            for c in printed:
                sought = Sought(name, (name,))
                yield form("absent_row", call("absent", page, sought), c=c, g=sought)


def _is_read(document: Document, text: OcrResult) -> bool:
    lines = document.page.lines
    sure = sum(line.is_sure for line in lines)
    return (
        len(lines) == len(text.lines)
        and not text.unread
        and all(line.is_legible for line in lines)
        and sure >= _SURE * len(lines)
    )


def may_stand(word: str, texts: Sequence[str]) -> bool:
    """Whether the word, or one much like it, is anywhere on the page, run together with others or divided."""
    plain, everything = normal(word), normal("".join(texts))
    if plain in everything:
        return True
    if len(plain) > _SHORT:
        return fuzz.partial_ratio(plain, everything) >= _ALIKE
    written = {one for text in texts for one in re.findall(r"\w+", text.casefold())}
    return any(Levenshtein.distance(plain, one, score_cutoff=1) <= 1 for one in written)
