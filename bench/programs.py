"""How many computed questions about the drawn samples are right, by what was drawn.

    python bench/programs.py [QA_PER_IMAGE] [SEEDS]

The samples and the pages of bench/drawn_documents.py know every text that was drawn on them. A question is right if
its proof passes (it has, or it would not be asked), if every line that it rests on was drawn so, if each value was
drawn in the row of its label, and, where all rows of a column are looked at, if no row that was drawn is missing. Of
sections it is right if it says what was drawn under which heading.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import re
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

from asking import asked, scenes_of
from drawn_documents import Document, drawn_documents
from made_scenes import pages

from dcvlr.__main__ import OBJECTS_BETWEEN_COLLECTIONS
from dcvlr.config import compose, make
from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.source.samples import charts, paper_forms, receipts, tables

# Names of rows that the samples are drawn with, by what they are; a receipt's shop may stand in a town of a table.
ROWS = (
    frozenset(name for shop in receipts._GOODS for name, _ in shop),
    frozenset(name for name, _ in paper_forms._WORK),
    frozenset(name for subject in charts._SUBJECTS for name in subject[3]),
    frozenset(paper_forms._COURSES),
    *map(frozenset, (tables._REGIONS, tables._TEAMS, tables._CITIES, tables._STOCK)),
)
WHOLE = re.compile(
    r"\b(?:max|min|arg\w+|nth_\w+|\w+scending|sum|mean|count|above|below|top|bottom|first|last|until|growth|after|before"
    r"|majority)\(([a-h])\b"
)
MOST_COLUMNS = 7
ROUNDS = 5

T = TypeVar("T")


def main(qa_per_image: int, seeds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memo = Memo(Path(folder) / "memo")
        make(compose(["source=samples", f"source.folder={folder}"]), "source")(memo, _Nowhere())
        documents = dict(_documents(Path(folder)))
        drawn = {**dict(_drawn(Path(folder))), **{name: one.sheet.texts for name, one in documents.items()}}
        scenes = scenes_of(sorted(path for path in Path(folder).glob("*/train/*") if path.name in drawn), memo)
        speed(scenes, memo, qa_per_image)
        qas = list(asked(scenes, memo, qa_per_image=qa_per_image, seeds=seeds))
        sections = {name: one.sections for name, one in documents.items()}
        names = {qa.id: Path(qa.image).name for qa in qas}
        reasons = ((qa, error(qa, drawn[names[qa.id]]) or misplaced(qa, sections.get(names[qa.id], {}))) for qa in qas)
        wrong = {qa.id: reason for qa, reason in reasons if reason}
    report(qas, wrong)
    per_dataset(qas, scenes)


def speed(scenes: Sequence[Scene], memo: Memo, qa_per_image: int) -> None:
    """Proven questions by seconds of one core, of the writer with what it `needs` of each picture: medians of rounds.

    Neither the models that read pictures are counted nor what a run does once: regular expressions for each kind of
    question are made on other pages before. Cycles are looked for as seldom as in a run.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    cfg = compose([f"synthesis.generator.qa_per_image={qa_per_image}"])
    writer, proof = make(cfg, "synthesis.generator"), make(cfg, "validation.checks")["proof"]
    proof([qa for questions in writer(list(pages(80)), memo) for qa in questions.qas], memo)

    def written() -> list[Qa]:
        assert all(writer.needs(scene, frozenset({"text"})) for scene in scenes)
        return [qa for questions in writer(scenes, memo) for qa in questions.qas]

    def proven(qas: Sequence[Qa]) -> int:
        return sum(finding.passed for finding in proof(qas, memo))

    def rates() -> list[float]:
        times = [time.process_time()]
        qas = written()
        times.append(time.process_time())
        accepted = proven(qas)
        times.append(time.process_time())
        return [accepted / (times[b] - times[a]) for a, b in ((0, 1), (1, 2), (0, 2))]

    one_core = [in_processes(rates, 1)[0][0] for _ in range(ROUNDS)]
    medians = map(median, zip(*one_core, strict=True))
    print("questions a second of one core: writer {:.0f}, proof {:.0f}, both {:.0f}".format(*medians))
    both = [in_processes(lambda: proven(written()), 2) for _ in range(ROUNDS)]
    clock = [sum(counts) / seconds for counts, seconds, _ in both]
    rounds, cores = ", ".join(f"{one:.0f}" for one in clock), median(cores for _, _, cores in both)
    print(f"by the clock: two processes side by side {median(clock):.0f} (rounds: {rounds}), on {cores:.2f} cores")


def in_processes(work: Callable[[], T], processes: int) -> tuple[list[T], float, float]:
    """What `work` gives in each of them, done at once; in how many seconds, and how many cores they were given.

    What was made before is shared, what a round has made is gone after it.
    """
    fork = multiprocessing.get_context("fork")
    results = fork.SimpleQueue()
    workers = [fork.Process(target=lambda: results.put(work())) for _ in range(processes)]
    started, used_before = time.perf_counter(), _seconds_of_children()
    for one in workers:
        one.start()
    done = [results.get() for _ in workers]
    seconds = time.perf_counter() - started
    for one in workers:
        one.join()
    return done, seconds, (_seconds_of_children() - used_before) / seconds


def _seconds_of_children() -> float:
    """Of those that have ended, all together."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Nowhere:
    def reject(self, *_: object, **__: object) -> None:
        """Nothing of the samples' drawings is left out."""


def _drawn(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for file in sorted(folder.glob("*/ground_truth.jsonl")):
        for row in map(json.loads, file.read_text().splitlines()):
            yield row["file"], row["lines"]


def _documents(folder: Path) -> Iterator[tuple[str, Document]]:
    (folder / "documents" / "train").mkdir(parents=True)
    for name, one in drawn_documents():
        one.sheet.image.save(folder / "documents" / "train" / f"{name}.png")
        yield f"{name}.png", one


def misplaced(qa: Qa, sections: Mapping[str, Sequence[str]]) -> str:
    """What is wrong with a question about sections, by the headings and entries that it names."""
    under = {key(entry): head for head, entries in sections.items() for entry in entries}
    counts = {key(head): len(entries) for head, entries in sections.items()}
    texts = {one.ref: key(one.text) for one in qa.evidence}
    if qa.generator.endswith("/section_of"):
        (entry,) = (text for text in texts.values() if text in under)
        return "" if under[entry] == qa.answer else f"{entry} was drawn under {under[entry]}"
    if qa.generator.endswith("/section_same"):
        heads = {under[text] for text in texts.values() if text in under}
        return "" if (qa.answer == "yes") == (len(heads) == 1) else f"they were drawn under {sorted(heads)}"
    for head, refs in re.findall(r"entry\((T\d+), entries\(([^)]+)\)\)", qa.program or ""):
        found = {texts[ref] for ref in refs.split(", ")}
        if len(found) != counts[texts[head]] or any(key(under[one]) != texts[head] for one in found):
            return f"{sorted(found)} are not what was drawn under {texts[head]}"
    if re.search(r"/list_", qa.generator) and sections:
        heads = {under[text] for text in texts.values() if text in under}
        whole = "pick(" in str(qa.program) or "at(" in str(qa.program)
        listed = [text for text in texts.values() if text in under]
        if len(heads) != 1 or (not whole and len(listed) != counts[key(heads.pop())]):
            return f"{listed} are not one section"
    return ""


def error(qa: Qa, drawn: Sequence[str]) -> str:
    """What is wrong with a question; empty for a right one."""
    texts = {one.ref: one.text for one in qa.evidence}
    keys = [key(text) for text in drawn]
    for ref, text in texts.items():
        if ref.startswith("T") and key(text) not in keys:
            return f"{ref} reads {text!r}, which was not drawn"
    program = qa.program or ""
    for side, entries in re.findall(r"column\((left|right)\(T\d+\), (.*?)\);", program):
        for label, value in re.findall(r"entry\((T\d+), number\((T\d+)\)\)", entries):
            if not drawn_before(key(texts[label]), key(texts[value]), 2 if side == "left" else 1, keys):
                return f"{texts[value]!r} was not drawn {side} above {texts[label]!r}"
    for label, value in re.findall(r"entry\((T\d+), \w+\((T\d+)\)(?:, \"\w+\")?\)", program):
        if (
            label != value
            and "column(left(" not in program
            and "column(right(" not in program
            and not belong(key(texts[label]), key(texts[value]), keys)
        ):
            return f"{texts[value]!r} was not drawn in the row of {texts[label]!r}"
    columns = {part[0]: part for part in program.split("; ") if part[1:4] == " = "}
    for name in set(WHOLE.findall(program)):
        rows = {row_name(texts[ref]) for ref in re.findall(r"entry\((T\d+),", columns[name])}
        names = max(ROWS, key=lambda some: len(some & rows))
        missing = {row_name(text) for text in drawn if row_name(text) in names} - rows
        if rows & names and missing:
            return f"rows {sorted(missing)} were drawn, too"
    return ""


def belong(label: str, value: str, drawn: Sequence[str]) -> bool:
    """Whether the value follows its label (or comes before it, as quantities do) before the next row's label."""
    return any(text == label and value in drawn[max(0, at - 1) : at + MOST_COLUMNS] for at, text in enumerate(drawn))


def drawn_before(label: str, value: str, by: int, drawn: Sequence[str]) -> bool:
    return any(text == label and at >= by and drawn[at - by] == value for at, text in enumerate(drawn))


def row_name(text: str) -> str:
    """The name in a line that may hold a quantity or a share, too: "Rye bread (2)", "Ground 49%"."""
    return re.sub(r"\s*(?:\(\d+\)|\d+(?:\.\d+)?%)$", "", text)


def key(text: str) -> str:
    """Letters, digits, decimal points and signs; spaces are lost in reading now and then."""
    return re.sub(r"[^\w.%:-]", "", text.casefold()).rstrip(":")


def report(qas: Sequence[Qa], wrong: Mapping[str, str]) -> None:
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for qa in qas:
        depth = len(qa.operations)
        for name in (*sorted(set(qa.operations)), f"operations: {depth if depth < 6 else '6 and more'}", "total"):
            table[name]["asked"] += 1
            table[name]["wrong"] += qa.id in wrong
    print(f"{'operation':24}{'asked':>8}{'right':>8}{'wrong':>8}{'share':>9}")
    for name in sorted(table, key=lambda one: (one == "total", one.startswith("operations"), one)):
        row = table[name]
        right = row["asked"] - row["wrong"]
        print(f"{name:24}{row['asked']:8}{right:8}{row['wrong']:8}{right / row['asked']:9.2%}")
    seen = [qa for qa in qas if qa.options and is_seen_by_decimals(qa.answer, qa.options)]
    print(f"options whose decimals give the answer away: {len(seen)} of {sum(bool(qa.options) for qa in qas)}")
    used = {operation for qa in qas for operation in qa.operations}
    print(f"{len(used)} operations and {len({qa.generator for qa in qas})} kinds of questions in use")
    for qa in qas:
        if qa.id in wrong:
            print(f"wrong: {Path(qa.image).name} {qa.generator}: {qa.question} -> {qa.answer}\n    {wrong[qa.id]}")


def is_seen_by_decimals(answer: str, options: Sequence[str]) -> bool:
    """Whether of three numbers or more one alone has so many decimals, or is whole among those written with some."""
    found = {one: re.fullmatch(r"\D*[\d,]+(?:\.(\d+))?\D*", one) for one in options}
    if len(options) < 3 or not all(found.values()):
        return False
    decimals = {one: match[1] or "" for one, match in found.items() if match}
    counts = [len(one) for one in decimals.values()]
    whole = [not one.strip("0") for one in decimals.values()]
    at = list(decimals).index(answer)
    return counts.count(counts[at]) == 1 or (max(counts) > 0 and whole.count(whole[at]) == 1)


def per_dataset(qas: Sequence[Qa], scenes: Sequence[Scene]) -> None:
    """How many questions its pictures have, and how many operations its questions."""
    depths: defaultdict[str, list[int]] = defaultdict(list)
    for qa in qas:
        depths[qa.image].append(len(qa.operations))
    for dataset in sorted({scene.image.dataset for scene in scenes}):
        of_pictures = [depths[scene.image.path] for scene in scenes if scene.image.dataset == dataset]
        counts, operations = [len(one) for one in of_pictures], [depth for one in of_pictures for depth in one]
        print(
            f"{dataset:24} {sum(counts) / len(counts):6.1f} questions a picture, median {median(counts):g};"
            f" median of operations {median(operations or [0]):g}"
        )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [20, 1][len(numbers) :]))
