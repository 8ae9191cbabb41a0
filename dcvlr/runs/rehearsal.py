"""What a run would ask language models, if every question passed: its bodies are built, and none is sent."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dcvlr.identity import identity
from dcvlr.llm.estimate import Cost, PictureTokens, cost_of, total
from dcvlr.llm.solver import Solver, views_of
from dcvlr.memo.recall import Recall, carried_out
from dcvlr.metadata.gold import gold_questions
from dcvlr.pipeline import Plan
from dcvlr.protocols import Check
from dcvlr.records import BinnedImage, Qa
from dcvlr.records.requests import Reply, Request
from dcvlr.selection.stage import Selection
from dcvlr.synthesis.generator.gold import GoldReasoning, gold_answer
from dcvlr.synthesis.stage import Synthesis
from dcvlr.validation.stage import Validation
from dcvlr.validation.verdicts import round_of, surveyed

SAMPLE = 20  # pictures whose requests are built; those of the others are taken to cost as much
_THOUGHT = "This can be seen in the picture, and from it follows what comes next. " * 13  # about 230 tokens
_SLOT = re.compile(r"^Question (\d+):", re.MULTILINE)
_ID = re.compile(r"\b([TO]\d+): ")
_UNKNOWN = "it cannot be seen"


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """Costs of `pictures` of the `of` that are to be asked about, by who asks; `all` counts a prefix once over all."""

    pictures: int
    of: int
    questions: int
    costs: Mapping[str, Cost]
    all: Cost


@dataclass
class StandIn:
    """Signals as they are stored; requests are kept by who asks, and replied to as the best of models would."""

    recall: Recall
    answers: dict[str, str] = field(default_factory=dict)  # by question
    role: str = ""
    asked: defaultdict[str, list[tuple[Any, Request]]] = field(default_factory=lambda: defaultdict(list))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.recall, name)

    def generate(self, model: Any, requests: Sequence[Request]) -> dict[str, Reply]:
        different = {request.id: request for request in requests}
        self.asked[self.role] += [(model, request) for request in different.values()]
        return {request.id: Reply(text=self._reply(request)) for request in different.values()}

    def _reply(self, request: Request) -> str:
        asked = request.messages[-1].text
        if request.schema is not None:
            return json.dumps(_instance(json.loads(request.schema), "", request, 1))
        if "\\boxed" in asked:
            known = max((question for question in self.answers if question in asked), key=len, default="")
            return f"{_THOUGHT}\n\\boxed{{{self.answers.get(known, _UNKNOWN)}}}"
        return "\n".join(f"Question {number}\n{_THOUGHT}" for number in _SLOT.findall(asked) or [1])


Asker = Callable[[Sequence[Qa], StandIn], object]


def rehearse(plan: Plan, records: Sequence[BinnedImage], recall: Recall) -> Rehearsal | None:
    """None where no language model is asked, or nothing that it could be asked about is measured."""
    step = max(1, -(-len(records) // SAMPLE))
    sample, memo = records[::step], StandIn(recall)
    qas = list[Qa]()
    for stage in plan.stages.values():
        if isinstance(stage, Synthesis):
            qas = _written(stage, sample, memo)
            memo.answers.update((qa.question, qa.answer) for qa in qas)
        for role, ask in _askers(stage):
            memo.role = role
            ask(qas, memo)
    if not memo.asked:
        return None
    pictures = PictureTokens()
    costs = {role: _cost(asked, pictures) for role, asked in memo.asked.items()}
    together = _cost([one for asked in memo.asked.values() for one in asked], pictures)
    return Rehearsal(pictures=len(sample), of=len(records), questions=len(qas), costs=costs, all=together)


def _written(stage: Synthesis, records: Sequence[BinnedImage], memo: StandIn) -> list[Qa]:
    memo.role = "synthesis"
    if isinstance(stage.generator, GoldReasoning):  # no other writer reads what lies beside the pictures
        golds = gold_questions([record.image for record in records])
        memo.answers.update((gold.question, gold_answer(gold) or gold.answer) for own in golds.values() for gold in own)
    return carried_out(stage, records, memo)[0]


def _askers(stage: Any) -> Iterator[tuple[str, Asker]]:
    """Who asks in a stage after the questions were written, each about all of them."""
    if isinstance(stage, Validation):
        for name, check in stage.checks.items():
            if round_of(check) == "asks":
                yield f"validation.{name}", _checked(check)
    if isinstance(stage, Selection):
        shown = {"student": True, "teacher": True, "blind": False}
        for name, is_shown in shown.items():
            if (solver := getattr(stage, name)) is not None:
                yield f"selection.{name}", _solved(solver, is_shown)


def _checked(check: Check) -> Asker:
    return lambda qas, memo: surveyed(check, qas)(qas, memo)


def _solved(solver: Solver, is_shown: bool) -> Asker:
    def ask(qas: Sequence[Qa], memo: StandIn) -> object:
        return solver.shares([(qa, views_of(qa) if is_shown else ()) for qa in qas], memo)

    return ask


def _cost(asked: Sequence[tuple[Any, Request]], pictures: PictureTokens) -> Cost:
    by_model: defaultdict[str, list[Request]] = defaultdict(list)
    models = {}
    for model, request in asked:
        key = identity(model)
        models[key] = model
        by_model[key].append(request)
    return total([cost_of(models[key], requests, pictures) for key, requests in by_model.items()])


def _instance(schema: Mapping[str, Any], name: str, request: Request, number: int) -> Any:
    """A value that the schema allows, and that reads as a question, or as the best verdict of a judge."""
    if schema["type"] == "object":
        return {key: _instance(of, key, request, number) for key, of in schema["properties"].items()}
    if name == "evidence":
        first = _ID.search("\n".join(message.text for message in request.messages))
        return [first[1]] if first else ["picture" if request.views else "C"]
    if name == "options":
        return ["7", "5", "6", "8"]
    if schema["type"] == "array":
        count = schema["maxItems"] if name == "questions" else 3
        return [_instance(schema["items"], name, request, index) for index in range(1, count + 1)]
    if schema["type"] == "integer":
        return max(schema["enum"]) if "enum" in schema else number
    if name == "question":
        return f"How many of these things {request.id[:8]} can be seen at place {number} of the picture?"
    return "7" if name == "answer" else f"In place {number} of the picture there are 7 of these things to be seen."
