"""What an audit needs of a run beyond its files, and where it is written down."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from dcvlr.errors import DcvlrError
from dcvlr.export.card import CARD
from dcvlr.export.markdown import code, table
from dcvlr.records import Qa
from dcvlr.report.audit import Audit, Precision
from dcvlr.rundir.files import atomic_write
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.replay import Replay

log = logging.getLogger(__name__)

_HEADING = "## Audit"


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
    """Put the audit in the place of an earlier one into the card of every export; these cards."""
    cards = sorted(run_dir.glob(f"export/*/{CARD}"))
    for card in cards:
        text = card.read_text(encoding="utf-8").partition(f"\n{_HEADING}\n")
        _, following, after = text[2].partition("\n## ")
        with atomic_write(card) as file:
            file.write(f"{text[0].rstrip()}\n\n{audit_section(audit)}\n{following}{after}".encode())
    return cards


def audit_section(audit: Audit) -> str:
    """Markdown, with Wilson's 95 % intervals and the kappa of every two auditors."""
    rows = [("all", audit.overall), *((f"bin {row.name}", row) for row in audit.bins)]
    rows += [(row.name, row) for row in audit.kinds]
    shown = [(code(name), *_cells(row)) for name, row in rows]
    lines = [_HEADING, "People judged a seeded sample of the questions:"]
    lines.append(table(("questions", "right", "wrong", "unclear", "precision", "95 % interval"), shown))
    for pair in audit.agreements:
        kappa = "undefined" if pair.kappa is None else f"{pair.kappa:.2f}"
        lines.append(f"Two auditors agree on {pair.same} of {pair.both}, Cohen's kappa {kappa}.")
    return "\n\n".join(lines)


def _cells(row: Precision) -> tuple[str, ...]:
    share = "–" if row.share is None else f"{100 * row.share:.1f} %"
    ends = "–" if row.low is None or row.high is None else f"{100 * row.low:.1f} to {100 * row.high:.1f} %"
    return (str(row.right), str(row.wrong), str(row.unclear), share, ends)
