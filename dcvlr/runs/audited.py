"""What an audit needs of a run beyond its files, and where it is written down."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from dcvlr.errors import DcvlrError
from dcvlr.export.audit_section import with_audit
from dcvlr.export.card import CARD
from dcvlr.records import Audit, Qa
from dcvlr.rundir.files import atomic_write
from dcvlr.rundir.manifest import digests_anew
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.replay import Replay

log = logging.getLogger(__name__)


def check_values(run: RunDirectory, qas: Iterable[Qa]) -> dict[str, dict[str, float]]:
    """The value of every check that gives a number, by question, from what is stored; no model is asked.

    Empty, with a warning, where the checks cannot be built from the run's kept config.
    """
    replay = Replay(run)
    try:
        return {qa.id: dict(_numbers(replay, qa)) for qa in qas}
    except (DcvlrError, OSError) as error:
        log.warning("checks are not held against the audit: %s", error)
        return {}


def _numbers(replay: Replay, qa: Qa) -> Iterator[tuple[str, float]]:
    findings, _ = replay.checked(qa)
    for finding in findings:
        if isinstance(finding.value, int | float):
            yield finding.name, float(finding.value)


def write_into_cards(run_dir: Path, audit: Audit) -> list[Path]:
    """Put the audit into the card of every export, and the cards' new digests into the manifest; these cards."""
    cards = sorted(run_dir.glob(f"export/*/{CARD}"))
    for card in cards:
        text = with_audit(card.read_text(encoding="utf-8"), audit)
        with atomic_write(card) as file:
            file.write(text.encode())
    digests_anew(run_dir, cards)
    return cards
