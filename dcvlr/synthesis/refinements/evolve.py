"""Questions that a student always solves, rewritten harder and kept so only if they still verify.

Evol-Instruct, https://arxiv.org/abs/2304.12244, held to a verifier.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import ClassVar

import msgspec

from dcvlr.errors import require_package
from dcvlr.llm.prompting import fill, require_placeholders
from dcvlr.llm.solver import Share, Solver, posed, require_sight, views_of
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import AskedFor, Failure, Finding, Qa, Scene
from dcvlr.records.requests import Message, Reply, Request, Sampling, request
from dcvlr.sampling import seeded
from dcvlr.settings import Count, Fraction, Temperature, TopP, checked
from dcvlr.synthesis.origin import question_id
from dcvlr.synthesis.replies import Written, read_all, schema
from dcvlr.synthesis.slots import Slot
from dcvlr.text.letters import shuffled_options
from dcvlr.text.steps import numbered

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class Evolve:
    """A question that all replies of `student` solve is rewritten by `llm`. The harder one takes its place where at
    least `min_agreement` of the replies of `verifier` agree with its answer and not all of the student's do; else the
    question stays as it was. Gold and computed questions stay.
    """

    name: ClassVar[str] = "evolve"

    llm: LanguageModel
    student: Solver
    verifier: Solver
    min_agreement: Fraction
    prompt: str
    temperature: Temperature
    top_p: TopP
    max_tokens: Count
    max_lines: Count
    seed: int

    def __post_init__(self) -> None:
        require_placeholders("prompt", self.prompt, "qa", "fields")

    def check_ready(self) -> None:
        require_package("json_repair", extra="llm", owner="synthesis/refinements=evolve")
        for key, llm in (("llm", self.llm), ("student.llm", self.student.llm), ("verifier.llm", self.verifier.llm)):
            require_sight(f"synthesis.refinements.{self.name}.{key}", llm)

    def __call__(self, made: Sequence[tuple[Scene, Qa]], memo: Remembering) -> list[Qa | Finding | Failure]:
        outcomes: list[Qa | Finding | Failure] = [qa for _, qa in made]
        written = [index for index, (_, qa) in enumerate(made) if qa.asked_for is not None and not qa.images]
        solved = self.student.shares(posed(made[index][1] for index in written), memo)
        easy = [index for index, share in zip(written, solved, strict=True) if _always(share)]
        harder = self._rewritten([made[index] for index in easy], memo)
        changed = {index: qa for index, qa in zip(easy, harder, strict=True) if qa is not None}
        kept = self._verified(list(changed.values()), memo)
        for (index, qa), is_kept in zip(changed.items(), kept, strict=True):
            outcomes[index] = qa if is_kept else outcomes[index]
        log.info(
            "evolve: of %d questions the student always solves %d, %d were rewritten, %d verified harder",
            *(len(written), len(easy), len(changed), sum(kept)),
        )
        return outcomes

    def _verified(self, qas: Sequence[Qa], memo: Remembering) -> list[bool]:
        agreeing = self.verifier.shares(posed(qas), memo)
        right = [isinstance(share, Share) and share.value >= self.min_agreement for share in agreeing]
        again = iter(self.student.shares(posed(compress(qas, right)), memo))
        return [is_right and isinstance(share := next(again), Share) and not _always(share) for is_right in right]

    def _rewritten(self, easy: Sequence[tuple[Scene, Qa]], memo: Remembering) -> list[Qa | None]:
        if not easy:
            return []
        requests = [self._request(qa) for _, qa in easy]
        replies = memo.generate(self.llm, requests)
        return [self._read(scene, qa, replies[one.id]) for (scene, qa), one in zip(easy, requests, strict=True)]

    def _request(self, qa: Qa) -> Request:
        written = {"question": qa.question, "options": qa.options, "answer": qa.answer, "steps": qa.reasoning}
        evidence = [{"id": item.ref, "text": item.text} for item in qa.evidence]
        data = json.dumps(written | {"evidence": evidence}, ensure_ascii=False).replace("<", "\\u003c")
        fields = ", ".join(json.loads(schema([_slot(qa)]))["required"])
        text = fill(self.prompt, {"qa": data, "fields": fields})
        sampling = Sampling(temperature=self.temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        seed = seeded(self.seed, qa.id, self.name).getrandbits(31)
        messages = [Message(role="user", text=text)]
        return request(messages, views_of(qa), sampling=sampling, seed=seed, schema=schema([_slot(qa)]))

    def _read(self, scene: Scene, qa: Qa, reply: Reply | Failure) -> Qa | None:
        """None for what is no question; the one before stays."""
        if isinstance(reply, Failure) or not reply.is_whole:
            return None
        replied = read_all(reply.text, [scene], [_slot(qa)], max_lines=self.max_lines, seen=True)
        found = replied.found[_slot(qa).number]
        if not isinstance(found, Written):
            return None
        options, permutation = shuffled_options(found.options, seeded(self.seed, qa.image_id, found.question))
        return msgspec.structs.replace(
            qa,
            id=question_id(qa.pictures, found.question, options, found.answer),
            question=found.question,
            options=options,
            answer=found.answer,
            reasoning=numbered(found.steps),
            evidence=found.evidence,
            permutation=permutation,
            repaired=found.repaired,
            rationale=None,
            refined=(*qa.refined, self.name),
        )


def _always(share: Share | Failure) -> bool:
    return isinstance(share, Share) and share.agreeing == share.total


def _slot(qa: Qa) -> Slot:
    kind = qa.asked_for or AskedFor(number=1, answer_type="short_text", difficulty="hard", style="")
    return Slot(
        number=kind.number,
        total=kind.number,
        answer_type=kind.answer_type,
        difficulty="hard",
        style=kind.style,
        template=0,
        seed=0,
    )
