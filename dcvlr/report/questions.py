"""Questions as a page shows them: a seeded sample of those in the dataset, and of those that were left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from dcvlr.records import Finding, Flagged, LedgerEntry, Qa
from dcvlr.report.thumbnails import LARGE_PX, Thumbnails
from dcvlr.rundir.record_list import Subsequence
from dcvlr.sampling import sampled, seeded

SHOWN = 240
"""Questions of each kind, kept and left out, that a page shows."""
AUDITED, AUDITED_OTHERS = 50, 20
"""Questions of the audit form: of the dataset, and of those that were left out, to see whether that was right."""
PICTURES = 96
"""Pictures that are embedded large enough to draw evidence on."""


def question_cards(
    dataset: Sequence[Qa], entries: Sequence[LedgerEntry], flagged: Iterable[Flagged], thumbnails: Thumbnails
) -> dict[str, Any]:
    """A card a question, those of one picture together, so that few pictures carry many questions."""
    rows = (row for row, entry in enumerate(entries) if entry.kind == "qa" and entry.record is not None)
    left_out = Subsequence(entries, rows)
    flags = {entry.id: entry.findings for entry in flagged}
    kept = [_card(qa, flags.get(qa.id, ()), "kept") for qa in sampled(dataset, SHOWN, "questions")]
    not_kept = sampled(left_out, SHOWN, "left out")
    others = [_card(e.record, e.findings, e.verdict) for e in not_kept if e.record is not None]
    cards, audited = [*kept, *others], _audited(kept, others)
    pictures: dict[str, dict[str, Any] | None] = {}
    for card in (*audited, *cards):
        if "images" not in card:
            continue
        images = card.pop("images")
        for image in images:
            if image.id not in pictures and len(pictures) < PICTURES:
                pictures[image.id] = thumbnails.of(image, LARGE_PX)
        card["pictures"] = [image.id if pictures.get(image.id) else None for image in images]
    return {"pictures": pictures, "cards": cards, "audited": [card["id"] for card in audited]}


def _audited(kept: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that the audit form asks about, mixed, so that nobody sees which of them were left out."""
    draw = seeded(0, "audit")
    chosen = draw.sample(kept, min(AUDITED, len(kept))) + draw.sample(others, min(AUDITED_OTHERS, len(others)))
    return draw.sample(chosen, len(chosen))


def answer_priors(dataset: Iterable[Qa]) -> list[dict[str, Any]]:
    """How often the commonest answer of each kind of question is right: what a guess without a picture would get."""
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for qa in dataset:
        answers[qa.generator][qa.answer] += 1
    return [
        {
            "kind": kind,
            "count": counts.total(),
            "answer": counts.most_common(1)[0][0],
            "share": counts.most_common(1)[0][1] / counts.total(),
        }
        for kind, counts in sorted(answers.items())
    ]


def _card(qa: Qa, findings: Sequence[Finding], verdict: str) -> dict[str, Any]:
    return {
        "id": qa.id,
        "images": qa.pictures,
        "paths": [image.path for image in qa.pictures],
        "bin": qa.bin,
        "kind": qa.generator,
        "verdict": verdict,
        "question": qa.question,
        "options": list(qa.options or ()),
        "answer": qa.answer,
        "reasoning": qa.reasoning,
        "rationale": getattr(qa, "rationale", None),
        "difficulty": getattr(qa, "difficulty", None),
        "evidence": [
            {"ref": e.ref, "kind": e.kind, "box": e.box, "text": e.text, "picture": e.picture} for e in qa.evidence
        ],
        "findings": [{"name": f.name, "passed": f.passed, "reason": f.reason, "value": f.value} for f in findings],
    }
