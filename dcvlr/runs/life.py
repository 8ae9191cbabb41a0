"""The life of one picture or question, in lines a person reads: from its file to the dataset or the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dcvlr.memo.recall import Exchange
from dcvlr.records import Failure, Finding, LedgerEntry, Qa, ValueRule
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.in_words import criterion, held, indented, remedy, shown
from dcvlr.runs.replay import Replay
from dcvlr.runs.subjects import Subject
from dcvlr.text.letters import option_lines


def life(run: RunDirectory, subject: Subject) -> Iterator[str]:
    """Lines of text; what no file of the run tells is computed again from its checkpoints."""
    replay = Replay(run)
    entries = [entry for entry in run.ledger if subject.id and entry.id == subject.id and entry.kind != "qa"]
    if subject.qa is not None:
        entries = [entry for entry in run.ledger if entry.record is not None and entry.record.id == subject.qa.id]
        yield from _question(run, subject.qa, entries, replay)
    else:
        yield f"picture {subject.id or '(bytes unread)'}"
        yield f"  file: {subject.path} in dataset {subject.dataset}"
        yield from (f"  same bytes: {path}" for path in subject.copies)
        yield from _picture(run, subject, entries, replay)


def _measured(run: RunDirectory, image_id: str, replay: Replay, rules: Mapping[str, ValueRule]) -> Iterator[str]:
    """What was measured of a picture, with how far each rule of filtering and of its bin was from saying otherwise."""
    filtered = next((v for v in run.values("stage1_filtering") if v.id == image_id), None)
    if filtered is not None:
        yield f"  filtering: {filtered.outcome}"
        for name, value in filtered.values.items():
            yield f"    {held(rules[name], value)}" if name in rules else f"    {name}: {value}"
    row = replay.row(image_id)
    if row is not None:
        yield f"  bin {row.bin}"
        yield from (f"    {criterion(finding)}" for finding in replay.bin_findings(row))


def _picture(run: RunDirectory, subject: Subject, entries: Sequence[LedgerEntry], replay: Replay) -> Iterator[str]:
    rules = value_rules(run)
    yield from _measured(run, subject.id, replay, rules)
    row = replay.row(subject.id)
    if row is not None:
        if row.ocr_text:
            yield from indented("  text: ", row.ocr_text)
        if row.detected_objects:
            yield "  objects: " + ", ".join(f"{label} {count}" for label, count in row.detected_objects.items())
        yield from _exchanges("the writer", replay.written(row))
    yield from _left_out(entries, rules)
    written = [qa for qa in run.written if any(image.id == subject.id for image in qa.pictures)]
    if row is not None:
        kept = {qa.id for qa in run.dataset}
        yield f"  questions: {len(written)} written, {sum(qa.id in kept for qa in written)} in the dataset"
        yield from (f"    {'+' if qa.id in kept else '-'} {qa.id}  {qa.question}" for qa in written)
    yield from _of_its_questions(run, subject)


def _of_its_questions(run: RunDirectory, subject: Subject) -> Iterator[str]:
    """Questions about a picture that never came to be."""
    for entry in run.ledger:
        if entry.kind == "qa" and entry.record is None and entry.id == subject.id:
            yield f"  a question that was not written: {', '.join(entry.reasons)}"
            yield from (f"    {shown(finding)}" for finding in entry.findings)


def _question(run: RunDirectory, qa: Qa, entries: Sequence[LedgerEntry], replay: Replay) -> Iterator[str]:
    yield f"question {qa.id}"
    for image in qa.pictures:
        yield f"  picture: {image.path} ({image.id}), bin {qa.bin}, dataset {image.dataset}"
        yield from (f"  {line}" for line in _measured(run, image.id, replay, value_rules(run)))
    yield f"  written by: {qa.generator} from {qa.created_from}"
    yield f"  Q: {qa.question}"
    yield from (f"     {line}" for line in option_lines(qa.options))
    yield f"  A: {qa.answer}"
    yield from indented("  ", qa.reasoning)
    for evidence in qa.evidence:
        where = f" of picture {evidence.picture}" if len(qa.pictures) > 1 else ""
        where += "" if evidence.box is None else " at " + ", ".join(f"{side:.0f}" for side in evidence.box)
        yield f"  evidence {evidence.ref} ({evidence.kind}{where}): {evidence.text}"
    row = replay.row(qa.image_id)
    if row is not None:
        yield from _exchanges("the writer, about this picture", replay.written(row))
    findings, exchanges = replay.checked(qa)
    if findings:
        yield "  checks:"
        yield from (f"    {shown(finding)}" for finding in findings)
    yield from _exchanges("the checks", exchanges)
    yield from _left_out(entries, {})
    if qa.id in {kept.id for kept in run.dataset}:
        yield "  in the dataset"


def _left_out(entries: Sequence[LedgerEntry], rules: Mapping[str, ValueRule]) -> Iterator[str]:
    for entry in entries:
        word = "left out" if entry.verdict == "rejected" else "could not be measured this time"
        yield f"  {word} by {entry.stage}: {', '.join(entry.reasons)}"
        failed = [finding for finding in entry.findings if finding.name in entry.reasons or not finding.passed]
        yield from (f"    {shown(finding)}" for finding in failed)
        if entry.verdict == "unmeasured":
            yield "  the same command again asks the model again"
        else:
            yield from _remedies(entry, failed, rules)


def _remedies(entry: LedgerEntry, failed: Sequence[Finding], rules: Mapping[str, ValueRule]) -> Iterator[str]:
    remedies = [remedy(entry.stage, finding, rules.get(finding.name)) for finding in failed]
    if remedies and all(remedies):
        yield f"  would have passed {entry.stage} with: {' '.join(filter(None, remedies))}"
    else:
        yield f"  no setting of {entry.stage} would have kept it"


def _exchanges(who: str, exchanges: Sequence[Exchange]) -> Iterator[str]:
    for index, exchange in enumerate(exchanges, 1):
        yield f"  request {index} of {who} to {exchange.model.name} ({exchange.request.id}):"
        for message in exchange.request.messages:
            yield from indented(f"    {message.role}: ", message.text)
        reply = exchange.reply
        yield from indented("    reply: ", reply.message if isinstance(reply, Failure) else reply.text)


def value_rules(run: RunDirectory) -> dict[str, ValueRule]:
    """The limits of filtering, by name."""
    described: Any = dict(run.summaries()).get("stage1_filtering", {}).get("rules", [])
    return {rule["name"]: ValueRule(**rule) for rule in described}
