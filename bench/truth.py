"""How many computed answers agree with what people wrote down about the same pictures.

    python bench/truth.py RECEIPTS_DIR [SEEDS [OVERRIDE ...]]

RECEIPTS_DIR holds `train/` and `ground_truth.jsonl`: per picture the text lines with the corners of their boxes. Every
question of 30 seeds of the embedded preset that passes the default checks is judged once. An answer disagrees if a line
that a value is read from says something else in the ground truth, or if the ground truth has another amount in the row
of a label. Case, spaces and punctuation between words are not compared; decimal points and signs of numbers are. An
OVERRIDE is a setting of the config: binning.ocr.engine=openvino, ~validation.checks.reread.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from asking import asked, scenes_of, scratch_memo

from dcvlr.records import Box, Evidence, Qa, Scene
from dcvlr.text.question_words import WordingFile

_SAME_SCALE = 0.1
ALL_QUESTIONS = 100  # per picture; the preset itself asks fewer

# Lines that the ground truth has wrong, judged by eye: what it says and what the picture shows.
GROUND_TRUTH_ERRORS: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Written:
    """One line of the ground truth."""

    text: str
    box: Box


def main(folder: Path, seeds: int, overrides: Sequence[str]) -> None:
    truth = read_truth(folder / "ground_truth.jsonl")
    files = [path for path in sorted((folder / "train").iterdir()) if path.name in truth]
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    listed: list[str] = []
    with scratch_memo() as memo:
        scenes = scenes_of(files, memo, overrides)
        truth |= {Path(one.image.path).name: fitted(truth[Path(one.image.path).name], one) for one in scenes}
        qas = list(asked(scenes, memo, qa_per_image=ALL_QUESTIONS, seeds=seeds, overrides=overrides))
    for qa in qas:
        if not qa.evidence[0].ref.startswith("T"):
            continue  # colours: the ground truth says nothing about them
        verdict, remarks = judge(qa, truth[Path(qa.image).name])
        kind = qa.generator.partition("/")[2]
        for name in (kind, "all"):
            counts[name]["asked"] += 1
            counts[name][verdict] += 1
            counts[name]["misquoted"] += verdict == "agree" and bool(remarks)
        if remarks:
            heading = "misquoted" if verdict == "agree" else verdict
            listed.append(
                f"{heading}: {Path(qa.image).name} {kind}\n    {qa.question} -> {qa.answer}\n    {'; '.join(remarks)}"
            )
    print_table(counts)
    print(
        "\n".join(
            ["", "All that disagree, are unknown to the ground truth, or quote a label otherwise:", *sorted(listed)]
        )
    )


def read_truth(path: Path) -> dict[str, list[Written]]:
    lines = defaultdict(list)
    for row in map(json.loads, path.read_text().splitlines()):
        for line in row["lines"]:
            xs, ys = line["box"][::2], line["box"][1::2]
            lines[row["file"]].append(Written(line["text"], (min(xs), min(ys), max(xs), max(ys))))
    return lines


def fitted(written: Sequence[Written], scene: Scene) -> list[Written]:
    """The boxes in the scale of the picture, by the lines that both have once; some were drawn on a larger copy."""
    assert scene.text is not None
    read = {key(line.text): line.box for line in scene.text.lines}
    once = Counter(key(line.text) for line in (*written, *scene.text.lines))
    pairs = [(one.box, read[key(one.text)]) for one in written if key(one.text) in read and once[key(one.text)] == 2]
    (a, b), (c, d) = (
        linear_regression(*zip(*((w[i], r[i]) for w, r in pairs for i in ends), strict=True))
        for ends in ((0, 2), (1, 3))
    )
    if min(abs(a - 1), abs(c - 1)) < _SAME_SCALE:
        return list(written)
    return [
        Written(one.text, tuple(v * s + o for v, s, o in zip(one.box, (a, c) * 2, (b, d) * 2, strict=True)))
        for one in written
    ]


def judge(qa: Qa, written: Sequence[Written]) -> tuple[str, list[str]]:
    """`agree`, `disagree`, `note` (the ground truth is at fault) or `unknown` to it, and what there is to remark."""
    if "absent(" in (qa.program or ""):
        matching = [line.text for line in written if any(word in key(line.text) for word in sought(qa))]
        return ("disagree", [f"the ground truth has {', '.join(matching)}"]) if matching else ("agree", [])
    values = set(re.findall(r"\b(?:money|number|pieces|each|percent|date|time|duration)\((T\d+)\)", qa.program or ""))
    wrong, notes, misquoted, unknown = spoilers(qa, written), list[str](), list[str](), list[str]()
    for evidence in qa.evidence:
        read = read_at(evidence, written)
        if f"pieces({evidence.ref})" in (qa.program or "") and first_number(evidence.text) == first_number(read):
            continue  # an article's code stands behind it
        remark = f"{evidence.ref} reads {evidence.text!r}, the ground truth {read!r}"
        if key(evidence.text) == key(read):
            continue
        if (shows := GROUND_TRUTH_ERRORS.get((Path(qa.image).name, read))) is not None:
            notes.append(f"{remark}, but the picture shows {shows!r}")
        elif not read and evidence.ref in values:
            unknown.append(f"{remark} (nothing there)")
        else:
            (wrong if evidence.ref in values else misquoted).append(remark)
    if unknown:
        return "unknown", unknown
    if wrong:
        return "disagree", wrong + misquoted
    return ("note", notes) if notes else ("agree", misquoted)


def sought(qa: Qa) -> list[str]:
    """The words of which a question says that none stands in the picture."""
    words = WordingFile(file="en").words
    name = re.findall(r'"([^"]+)"\)$', qa.program or "")[0]
    return [key(word) for word in words.absent.get(name, [name])]


def read_at(evidence: Evidence, written: Sequence[Written]) -> str:
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


def spoilers(qa: Qa, written: Sequence[Written]) -> list[str]:
    """Other amounts in the row of a label and its value; one for several pieces stands beside a unit price."""
    if "unit price" in qa.question:
        return []
    boxes = {one.ref: one.box for one in qa.evidence if one.box is not None}
    pairs = [
        pair
        for pair in re.findall(r"entry\((T\d+), money\((T\d+)\)(?:, \"\w+\")?\)", qa.program or "")
        if pair[0] != pair[1]
    ]
    cited = list(boxes.values())
    amounts = [line for line in written if re.fullmatch(r"\D{0,3}\d+\.\d\d\D{0,3}", line.text)]
    others = [line for line in amounts if all(covered(line.box, box) < 0.3 for box in cited)]
    return [
        f"{other.text!r} is in the row, too"
        for other in others
        for a, b in pairs
        if other.box[0] > boxes[b][0] and in_row(other.box, boxes[a], boxes[b])
    ]


def first_number(text: str) -> str:
    found = re.search(r"\d+", text)
    return found[0] if found else ""


def in_row(box: Box, a: Box, b: Box) -> bool:
    middle = (box[1] + box[3]) / 2
    return a[1] < middle < a[3] and b[1] < middle < b[3]


def covered(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies inside `outer`."""
    width, height = (max(0.0, min(inner[i + 2], outer[i + 2]) - max(inner[i], outer[i])) for i in (0, 1))
    return width * height / ((inner[2] - inner[0]) * (inner[3] - inner[1]))


def key(text: str) -> str:
    """Letters and digits, with decimal points and signs of numbers."""
    return "".join(re.findall(r"(?<=\d)\.(?=\d)|(?<!\w)-(?=\d)|[^\W_]", text.casefold()))


def print_table(counts: Mapping[str, Counter[str]]) -> None:
    columns = ("asked", "agree", "disagree", "note", "unknown", "misquoted")
    print(f"{'kind':28}" + "".join(f"{column:>10}" for column in columns) + f"{'share':>9}")
    for kind in sorted(counts, key=lambda name: (name == "all", name)):
        row = counts[kind]
        judged = row["agree"] + row["disagree"]
        share = f"{row['agree'] / judged:9.2%}" if judged else f"{'-':>9}"
        print(f"{kind:28}" + "".join(f"{row[column]:10}" for column in columns) + share)
    print(
        "share = agree / (agree + disagree); note: the ground truth is wrong, judged by eye; unknown: it has no such\n"
        "text (handwriting, stamps); misquoted: the answer agrees, a label that the question names reads differently"
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30, sys.argv[3:])
