"""The answer that most of several solves agree on, in place of the writer's; without a majority the question goes.

Self-consistency, https://arxiv.org/abs/2203.11171.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from dcvlr.llm.solver import Solver, given_answer, posed, require_sight
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, Qa, Scene
from dcvlr.records.requests import Reply
from dcvlr.settings import checked
from dcvlr.synthesis.origin import question_id
from dcvlr.text.answers import agree
from dcvlr.text.steps import numbered_steps


@dataclass(frozen=True, kw_only=True)
@checked
class SelfConsistency:
    """Of each question more than `min_share` of the replies must give one answer.

    Where it is not the writer's, it and the steps of the first reply with it take their place. Gold and computed
    questions are not asked.
    """

    name: ClassVar[str] = "self_consistency"

    solver: Solver
    min_share: Annotated[float, Meta(ge=0.5, lt=1)]

    def check_ready(self) -> None:
        require_sight(f"synthesis.refinements.{self.name}.solver.llm", self.solver.llm)

    def __call__(self, made: Sequence[tuple[Scene, Qa]], memo: Remembering) -> list[Qa | Finding | Failure]:
        asked = [qa for _, qa in made if qa.asked_for is not None]
        replies = iter(self.solver.replies(posed(asked), memo))
        return [qa if qa.asked_for is None else self._settled(qa, next(replies)) for _, qa in made]

    def _settled(self, qa: Qa, replies: Sequence[Reply | Failure]) -> Qa | Finding | Failure:
        failures = [reply for reply in replies if isinstance(reply, Failure)]
        if failures:
            return failures[0]
        answered = [
            (answer, reply) for reply in replies if isinstance(reply, Reply) and (answer := given_answer(reply))
        ]
        alike = [[other for other in answered if self._agree(qa, other[0], one[0])] for one in answered]
        most = max(alike, key=len, default=[])
        if len(most) <= self.min_share * len(replies):
            return self._dropped(qa, len(most), len(replies), "no answer has a majority")
        if self._agree(qa, most[0][0], qa.answer):
            return qa
        return self._changed(qa, most) or self._dropped(qa, len(most), len(replies), "the majority gives no steps")

    def _agree(self, qa: Qa, one: str, other: str) -> bool:
        return agree(one, other, qa.options, tolerance=self.solver.tolerance)

    def _changed(self, qa: Qa, most: Sequence[tuple[str, Reply]]) -> Qa | None:
        answer = most[0][0]
        if qa.options is not None:
            answer = next((option for option in qa.options if self._agree(qa, answer, option)), "")
        steps = next((steps for _, reply in most if (steps := numbered_steps(reply.text))), "")
        if not answer or not steps:
            return None
        return msgspec.structs.replace(
            qa,
            id=question_id(qa.pictures, qa.question, qa.options, answer),
            answer=answer,
            reasoning=steps,
            rationale=None,
            refined=(*qa.refined, self.name),
        )

    def _dropped(self, qa: Qa, agreeing: int, total: int, why: str) -> Finding:
        reason = f"{why}: {agreeing} of {total} replies to {qa.question!r} agree"
        return Finding(name=self.name, passed=False, value=agreeing, threshold=self.min_share, reason=reason)
