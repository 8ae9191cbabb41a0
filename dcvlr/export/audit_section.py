"""The part of a card that says what people found who judged a sample of the questions."""

from __future__ import annotations

from dcvlr.export.markdown import code, table
from dcvlr.records import Audit

_HEADING = "## Audit"


def with_audit(card: str, audit: Audit | None) -> str:
    """The card with the audit in the place of an earlier one, else at its end."""
    if audit is None:
        return card
    before, _, rest = card.partition(f"\n{_HEADING}\n")
    _, following, after = rest.partition("\n## ")
    return f"{before.rstrip()}\n\n{audit_section(audit)}\n{following}{after}"


def audit_section(audit: Audit) -> str:
    """Markdown, with Wilson's 95 % intervals and the kappa of every two auditors."""
    rows = [("all", audit.overall), *((f"bin {row.name}", row) for row in audit.bins)]
    rows += [(row.name, row) for row in audit.kinds]
    shown = [(code(name), *map(str, (row.right, row.wrong, row.unclear)), *row.in_percent()) for name, row in rows]
    lines = [_HEADING, "People judged a seeded sample of the questions:"]
    lines.append(table(("questions", "right", "wrong", "unclear", "precision", "95 % interval"), shown))
    for pair in audit.agreements:
        kappa = "undefined" if pair.kappa is None else f"{pair.kappa:.2f}"
        lines.append(f"Two auditors agree on {pair.same} of {pair.both}, Cohen's kappa {kappa}.")
    return "\n\n".join(lines)
