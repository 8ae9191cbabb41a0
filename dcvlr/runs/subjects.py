"""What a person means by an id, a path or the words of a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rapidfuzz import fuzz, process

from dcvlr.records import LedgerEntry, Qa
from dcvlr.rundir.reader import RunDirectory

_LEAST_LIKENESS = 80  # of 100, rapidfuzz's token_set_ratio: all words of the one in the other
_LONG_ID = 6  # digits of an id that are taken for its beginning


@dataclass(frozen=True)
class Subject:
    """A picture, or a question that was written about one; both have an id of hexadecimal digits."""

    id: str
    title: str
    image_id: str
    path: str
    dataset: str
    qa: Qa | None = None
    copies: tuple[str, ...] = ()


def find(run: RunDirectory, words: str) -> list[Subject]:
    """All that `words` may mean: an exact or begun id or the end of a path, else the questions most like them."""
    wanted, of_id, of_path = words.strip(), list[Subject](), list[Subject]()
    ending = Path(wanted).parts
    for subject in chain(_pictures(run), _questions(run)):
        if _same_id(subject, wanted):
            of_id.append(subject)
        elif not of_id and _same_path(subject, ending):
            of_path.append(subject)
    if found := _each_once(of_id or of_path):
        return found
    questions = _each_once(_questions(run))
    scores = process.extract(wanted, [s.title for s in questions], scorer=fuzz.token_set_ratio, limit=10)
    best = max((score for _, score, _ in scores), default=0)
    return [questions[index] for _, score, index in scores if score == best >= _LEAST_LIKENESS]


def _same_id(subject: Subject, wanted: str) -> bool:
    return subject.id == wanted or (len(wanted) >= _LONG_ID and subject.id.startswith(wanted))


def _same_path(subject: Subject, ending: tuple[str, ...]) -> bool:
    return subject.qa is None and any(
        Path(path).parts[-len(ending) :] == ending
        for path in (subject.path, *subject.copies)
        if ending and path.endswith(ending[-1])
    )


def _each_once(subjects: Iterable[Subject]) -> list[Subject]:
    """The first of each id, and all that have none."""
    seen: dict[str | int, Subject] = {}
    for number, subject in enumerate(subjects):
        seen.setdefault(subject.id or number, subject)
    return list(seen.values())


def _pictures(run: RunDirectory) -> Iterator[Subject]:
    for image in run.filtered:
        title = Path(image.path).name
        yield Subject(image.id, title, image.id, image.path, image.dataset, copies=image.copies)
    for entry in run.ledger:
        if entry.kind == "image":
            yield Subject(entry.id, Path(entry.path).name, entry.id, entry.path, entry.dataset)


def _questions(run: RunDirectory) -> Iterator[Subject]:
    for qa in chain(run.dataset, run.written, _rejected(run.ledger)):
        yield Subject(qa.id, qa.question, qa.image_id, qa.image, qa.dataset, qa=qa)


def _rejected(ledger: Sequence[LedgerEntry]) -> Iterator[Qa]:
    return (entry.record for entry in ledger if entry.record is not None)
