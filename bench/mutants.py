"""How many questions the proof refuses whose words were changed while program, evidence and answer stayed.

    python bench/mutants.py [RECEIPTS_DIR [QA_PER_IMAGE]]

Questions about the drawn samples, the pages of bench/drawn_documents.py, 160 drawn pages whose texts are known, and the
pictures in RECEIPTS_DIR/train. In each mutant one name that the question uses is put in place of another of the same
page: that of a column, a series, a row, a list or section, a labelled value, what a row is called, or a unit. Each is
another question, so that a proof that holds is an error. Only the unchanged questions may pass, and all of them must.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from asking import scenes_of
from made_scenes import pages
from msgspec.structs import replace
from programs import _documents, _drawn, _Nowhere

from dcvlr.config import compose, make
from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.synthesis.programs.forms.form import column
from dcvlr.synthesis.programs.wording import Wording
from dcvlr.synthesis.scene.read import Document, read_document
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.text.question_words import QuestionWords

PAID = frozenset({"price", "amount"})  # of goods it is one and the same
DOCUMENTS = ("receipt", "invoice", "bill")
GENERAL = frozenset({"category", "entry", "description", *DOCUMENTS, "page"})  # rows of any sort may be called entries
EITHER_WAY = frozenset(
    {"series_together", "series_all", "series_sum_most"}
)  # kinds that two series may change places in
UNITS = ("visitors", "votes", "books", "sales", "rainfall", "energy used")
LISTED = 40  # mutants that were proven, of which one sees what is missing


def main(receipts: Path | None, qa_per_image: int) -> None:
    cfg = compose([f"synthesis.generator.qa_per_image={qa_per_image}"])
    writer, proof = make(cfg, "synthesis.generator"), make(cfg, "validation.checks")["proof"]
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    proven: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        memo = Memo(Path(folder) / "memo")
        scenes = [*_sampled(Path(folder), memo, receipts), *pages(160)]
        for scene, questions in zip(scenes, writer(scenes, memo), strict=True):
            names = Names(read_document(scene.text, writer.text, writer.wording.words), writer.wording.words)
            for qa in questions.qas:
                counts["unchanged"]["made"] += 1
                counts["unchanged"]["refused"] += not proof([qa], memo)[0].passed
                for sort, question in names.mutants(qa):
                    refused = not proof([replace(qa, question=question)], memo)[0].passed
                    counts[sort]["made"] += 1
                    counts[sort]["refused"] += refused
                    proven += [] if refused else [f"{sort}: {qa.question} -> {question} ({qa.generator})"]
    print(f"{'changed':12} {'made':>6} {'refused':>8}")
    for sort, found in sorted(counts.items()):
        print(f"{sort:12} {found['made']:6} {found['refused']:8}")
    print("\n".join(proven[:LISTED]))


def _sampled(folder: Path, memo: Memo, receipts: Path | None) -> list[Scene]:
    make(compose(["source=samples", f"source.folder={folder}"]), "source")(memo, _Nowhere())
    drawn = {**dict(_drawn(folder)), **dict(_documents(folder))}
    files = sorted(path for path in folder.glob("*/train/*") if path.name in drawn)
    return scenes_of([*files, *(sorted((receipts / "train").iterdir()) if receipts else ())], memo)


class Names:
    """What a page gives a question to name: each in all forms in which it is said, those of one thing together."""

    def __init__(self, document: Document, language: QuestionWords) -> None:
        self.language = language
        wording = Wording(language)
        tables = [*document.tables, *([document.chart] if document.chart else [])]
        goods = document.bill.items if document.bill else None
        made = [(one, column(table, one)) for table in (*tables, *([goods] if goods else [])) for one in table.columns]
        words = [(one.side, wording.column(of)) for one, of in made]
        self.series = [(of.of, of.counted) for side, of in words if side]
        self.columns = [
            (of.of, of.counted, f"from {of.label}", f"to {of.label}")
            for side, of in words
            if not side and of.of not in PAID
        ]
        rows = {each.label for one, _ in made for each in one.entries}
        listed = [each.label for one in (*document.lists, *document.sections) for each in one.entries.entries]
        self.rows = sorted({*rows, *listed})
        self.heads = [one.head.label for one in (*document.lists, *document.sections)]
        self.values = _values(document, language)
        self.row_words = sorted({(row, rows) for key, (row, rows, _) in language.rows.items() if key not in GENERAL})

    def mutants(self, qa: Qa) -> Iterator[tuple[str, str]]:
        text = qa.question
        found = {
            "column": _exchanged(text, self.columns),
            "series": _crossed(text, self.series) if qa.generator.partition("/")[2] not in EITHER_WAY else [],
            "one series": _exchanged(text, self.series),
            "row": _exchanged(text, [(row,) for row in self.rows]),
            "heading": _exchanged(text, [(f'"{head}"',) for head in self.heads]),
            "value": _renamed(text, self.values),
            "row's noun": _exchanged(text, self.row_words),
            "document": _exchanged(text, [(name,) for name in DOCUMENTS]),
            "unit": [*_other_units(text), *_exchanged(text, [(unit,) for unit in UNITS])],
        }
        for sort, questions in found.items():
            yield from ((sort, one) for one in dict.fromkeys(questions) if one.casefold() != text.casefold())


def _values(document: Document, language: QuestionWords) -> list[list[str]]:
    """All names of each labelled value of a page, and of what it does not have."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key, name in language.fields.items():
        groups[key.rpartition("_")[2]].append(name)
    for one in document.fields:
        role = role_of(one.label) or one.label.casefold()
        key = {"inclusive": "total", "rounded": "total"}.get(role, role)
        groups[key].append(language.phrases["field"].format(text=one.label))
    return list(groups.values())


def _renamed(text: str, things: Sequence[Sequence[str]]) -> Iterator[str]:
    for one in things:
        for other in things:
            for old, new in product(one, other):
                if not any(old in names and new in names for names in things):
                    yield _with(text, (old,), (new,))


def _exchanged(text: str, things: Sequence[Sequence[str]]) -> Iterator[str]:
    """With each of the others in place of one that the text names."""
    for one in things:
        for other in things:
            changed = _with(text, one, other) if one != other else text
            if changed != text:
                yield changed


def _with(text: str, old: Sequence[str], new: Sequence[str]) -> str:
    """With what the new one is called in place of what the old one is, the longest names first."""
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if a and b and a.casefold() != b.casefold()]
    for a, b in sorted(pairs, key=lambda pair: -len(pair[0])):
        changed = re.sub(rf"(?<!\w){re.escape(a)}(?!\w)", lambda _, b=b: b, text, flags=re.IGNORECASE)
        if changed != text:
            return changed
    return text


def _crossed(text: str, series: Sequence[Sequence[str]]) -> Iterator[str]:
    """With both names of two series changed for each other."""
    if len(series) == 2:
        blank = ["\x00" * (n + 1) for n in range(len(series[0]))]
        yield _with(_with(_with(text, series[0], blank), series[1], series[0]), blank, series[1])


def _other_units(text: str) -> Iterator[str]:
    for pattern, other in ((r"(?<=\d)%", " min"), (r"(?<=\d) min\b", "%"), (r"[$€£]|RM ?(?=\d)", "¥")):
        yield re.sub(pattern, other, text)
    yield re.sub(r"(?<![\w.])(\d+\.\d\d)(?![\w.])", r"$\1", text)


if __name__ == "__main__":
    folder, count = (*sys.argv[1:3], None, None)[:2] if len(sys.argv) > 1 else (None, None)
    main(Path(folder) if folder else None, int(count or 20))
