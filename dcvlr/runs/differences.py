"""Two runs beside each other: every record that one has and the other has not, or has otherwise, with why."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from dcvlr.binning.outcome import binned_lines
from dcvlr.records import Finding, LedgerEntry, Qa, Record
from dcvlr.rundir.reader import RunDirectory
from dcvlr.rundir.record_list import ById
from dcvlr.runs.in_words import shown


class RecordDifference(Record, frozen=True):
    """One record that is not the same in both; `cause` names the rule, `reason` says it with value and threshold."""

    kind: Literal["picture", "question"]
    change: Literal["gained", "lost", "changed"]
    id: str
    title: str
    cause: str
    reason: str


@dataclass(frozen=True)
class Records:
    """What a run says of each picture and question, by id."""

    run: RunDirectory

    @cached_property
    def pictures(self) -> Mapping[str, str]:
        """Path of every picture that went all the way to the questions, or as far as the run went."""
        if self.bins:
            return {image_id: path for image_id, (path, _) in self._binned.items()}
        return {image.id: image.path for image in self.run.filtered}

    @cached_property
    def bins(self) -> Mapping[str, str]:
        return {image_id: name for image_id, (_, name) in self._binned.items()}

    @cached_property
    def _binned(self) -> Mapping[str, tuple[str, str]]:
        """Path and bin."""
        return {row.id: (row.path, sys.intern(row.bin)) for row in binned_lines(self.run)}

    @cached_property
    def questions(self) -> Mapping[str, Qa]:
        return {qa.id: qa for qa in self.run.dataset}

    @cached_property
    def left_out(self) -> Mapping[str, LedgerEntry]:
        """The ledger's entry by the id of the picture, or of the question where there is one."""
        return ById(self.run.ledger, _subject)

    def why_not(self, record_id: str, image_id: str) -> tuple[str, str]:
        """Cause and reason why this run does not have a record that another has."""
        for wanted in (record_id, image_id):
            if wanted in self.left_out:
                return _reason(self.left_out[wanted])
        if image_id not in self.pictures:
            return "source", "this picture is not in the source"
        return "writer", f"not written (bin {self.bins.get(image_id, 'unknown')})"


def differences(old: RunDirectory, new: RunDirectory) -> Iterator[RecordDifference]:
    """Pictures first, then questions; `lost` is in `old` alone, `gained` in `new` alone."""
    before, after = Records(old), Records(new)
    for image_id in sorted(before.pictures.keys() | after.pictures.keys()):
        yield from _picture(image_id, before, after)
    yield from _questions(before, after)


def _picture(image_id: str, before: Records, after: Records) -> Iterator[RecordDifference]:
    title = before.pictures.get(image_id) or after.pictures[image_id]
    if image_id not in after.pictures:
        yield _difference("picture", "lost", image_id, title, after.why_not(image_id, image_id))
    elif image_id not in before.pictures:
        yield _difference("picture", "gained", image_id, title, before.why_not(image_id, image_id))
    elif before.bins.get(image_id) != after.bins.get(image_id):
        reason = f"bin {before.bins.get(image_id)} became bin {after.bins.get(image_id)}"
        yield _difference("picture", "changed", image_id, title, ("bin", reason))


def _questions(before: Records, after: Records) -> Iterator[RecordDifference]:
    for qa_id in sorted(before.questions.keys() | after.questions.keys()):
        old, new = before.questions.get(qa_id), after.questions.get(qa_id)
        if old is not None and new is None:
            yield _difference("question", "lost", qa_id, old.question, after.why_not(qa_id, old.image_id))
        elif new is not None and old is None:
            yield _difference("question", "gained", qa_id, new.question, before.why_not(qa_id, new.image_id))
        elif old is not None and new is not None and (fields := _changed(old, new)):
            yield _difference("question", "changed", qa_id, new.question, ("writer", ", ".join(fields)))


def _changed(old: Qa, new: Qa) -> list[str]:
    names = [name for name in old.__struct_fields__ if name != "image"]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _difference(
    kind: Literal["picture", "question"],
    change: Literal["gained", "lost", "changed"],
    record_id: str,
    title: str,
    why: tuple[str, str],
) -> RecordDifference:
    return RecordDifference(kind=kind, change=change, id=record_id, title=title, cause=why[0], reason=why[1])


def _reason(entry: LedgerEntry) -> tuple[str, str]:
    failed = [finding for finding in entry.findings if finding.name in entry.reasons]
    words = "; ".join(map(_short, failed)) or ", ".join(entry.reasons)
    return f"{entry.stage}: {', '.join(entry.reasons)}", words


def _subject(entry: LedgerEntry) -> str | None:
    if entry.record is not None:
        return entry.record.id
    return entry.id if entry.kind == "image" else None


def _short(finding: Finding) -> str:
    return finding.reason or shown(finding)
