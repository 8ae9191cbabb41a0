"""Of several candidates for one question, all of which passed, the best stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dcvlr.records import Finding, Qa
from dcvlr.validation.verdicts import Verdict

_SCORES = ("solve", "judge")  # checks whose value says how good a question is, the more telling one first


def outdone(qas: Sequence[Qa], verdicts: Sequence[Verdict]) -> Mapping[str, Finding]:
    """Why each question goes that is not the best of its candidates, by id.

    The best has the highest agreement in `solve`, then the highest score of `judge`, then the fewest flags; of equals
    it is the first. Questions of one picture follow each other.
    """
    groups: defaultdict[tuple[str, int], list[tuple[Qa, Verdict]]] = defaultdict(list)
    for qa, verdict in zip(qas, verdicts, strict=True):
        if verdict.passed and qa.asked_for is not None:
            groups[qa.image_id, qa.asked_for.number].append((qa, verdict))
    found = {}
    for group in groups.values():
        best, _ = max(group, key=lambda one: _merits(one[1]))
        for qa, _ in group:
            if qa is not best:
                reason = f"another candidate for it is at least as good: {best.question!r}"
                found[qa.id] = Finding(name="candidates", passed=False, value=best.id, reason=reason)
    return found


def _merits(verdict: Verdict) -> tuple[float, ...]:
    scores = (getattr(verdict.answers.get(name), "value", None) for name in _SCORES)
    return (*(score if isinstance(score, int | float) else 0.0 for score in scores), -len(verdict.flags))
