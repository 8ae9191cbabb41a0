"""Computed questions in the words of a model: numbers, names, options and answer stay, or the computed words do."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from dcvlr.errors import require_package
from dcvlr.llm.prompting import fill, require_placeholders
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import Failure, Finding, Qa, Scene
from dcvlr.records.requests import Message, Reply, Request, Sampling, request
from dcvlr.sampling import seeded
from dcvlr.settings import Count, Temperature, TopP, checked
from dcvlr.synthesis.origin import question_id
from dcvlr.synthesis.scene.roles import role_of
from dcvlr.text.json_objects import first_object, object_schema
from dcvlr.text.steps import numbered

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_CITED = re.compile(r"\[[^\[\]]+\]")
_SCHEMA = json.dumps(
    object_schema({"question": {"type": "string"}, "steps": {"type": "array", "items": {"type": "string"}}})
)


@dataclass(frozen=True, kw_only=True)
@checked
class Rephrase:
    """The question and each step in a model's words; `program`, options, answer and evidence are untouched.

    Kept where the question names the same numbers and rows as before, has words of the same `senses` (more is not less)
    and does not say the answer, and each step has the numbers, rows and citations that it had. Else the computed words
    stay, also where the model fails. They stand in `computed_question`, which the proof holds against the program.
    Only computed questions are asked about.
    """

    name: ClassVar[str] = "rephrase"

    llm: LanguageModel
    prompt: str
    temperature: Temperature
    top_p: TopP
    max_tokens: Count
    max_growth: Annotated[float, Meta(ge=1, le=10)]
    senses: Mapping[str, list[str]]
    seed: int

    def __post_init__(self) -> None:
        require_placeholders("prompt", self.prompt, "qa")

    def check_ready(self) -> None:
        require_package("json_repair", extra="llm", owner="synthesis/refinements=rephrase")
        self.llm.check_ready()

    def __call__(self, made: Sequence[tuple[Scene, Qa]], memo: Remembering) -> list[Qa | Finding | Failure]:
        requests = {qa.id: self._request(qa) for _, qa in made if qa.program is not None}
        replies = memo.generate(self.llm, list(requests.values())) if requests else {}
        outcomes: list[Qa | Finding | Failure] = []
        for scene, qa in made:
            reply = replies[requests[qa.id].id] if qa.id in requests else None
            outcomes.append(self._reworded(scene, qa, reply) if isinstance(reply, Reply) else qa)
        changed = sum(isinstance(one, Qa) and self.name in one.refined for one in outcomes)
        log.info("rephrase: %d of %d computed questions are in a model's words", changed, len(requests))
        return outcomes

    def _request(self, qa: Qa) -> Request:
        steps = [_without_number(line) for line in qa.reasoning.splitlines()]
        data = json.dumps({"question": qa.question, "steps": steps}, ensure_ascii=False).replace("<", "\\u003c")
        sampling = Sampling(temperature=self.temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        seed = seeded(self.seed, qa.id, self.name).getrandbits(31)
        message = Message(role="user", text=fill(self.prompt, {"qa": data}))
        return request([message], sampling=sampling, seed=seed, schema=_SCHEMA)

    def _reworded(self, scene: Scene, qa: Qa, reply: Reply) -> Qa:
        """The question in new words; as it was where the reply changes anything else."""
        found = first_object(reply.text, field="steps") if reply.is_whole else None
        question, steps = (
            (found.value.get("question"), found.value.get("steps")) if found and not found.is_cut else (None, None)
        )
        if not isinstance(question, str) or not isinstance(steps, list) or not all(isinstance(s, str) for s in steps):
            return qa
        question, steps = " ".join(question.split()), [" ".join(step.split()) for step in steps]
        names = names_in(qa, scene)
        if not self._is_same(qa, question, names) or not same_steps(qa, steps, names, self.max_growth):
            return qa
        return msgspec.structs.replace(
            qa,
            id=question_id(qa.pictures, question, qa.options, qa.answer),
            question=question,
            reasoning=numbered(steps),
            computed_question=qa.question,
            refined=(*qa.refined, self.name),
        )

    def _is_same(self, qa: Qa, question: str, names: set[str]) -> bool:
        """Whether it asks for no other numbers or rows, in no other sense, and gives nothing away."""
        return (
            question.endswith("?")
            and len(question) <= self.max_growth * len(qa.question)
            and _numbers(question) == _numbers(qa.question)
            and _named(question, names) == _named(qa.question, names)
            and senses_of(question, names, self.senses) == senses_of(qa.question, names, self.senses)
            and (_stands_in(qa.answer, qa.question) or not _stands_in(qa.answer, question))
        )


def same_steps(qa: Qa, steps: Sequence[str], names: set[str], max_growth: float) -> bool:
    """Whether each step has the numbers, citations and rows that it had."""
    before = [_without_number(line) for line in qa.reasoning.splitlines()]
    return len(before) == len(steps) and all(
        _numbers(_CITED.sub("", old)) == _numbers(_CITED.sub("", new))
        and Counter(_CITED.findall(old)) == Counter(_CITED.findall(new))
        and _named(old, names) == _named(new, names)
        and 0 < len(new) <= max_growth * len(old)
        for old, new in zip(before, steps, strict=True)
    )


def names_in(qa: Qa, scene: Scene) -> set[str]:
    """What rows, options and pictures are called: texts of the picture, of evidence and options that are words.

    What a bill says of its sums is no name: anybody may speak of a total.
    """
    texts = [one.text for one in qa.evidence] + [line.text for line in (scene.text.lines if scene.text else ())]
    names = {text.strip(" :") for text in texts} | set(qa.options or ())
    return {text for text in names if sum(map(str.isalpha, text)) >= 3 and role_of(text) is None}


def _named(text: str, names: set[str]) -> set[str]:
    return {name for name in names if _stands_in(name, text)}


def senses_of(text: str, names: set[str], senses: Mapping[str, list[str]]) -> set[str]:
    """Which senses the text has a word of, names of rows left aside."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return {sense for sense, words in senses.items() if any(_stands_in(word, text) for word in words)}


def _stands_in(text: str, whole: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", whole, re.IGNORECASE) is not None


def _numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(text))


def _without_number(line: str) -> str:
    return re.sub(r"^\d+\. ", "", line)
