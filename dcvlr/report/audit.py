"""What people who judged a sample of questions say of the data: precision, agreement with each other, and of checks."""

from __future__ import annotations

import logging
import math
from codecs import BOM_UTF8
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Literal

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.records import Agreement, Audit, Calibration, Flagged, LedgerEntry, Precision, Qa, Record

log = logging.getLogger(__name__)

AuditVerdict = Literal["right", "wrong", "unclear"]
_GROUPS = 4
_Z = 1.959963984540054  # of a 95 % interval


class AuditLine(Record, frozen=True):
    """One line of an audit file: what one person said of one question."""

    id: str
    verdict: AuditVerdict
    auditor: str


def read_judgements(paths: Sequence[Path]) -> list[AuditLine]:
    """All lines of audit files. Raises `ConfigError` naming the file and line that is none."""
    decoder = msgspec.json.Decoder(AuditLine)
    judgements = []
    for path in paths:
        try:
            lines = path.read_bytes().removeprefix(BOM_UTF8).splitlines()
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


def audit(
    judgements: Sequence[AuditLine],
    dataset: Iterable[Qa],
    flagged: Iterable[Flagged],
    left_out: Iterable[LedgerEntry] = (),
    values: Mapping[str, Mapping[str, float]] | None = None,
) -> Audit:
    """Precision overall, per bin, kind and check, what checks foresaw, and the agreement of every two auditors.

    `values` are those of the checks by question. Several people's verdicts on one question count as theirs each, of one
    person's the last alone, as of a file that was saved twice. Raises `ConfigError` where none is of this run.
    """
    last = {(judgement.auditor, judgement.id): judgement for judgement in judgements}
    if len(last) < len(judgements):
        log.warning(
            "%d verdicts are followed by another of the same auditor's name on the same question: the last counts",
            len(judgements) - len(last),
        )
    judgements = list(last.values())
    qas = {qa.id: qa for qa in dataset}
    refusals = {entry.id: entry.reasons for entry in left_out if entry.record is not None}
    known = [judgement for judgement in judgements if judgement.id in qas]
    refused = [judgement for judgement in judgements if judgement.id in refusals]
    if not known and not refused:
        raise ConfigError(f"none of {len(judgements)} judged questions is in this run's dataset: another run's file?")
    objections = {entry.id: {finding.name for finding in entry.findings} for entry in flagged}
    return Audit(
        overall=_precision("all", known),
        bins=_grouped(known, lambda judgement: [qas[judgement.id].bin]),
        kinds=_grouped(known, lambda judgement: [qas[judgement.id].generator]),
        flagged=_grouped(known, lambda judgement: sorted(objections.get(judgement.id, ()))),
        refused=_grouped(refused, lambda judgement: sorted(refusals[judgement.id])),
        calibration=tuple(_calibrations([*known, *refused], values or {})),
        agreements=_agreements([*known, *refused]),
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


def _calibrations(judgements: Sequence[AuditLine], values: Mapping[str, Mapping[str, float]]) -> Iterator[Calibration]:
    """One for every check whose value is not the same for all questions that were judged right or wrong."""
    by_check: defaultdict[str, list[tuple[float, AuditLine]]] = defaultdict(list)
    for judgement in judgements:
        for name, value in values.get(judgement.id, {}).items():
            if judgement.verdict != "unclear":
                by_check[name].append((value, judgement))
    for name, pairs in sorted(by_check.items()):
        if len({value for value, _ in pairs}) > 1:
            pairs.sort(key=lambda pair: (pair[0], pair[1].id))
            scores = {word: [value for value, line in pairs if line.verdict == word] for word in ("right", "wrong")}
            yield Calibration(name=name, auc=auc(scores["right"], scores["wrong"]), groups=tuple(_groups(pairs)))


def auc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """Area under the ROC curve (Hanley and McNeil, Radiology 143, 1982); None where one of both is empty."""
    if not right or not wrong:
        return None
    wins = sum((one > other) + (one == other) / 2 for one in right for other in wrong)
    return wins / (len(right) * len(wrong))


def _groups(pairs: Sequence[tuple[float, AuditLine]]) -> Iterator[Precision]:
    """About equally many each, equal values in one."""
    size, start = max(1, -(-len(pairs) // _GROUPS)), 0
    while start < len(pairs):
        end = min(start + size, len(pairs))
        while end < len(pairs) and pairs[end][0] == pairs[end - 1][0]:
            end += 1
        low, high = pairs[start][0], pairs[end - 1][0]
        name = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        yield _precision(name, [line for _, line in pairs[start:end]])
        start = end


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
