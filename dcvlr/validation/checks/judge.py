"""Questions scored by a rubric, by a model that did not write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from dcvlr.errors import ConfigError, require_package
from dcvlr.llm.prompting import fill, require_placeholders
from dcvlr.llm.solver import require_sight, views_of
from dcvlr.protocols import LanguageModel, QuestionWriter, Remembering
from dcvlr.records import Failure, Finding, Qa
from dcvlr.records.requests import Message, Reply, Request, Sampling, request
from dcvlr.settings import Count, SettingError, Temperature, TopP, checked
from dcvlr.text.json_objects import all_objects, object_schema
from dcvlr.text.thinking import without_thoughts

SCORES = (1, 2, 3, 4, 5)
_WRITTEN = re.compile(r"\s*([1-5])(?:\.0+)?(?:\s*(?:/|out of)\s*5)?\s*")
_LONGEST_REASON = 300  # characters
_KEY = "validation.checks.judge"
_WRITER = re.compile(r"[^:/]+:(.+)/[^/]+", re.DOTALL)  # <writer>:<model family>/<mode>
_LONGEST_EVIDENCE = 2_000  # characters of one item; the text of a whole page would drown the question
_LONGEST_ECHO = 4_000  # characters of a bad reply that are sent back


@dataclass(frozen=True, kw_only=True)
@checked
class Judge:
    """Every one of `criteria` (what it is called: what it means) needs a score of at least `min_score`, of 1 to 5.

    A reply without all scores is sent back once with what is wrong; a second one rejects the question: the same
    judge would say the same again. A model judges its own family kindly, so unless `allow_same_family` it may not be
    of the family of `generator`, nor of the one a question says it was written by. Raises `ConfigError` for that
    before anything is asked, and for settings out of range.
    """

    name: ClassVar[str] = "judge"
    asks: ClassVar[bool] = True

    llm: LanguageModel
    generator: QuestionWriter | None
    allow_same_family: bool
    show_picture: bool
    criteria: dict[str, str]
    min_score: Annotated[int, Meta(ge=1, le=5)]
    temperature: Temperature
    top_p: TopP
    max_tokens: Count
    prompt: str
    correction: str
    seed: int

    def __post_init__(self) -> None:
        require_placeholders("prompt", self.prompt, "criteria", "qa")
        require_placeholders("correction", self.correction, "problem")
        if not self.criteria:
            raise SettingError("criteria", self.criteria, "at least one name with what it means is needed")

    def check_ready(self) -> None:
        require_package("json_repair", extra="llm", owner="validation/checks=judge")
        for family in _families_inside(self.generator):
            self._require_other(family)
        if self.show_picture:
            require_sight(f"{_KEY}.llm", self.llm)

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        for family in dict.fromkeys(family_of_writer(qa) for qa in qas):
            self._require_other(family)
        found = self._judgements(qas, [self._first(qa) for qa in qas], memo)
        return [self._verdict(judged) for judged in found]

    def _require_other(self, family: str | None) -> None:
        if family is None or self.allow_same_family or family.casefold() != self.llm.family.casefold():
            return
        raise ConfigError(
            f"{_KEY}.llm is of the family {self.llm.family!r}, and so is the model that wrote the questions "
            f"({family!r}): judge with another family, or set {_KEY}.allow_same_family=true"
        )

    def _first(self, qa: Qa) -> tuple[Message, ...]:
        meanings = "\n".join(f"- {name}: {' '.join(meaning.split())}" for name, meaning in self.criteria.items())
        return (Message(role="user", text=fill(self.prompt, {"criteria": meanings, "qa": as_data(qa)})),)

    def _judgements(
        self, qas: Sequence[Qa], begun: Sequence[tuple[Message, ...]], memo: Remembering
    ) -> list[Mapping[str, Judgement] | str | Failure]:
        """One reply each, and a second where the first is no verdict; a text says why there is none at last."""
        replies = self._ask(list(zip(qas, begun, strict=True)), memo)
        found = [self._read(reply) for reply in replies]
        again = {
            index: (qas[index], self._corrected(begun[index], reply, judged))
            for index, (reply, judged) in enumerate(zip(replies, found, strict=True))
            if isinstance(reply, Reply) and isinstance(judged, str)
        }
        for index, reply in zip(again, self._ask(list(again.values()), memo), strict=True):
            found[index] = self._read(reply)
        return found

    def _ask(self, posed: Sequence[tuple[Qa, tuple[Message, ...]]], memo: Remembering) -> list[Reply | Failure]:
        if not posed:
            return []
        requests = [self._request(qa, messages) for qa, messages in posed]
        replies = memo.generate(self.llm, requests)
        return [replies[asked.id] for asked in requests]

    def _request(self, qa: Qa, messages: tuple[Message, ...]) -> Request:
        views = views_of(qa) if self.show_picture else ()
        sampling = Sampling(temperature=self.temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        return request(messages, views, sampling=sampling, seed=self.seed, schema=schema(self.criteria))

    def _read(self, reply: Reply | Failure) -> Mapping[str, Judgement] | str | Failure:
        return reply if isinstance(reply, Failure) else read_scores(reply.text, self.criteria)

    def _corrected(self, begun: tuple[Message, ...], reply: Reply, problem: str) -> tuple[Message, ...]:
        echo = reply.text[:_LONGEST_ECHO] or "(nothing)"  # servers refuse an empty message
        correction = fill(self.correction, {"problem": problem})
        return (*begun, Message(role="assistant", text=echo), Message(role="user", text=correction))

    def _verdict(self, judged: Mapping[str, Judgement] | str | Failure) -> Finding | Failure:
        if isinstance(judged, Failure):
            return judged
        if isinstance(judged, str):
            reason = f"the judge gave no verdict: {judged}"
            return Finding(name=self.name, passed=False, threshold=self.min_score, reason=reason)
        low = {name: one for name, one in judged.items() if one.score < self.min_score}
        reason = "; ".join(f"{name} {one.score}: {one.reason}" for name, one in low.items())
        lowest = min(one.score for one in judged.values())
        return Finding(name=self.name, passed=not low, value=lowest, threshold=self.min_score, reason=reason)


def as_data(qa: Qa) -> str:
    """All that the writer wrote, as JSON without `<`: it can neither end its block nor look like a tag."""
    evidence = [{"id": item.ref, "kind": item.kind, "text": item.text[:_LONGEST_EVIDENCE]} for item in qa.evidence]
    written = {"question": qa.question, "options": qa.options, "answer": qa.answer, "reasoning": qa.reasoning}
    text = json.dumps(written | {"evidence": evidence}, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c")


def family_of_writer(qa: Qa) -> str | None:
    """The family of the model that wrote a question, None for one that was computed."""
    found = _WRITER.fullmatch(qa.generator)
    return found[1] if found else None


def _families_inside(generator: object) -> list[str]:
    """Families of all language models that a writer is made of."""
    if not is_dataclass(generator):
        return []
    parts = [getattr(generator, field.name) for field in fields(generator)]
    return [str(part.family) for part in parts if hasattr(part, "family") and hasattr(part, "answers")]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    score: int
    reason: str


def schema(criteria: Iterable[str]) -> str:
    """The JSON schema of a verdict; a reason comes before its score, so that the score follows from it."""
    score = {"type": "integer", "enum": list(SCORES)}
    one = object_schema({"reason": {"type": "string"}, "score": score})
    return json.dumps(object_schema(dict.fromkeys(criteria, one)))


def read_scores(text: str, criteria: Iterable[str]) -> dict[str, Judgement] | str:
    """The judgements in a reply, by criterion, or in words what is wrong with it, for the model to mend.

    JSON that is broken is repaired; of several objects the last counts. A score may be 4, 4.0, "4" or "4/5".
    """
    verdicts = (all_objects(without_thoughts(text), field=name) for name in criteria)
    found = next((objects[-1].value for objects in verdicts if objects), None)
    if found is None:
        return "it is no JSON object"
    judged = {name: _judgement(found.get(name)) for name in criteria}
    missing = [name for name, judgement in judged.items() if judgement is None]
    if missing:
        return f"it has no score from 1 to 5 for {', '.join(map(repr, missing))}"
    return {name: judgement for name, judgement in judged.items() if judgement is not None}


def _judgement(value: Any) -> Judgement | None:
    score, reason = (value.get("score"), value.get("reason")) if isinstance(value, dict) else (value, "")
    written = None if isinstance(score, bool) else _WRITTEN.fullmatch(str(score))
    if written is None:
        return None
    return Judgement(score=int(written[1]), reason=" ".join(str(reason or "").split())[:_LONGEST_REASON])
