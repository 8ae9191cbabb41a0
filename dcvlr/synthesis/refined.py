"""Questions after the refinements that a run has chosen, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from dcvlr.protocols import Refinement, Remembering
from dcvlr.records import Failure, Finding, Qa, Questions, Scene


def refined(
    scenes: Sequence[Scene], written: Sequence[Questions], refinements: Iterable[Refinement], memo: Remembering
) -> Sequence[Questions]:
    """What a refinement drops is lost, what it could not ask about has failed."""
    for refinement in refinements:
        made = [(scene, qa) for scene, own in zip(scenes, written, strict=True) for qa in own.qas]
        outcomes = iter(refinement(made, memo))
        written = [_with(own, [next(outcomes) for _ in own.qas]) for own in written]
    return written


def _with(questions: Questions, outcomes: Sequence[Qa | Finding | Failure]) -> Questions:
    return replace(
        questions,
        qas=tuple(one for one in outcomes if isinstance(one, Qa)),
        lost=(*questions.lost, *(one for one in outcomes if isinstance(one, Finding))),
        failed=(*questions.failed, *(one for one in outcomes if isinstance(one, Failure))),
    )
