"""What people who judged a sample of questions say of the data: precision, agreement with each other, and of checks."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Literal

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.records import Flagged, Qa, Record

AuditVerdict = Literal["right", "wrong", "unclear"]
_Z = 1.959963984540054  # of a 95 % interval


class AuditLine(Record, frozen=True):
    """One line of an audit file: what one person said of one question."""

    id: str
    verdict: AuditVerdict
    auditor: str


class Precision(Record, frozen=True):
    """Share of questions that were judged right among those judged right or wrong, with a 95 % Wilson interval."""

    name: str
    right: int
    wrong: int
    unclear: int
    share: float | None
    low: float | None
    high: float | None


class Agreement(Record, frozen=True):
    """Cohen's kappa of two people over the questions that both judged; None where chance alone would agree always."""

    auditors: tuple[str, str]
    both: int
    same: int
    kappa: float | None


class Audit(Record, frozen=True):
    overall: Precision
    bins: tuple[Precision, ...]
    kinds: tuple[Precision, ...]
    flagged: tuple[Precision, ...]  # by check that had something against the question and let it pass
    agreements: tuple[Agreement, ...]


def read_judgements(paths: Sequence[Path]) -> list[AuditLine]:
    """All lines of audit files. Raises `ConfigError` naming the file and line that is none."""
    decoder = msgspec.json.Decoder(AuditLine)
    judgements = []
    for path in paths:
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise ConfigError(f"{str(path)!r} cannot be read: {error.strerror}") from error
        for line_number, line in enumerate(lines, start=1):
            try:
                judgements.append(decoder.decode(line))
            except msgspec.DecodeError as error:
                raise ConfigError(
                    f"{path}:{line_number} is no line of an audit, as the report's audit form saves it: {error}"
                ) from error
    return judgements


def audit(judgements: Sequence[AuditLine], dataset: Iterable[Qa], flagged: Iterable[Flagged]) -> Audit:
    """Precision overall, per bin, kind and check, and the agreement of every two auditors.

    Several people's verdicts on one question count as theirs each. Raises `ConfigError` where none is of this dataset.
    """
    qas = {qa.id: qa for qa in dataset}
    known = [judgement for judgement in judgements if judgement.id in qas]
    if not known:
        raise ConfigError(f"none of {len(judgements)} judged questions is in this run's dataset: another run's file?")
    objections = {entry.id: {finding.name for finding in entry.findings} for entry in flagged}
    return Audit(
        overall=_precision("all", known),
        bins=_grouped(known, lambda judgement: [qas[judgement.id].bin]),
        kinds=_grouped(known, lambda judgement: [qas[judgement.id].generator]),
        flagged=_grouped(known, lambda judgement: sorted(objections.get(judgement.id, ()))),
        agreements=_agreements(known),
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927); `total` is above 0."""
    share, z2 = right / total, _Z * _Z
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return max(0.0, centre - half), min(1.0, centre + half)


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement of two beyond chance (Cohen, Educ. Psychol. Meas. 20, 1960); `pairs` are the verdicts of both."""
    observed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(first[verdict] * second[verdict] for verdict in first) / len(pairs) ** 2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def _precision(name: str, judgements: Iterable[AuditLine]) -> Precision:
    counts = Counter(judgement.verdict for judgement in judgements)
    right, decided = counts["right"], counts["right"] + counts["wrong"]
    low, high = wilson(right, decided) if decided else (None, None)
    return Precision(
        name=name,
        right=right,
        wrong=counts["wrong"],
        unclear=counts["unclear"],
        share=right / decided if decided else None,
        low=low,
        high=high,
    )


def _grouped(judgements: Iterable[AuditLine], names: Callable[[AuditLine], Sequence[str]]) -> tuple[Precision, ...]:
    groups: defaultdict[str, list[AuditLine]] = defaultdict(list)
    for judgement in judgements:
        for name in names(judgement):
            groups[name].append(judgement)
    return tuple(_precision(name, group) for name, group in sorted(groups.items()))


def _agreements(judgements: Iterable[AuditLine]) -> tuple[Agreement, ...]:
    by_auditor: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for judgement in judgements:
        by_auditor[judgement.auditor][judgement.id] = judgement.verdict
    return tuple(
        _agreement((one, other), by_auditor[one], by_auditor[other])
        for one, other in combinations(sorted(by_auditor), 2)
        if by_auditor[one].keys() & by_auditor[other].keys()
    )


def _agreement(auditors: tuple[str, str], one: Mapping[str, str], other: Mapping[str, str]) -> Agreement:
    pairs = [(one[item], other[item]) for item in sorted(one.keys() & other.keys())]
    same = sum(first == second for first, second in pairs)
    return Agreement(auditors=auditors, both=len(pairs), same=same, kappa=kappa(pairs))
