"""How many computed answers agree with what people wrote down about the same pictures.

    python bench/truth.py RECEIPTS_DIR

RECEIPTS_DIR holds `train/` and `ground_truth.jsonl`: per picture the text lines with the corners of their boxes. Every
question that 30 seeds of the embedded preset ask about text is judged once. An answer disagrees if its proof fails, if
a line it is read from says something else in the ground truth, or if the ground truth has a line that spoils the
question (a second date, another value in the row, a line in between). Case, spaces and punctuation between words are
not compared; decimal points and signs of numbers are.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dcvlr.config import compose, make
from dcvlr.identity import file_digest
from dcvlr.memo import Memo
from dcvlr.records import Box, Evidence, Failure, ImageRecord, Qa, Scene
from dcvlr.validation.checks.proof import Proof

ALL_QUESTIONS = 100  # per picture; the preset itself asks fewer
SEEDS = range(30)  # each asks about other lines and labels; a question asked twice counts once
JUDGED = ("text", "amounts", "place")  # families that the ground truth can say something about

# Lines that the ground truth has wrong, judged by eye: what it says and what the picture shows.
GROUND_TRUTH_ERRORS: dict[tuple[str, str], str] = {
    ("049.jpg", "JM0325965-V"): "JM0325955-V",
    ("092.jpg", "NO 1&3, JALAN ANGSA DELIMA 12,"): "NO 1&3, Jalan Wangsa Delima 12,",
    ("154.jpg", "33-G JALAN MAJO 3/1"): "33-G JALAN MAJU 3/1",
    ("154.jpg", "TOTAL SALES(INCLUSLVE OF GST) :"): "Total Sales (Inclusive of GST) :",
}


@dataclass(frozen=True)
class Written:
    """One line of the ground truth."""

    text: str
    box: Box


def main(folder: Path) -> None:
    truth = read_truth(folder / "ground_truth.jsonl")
    files = [path for path in sorted((folder / "train").iterdir()) if path.name in truth]
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    listed: list[str] = []
    for qa in ask_all(files):
        family = qa.generator.partition("/")[2]
        if not family.startswith(JUDGED):
            continue
        verdict, remarks = judge(qa, family, truth[Path(qa.image).name])
        for name in (family, "all"):
            counts[name]["asked"] += 1
            counts[name][verdict] += 1
            counts[name]["misquoted"] += verdict == "agree" and bool(remarks)
        if remarks:
            said = "misquoted" if verdict == "agree" else verdict
            listed.append(
                f"{said}: {Path(qa.image).name} {family}\n    {qa.question} -> {qa.answer}\n    {'; '.join(remarks)}"
            )
    print_table(counts)
    print(
        "\n".join(
            [
                "",
                "All that disagree, are unknown to the ground truth, or quote a line otherwise than it:",
                *sorted(listed),
            ]
        )
    )


def read_truth(path: Path) -> dict[str, list[Written]]:
    lines = defaultdict(list)
    for row in map(json.loads, path.read_text().splitlines()):
        for line in row["lines"]:
            xs, ys = line["box"][::2], line["box"][1::2]
            lines[row["file"]].append(Written(line["text"], (min(xs), min(ys), max(xs), max(ys))))
    return lines


def ask_all(files: Sequence[Path]) -> list[Qa]:
    cfg = compose([f"synthesis.generator.qa_per_image={ALL_QUESTIONS}"])
    ocr, pixels, writer = (make(cfg, key) for key in ("binning.ocr", "synthesis.pixels", "synthesis.generator"))
    images = [ImageRecord(id=file_digest(path), path=str(path), dataset="receipts") for path in files]
    with tempfile.TemporaryDirectory() as scratch:
        memo = Memo(Path(scratch))
        text, facts = memo.measure_together([ocr, pixels], images)
        scenes = []
        for image in images:
            lines, seen = text[image.id], facts[image.id]
            assert not isinstance(lines, Failure)
            assert not isinstance(seen, Failure)
            scenes.append(Scene(image=image, bin="A", text=lines, pixels=seen))
        asked = (replace(writer, seed=seed)(scenes, memo) for seed in SEEDS)
        every = {
            (qa.image, qa.question, qa.answer): qa for written in asked for questions in written for qa in questions.qas
        }
        return list(every.values())


def judge(qa: Qa, family: str, written: Sequence[Written]) -> tuple[str, list[str]]:
    """`agree`, `disagree`, `note` (the ground truth is at fault) or `unknown` to it, and what there is to remark.

    Only evidence that the answer is read from decides; other lines are merely named in the question.
    """
    (finding,) = Proof()([qa], None)  # type: ignore[arg-type]
    lines = [evidence for evidence in qa.evidence if evidence.kind == "text"]
    read_from = answer_lines(qa, family, lines)
    wrong = [] if finding.passed else [f"proof: {finding.reason}"]
    wrong += spoilers(qa, family, lines, written)
    notes: list[str] = []
    misquoted: list[str] = []
    unknown: list[str] = []
    for evidence in lines:
        said = said_at(evidence, written)
        remark = f"{evidence.ref} reads {evidence.text!r}, the ground truth {said!r}"
        if same(evidence.text, said) or (family == "text.largest_letters" and evidence not in read_from):
            continue
        if (shows := GROUND_TRUTH_ERRORS.get((Path(qa.image).name, said))) is not None:
            notes.append(f"{remark}, but the picture shows {shows!r}")
        elif not said and evidence in read_from:
            unknown.append(f"{remark} (nothing there)")
        else:
            (wrong if evidence in read_from else misquoted).append(remark)
    if unknown:
        return "unknown", unknown
    if wrong:
        return "disagree", wrong + misquoted
    return ("note", notes) if notes else ("agree", misquoted)


def answer_lines(qa: Qa, family: str, lines: Sequence[Evidence]) -> list[Evidence]:
    """The lines whose words or digits are in the answer, or were reckoned with."""
    subject = family.partition(".")[0]
    if subject == "amounts":
        return [*lines[1::2], *(line for line in lines[::2] if line.text.startswith(qa.answer))]
    if family in ("place.highest_line", "place.lowest_line", "text.largest_letters"):
        return [line for line in lines if line.text == qa.answer]
    if subject == "place" or family == "text.words_in_line":  # where it is, how many words it has: not what it says
        return []
    last = family in ("text.value_beside_label", "text.table_cell", "text.line_below", "text.line_above")
    return [lines[-1]] if last else list(lines)


def said_at(evidence: Evidence, written: Sequence[Written]) -> str:
    """What the ground truth says inside an evidence box, left to right."""
    assert evidence.box is not None
    box, mine = evidence.box, key(evidence.text)
    inside = [line for line in written if covered(line.box, box) >= 0.5]
    around = [
        line
        for line in written
        if covered(box, line.box) >= 0.5 and line.box[2] - line.box[0] > 1.2 * (box[2] - box[0])
    ]
    if any(mine in key(line.text) for line in around):  # the ground truth keeps together what the OCR splits
        return evidence.text
    return " ".join(line.text for line in sorted(inside or around, key=lambda line: line.box[0]))


def spoilers(qa: Qa, family: str, lines: Sequence[Evidence], written: Sequence[Written]) -> list[str]:
    cited = [line.box for line in lines if line.box is not None]
    others = [
        line for line in written if all(max(covered(line.box, box), covered(box, line.box)) < 0.3 for box in cited)
    ]
    if family in (
        "text.value_beside_label",
        *(f"amounts.{name}" for name in ("sum", "difference", "largest", "smallest")),
    ):
        rows = list(zip(cited[::2], cited[1::2], strict=True))
        return [
            f"{o.text!r} is in the row, too" for o in others for a, b in rows if o.box[0] > a[0] and in_row(o.box, a, b)
        ]
    if family in ("text.line_above", "text.line_below"):
        top, bottom = sorted(cited, key=lambda box: box[1])
        between = (top[0], (top[1] + top[3]) / 2, top[2], (bottom[1] + bottom[3]) / 2)
        return [f"{o.text!r} is between the two or beside them" for o in others if covered(o.box, between) > 0.4]
    if family in ("text.only_date", "text.only_time"):
        pattern = r"(?<![\d-])\d{1,2}([/.-])\d{1,2}\1\d{2,4}(?!\d)" if family == "text.only_date" else r"\d{1,2}:\d{2}"
        return [f"{o.text!r} holds another one" for o in others if re.search(pattern, o.text)]
    if family == "text.word_occurrences":
        word = re.findall(r'"(.*)"', qa.question)[0].casefold()
        return [f"{o.text!r} holds the word, too" for o in others if word in re.findall(r"[a-z]+", o.text.casefold())]
    if family == "text.words_in_line":
        said = said_at(lines[0], written).split()
        return [] if len(said) == int(qa.answer) else [f"the ground truth has {len(said)} words: {' '.join(said)!r}"]
    if family == "text.largest_letters":
        highest = max(written, key=lambda line: line.box[3] - line.box[1])
        return [] if covered(highest.box, cited[0]) > 0.3 else [f"{highest.text!r} is larger in the ground truth"]
    return []


def in_row(box: Box, a: Box, b: Box) -> bool:
    middle = (box[1] + box[3]) / 2
    return a[1] < middle < a[3] and b[1] < middle < b[3]


def covered(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies inside `outer`."""
    width, height = (max(0.0, min(inner[i + 2], outer[i + 2]) - max(inner[i], outer[i])) for i in (0, 1))
    return width * height / ((inner[2] - inner[0]) * (inner[3] - inner[1]))


def same(read: str, said: str) -> bool:
    return key(read) == key(said)


def key(text: str) -> str:
    """Letters and digits, with decimal points and signs of numbers."""
    return "".join(re.findall(r"(?<=\d)\.(?=\d)|(?<!\w)-(?=\d)|[^\W_]", text.casefold()))


def print_table(counts: Mapping[str, Counter[str]]) -> None:
    columns = ("asked", "agree", "disagree", "note", "unknown", "misquoted")
    print(f"{'family':28}" + "".join(f"{column:>10}" for column in columns) + f"{'share':>9}")
    for family in sorted(counts, key=lambda name: (name == "all", name)):
        row = counts[family]
        judged = row["agree"] + row["disagree"]
        share = f"{row['agree'] / judged:9.1%}" if judged else f"{'-':>9}"
        print(f"{family:28}" + "".join(f"{row[column]:10}" for column in columns) + share)
    print(
        "share = agree / (agree + disagree); note: the ground truth is wrong, judged by eye; unknown: it has no such\n"
        "text (handwriting, stamps); misquoted: the answer agrees, a line that the question names reads differently"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
