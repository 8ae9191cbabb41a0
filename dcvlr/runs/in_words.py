"""Findings, limits and long texts in words for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dcvlr.records import Finding, ValueRule

_LINES_SHOWN = 40
_ITEMS_SHOWN = 4
_LONGEST = 60  # characters of a value


def held(rule: ValueRule, value: float | None) -> str:
    """`nsfw score 0.2, at most 0.5: passed, 0.3 to spare`."""
    side = "at least" if rule.minimum else "at most"
    if value is None:
        return f"{rule.what}: not asked for, {side} {rule.threshold:g}"
    margin = (value - rule.threshold) if rule.minimum else (rule.threshold - value)
    verdict = f"passed, {margin:.4g} to spare" if margin >= 0 else f"FAILED by {-margin:.4g}"
    return f"{rule.what} {value:g}, {side} {rule.threshold:g}: {verdict}"


def criterion(finding: Finding) -> str:
    """A number that bins are decided on; not to be above its threshold is no fault of a picture."""
    verdict = "met" if finding.passed else "not met"
    return f"{finding.name} {finding.value}, threshold {finding.threshold}: {verdict}"


def shown(finding: Finding) -> str:
    value = "" if finding.value is None else f" {finding.value}"
    threshold = "" if finding.threshold is None else f" against {finding.threshold}"
    reason = f" ({finding.reason})" if finding.reason else ""
    return f"{finding.name}:{value}{threshold} {'passed' if finding.passed else 'FAILED'}{reason}"


def remedy(stage: str, finding: Finding, rule: ValueRule | None) -> str | None:
    """The override with which this finding would have passed; None where there is none."""
    if rule is not None:
        return f"{rule.key}={finding.value}"
    if stage == "filtering" and finding.name == "duplicate":
        return f"filtering.phash_threshold={finding.value or 'null'}"
    if (stage, finding.name) == ("binning", "balance"):
        return "bins_ratio=null"
    if (stage, finding.name) == ("binning", "clip_similarity"):
        return f"binning.clip_similarity_threshold={finding.value}"
    if stage == "validation":
        return "dataset_size=null" if finding.name == "dataset_size" else f"~validation.checks.{finding.name}"
    return None


def shortened(value: Any) -> str:
    """A setting's value on one line: of a long list the first few and how many there are, of a long text its start."""
    text = repr(value)
    if len(text) <= _LONGEST:
        return text
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) > _ITEMS_SHOWN:
        first = ", ".join(map(shortened, value[:_ITEMS_SHOWN]))
        return f"[{first}, … {len(value)} in all]"
    return f"{text[:_LONGEST]}…"


def indented(prefix: str, text: str) -> Iterator[str]:
    """`text` after `prefix`, further lines below its first; a very long one is cut, and that is said."""
    lines = text.splitlines() or [""]
    for index, line in enumerate(lines[:_LINES_SHOWN]):
        yield (prefix if index == 0 else " " * len(prefix)) + line
    if len(lines) > _LINES_SHOWN:
        yield f"{' ' * len(prefix)}… {len(lines) - _LINES_SHOWN} more lines"
