"""What all checks say of each QA of a batch, the free ones first, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from dcvlr.protocols import Check, Remembering, Surveys
from dcvlr.records import Failure, Finding, Qa
from dcvlr.rundir.ledger import Ledger

_LOOKS, _ASKS, _COMPARES = "looks", "asks", "compares"  # each round sees what passed the one before
_PICTURE = 4
_SKIPPED = {
    _ASKS: Finding(name="", passed=True, reason="not asked: failed another check"),
    _COMPARES: Finding(name="", passed=True, reason="not compared: failed another check"),
}

Answers = list[dict[str, Finding | Failure]]
"""Of each QA what the checks say that it was shown to so far."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What each check, by its name in the config, says of one QA."""

    answers: Mapping[str, Finding | Failure]

    @cached_property
    def passed(self) -> bool:
        return all(isinstance(answer, Finding) and answer.passed for answer in self.answers.values())

    @property
    def refusals(self) -> tuple[str, ...]:
        """Checks that will say no however often they are asked."""
        return tuple(name for name, answer in self.answers.items() if _is_no(answer))

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(_named(name, answer) for name, answer in self.answers.items())

    @cached_property
    def flags(self) -> tuple[Finding, ...]:
        """Findings of checks that have something against the QA but let it pass."""
        return tuple(finding for finding in self.findings if is_flag(finding))

    def report(self, qa: Qa, ledger: Ledger) -> None:
        """Of a QA that did not pass: unmeasured where no check says no but one could not be asked this time."""
        if self.refusals:
            ledger.reject(qa, self.findings, reasons=self.refusals)
        else:
            failures = (one.kind for one in self.answers.values() if isinstance(one, Failure))
            ledger.unmeasured(qa, self.findings, reasons=list(dict.fromkeys(failures)))


def verdicts(checks: Mapping[str, Check], batch: Sequence[Qa], memo: Remembering) -> list[Verdict]:
    """Checks that ask a model see only what the free ones and the cheaper of their kind let through.

    Those that compare see only what all others let through.
    """
    return completed(checks, batch, looked_at(checks, batch, memo), memo)


def looked_at(checks: Mapping[str, Check], batch: Sequence[Qa], memo: Remembering) -> Answers:
    """What the checks say of each QA that only look: all of them see all."""
    answers: Answers = [{} for _ in batch]
    _ask(_LOOKS, checks, batch, answers, memo)
    return answers


def completed(checks: Mapping[str, Check], batch: Sequence[Qa], answers: Answers, memo: Remembering) -> list[Verdict]:
    """After those that only look, whose `answers` are added to, the others."""
    for name_of_round in (_ASKS, _COMPARES):
        _ask(name_of_round, checks, batch, answers, memo)
    return [Verdict(answers={name: row[name] for name in checks}) for row in answers]


def _ask(
    name_of_round: str, checks: Mapping[str, Check], batch: Sequence[Qa], answers: Answers, memo: Remembering
) -> None:
    good = [Verdict(answers=row).passed for row in answers]
    for name, check in sorted(checks.items(), key=lambda item: _cost(item[1])):
        if round_of(check) == name_of_round:
            if name_of_round == _ASKS:  # what one of them refuses pays no other
                good = [not Verdict(answers=row).refusals for row in answers]
            seen = [qa for qa, is_good in zip(batch, good, strict=True) if is_good]
            given = check(seen, memo)
            assert len(given) == len(seen), f"check {name} gave {len(given)} findings for {len(seen)} questions"
            findings = iter(given)
            for row, is_good in zip(answers, good, strict=True):
                row[name] = next(findings) if is_good else _SKIPPED[name_of_round]


def surveyed(check: Check, qas: Iterable[Qa]) -> Check:
    """The check among all QAs of a run, where it has to know them."""
    return check.among(qas) if isinstance(check, Surveys) else check


def round_of(check: Check) -> str:
    """Which round a check belongs to; see `dcvlr.protocols.Check`."""
    return next((kind for kind in (_COMPARES, _ASKS) if getattr(check, kind, False)), _LOOKS)


def _cost(check: Check) -> int:
    """What a check asks per question, in replies; one with a picture counts as `_PICTURE` without."""
    solver = getattr(check, "solver", check)
    samples: int = getattr(solver, "samples", 1)
    return samples * (1 if getattr(check, "is_blind", False) else _PICTURE)


def is_flag(finding: Finding) -> bool:
    return finding.passed and finding.value is not None and bool(finding.reason)


def _is_no(answer: Finding | Failure) -> bool:
    return answer.remembered if isinstance(answer, Failure) else not answer.passed


def _named(name: str, answer: Finding | Failure) -> Finding:
    """A finding under the check's name in the config, which may hold one check twice with other settings."""
    if isinstance(answer, Failure):
        return answer.as_finding(name)
    return answer if answer.name == name else replace(answer, name=name)
