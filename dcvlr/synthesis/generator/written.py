"""Questions written by a language model: think first, then the question as JSON, one correction, never a canned one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import msgspec

from dcvlr.errors import require_package
from dcvlr.identity import digest
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import Failure, Finding, Qa, Questions, Scene
from dcvlr.records.requests import Message, Reply, Request, Sampling, View, request
from dcvlr.sampling import seeded
from dcvlr.settings import Count, SettingError, Temperature, TopP, checked
from dcvlr.synthesis.created_from import created_from, has_data
from dcvlr.synthesis.prompt.templates import Templates
from dcvlr.synthesis.replies import Written, read, schema
from dcvlr.synthesis.slots import Slot, slots, unfit
from dcvlr.synthesis.styles import ANSWER_TYPES
from dcvlr.text.refusals import is_refusal

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class QuestionJob:
    """One question on its way: the messages so far, and what came of it."""

    scene: Scene
    slot: Slot
    messages: tuple[Message, ...]
    thought: str = ""  # what was said before the JSON was asked for
    outcome: Written | Finding | Failure | None = None


@dataclass(frozen=True, kw_only=True)
@checked
class WrittenQuestions:
    """`qa_per_image` questions on each scene, each asked for by itself, kinds by share.

    With `think_first` a model reasons free-form and is then asked for the JSON; without, for the JSON at once, which
    suits models that reason by themselves. A reply that is no valid question is sent back once with what is wrong;
    a second one ends in the ledger as it came. Raises `ConfigError` for shares that are none.
    """

    name: ClassVar[str] = "written"
    reads_captions: ClassVar[bool] = True

    llm: LanguageModel
    prompt: Templates = field(repr=False)
    qa_per_image: Count
    answer_types: dict[str, float]
    difficulties: dict[str, float]
    think_first: bool
    temperature: Temperature
    top_p: TopP
    max_tokens: Count
    seed: int
    batch: Count

    def __post_init__(self) -> None:
        for key, shares in (("answer_types", self.answer_types), ("difficulties", self.difficulties)):
            if not shares or min(shares.values()) < 0 or sum(shares.values()) <= 0:
                raise SettingError(key, shares, "shares from 0 are needed, at least one above 0")
        if unknown := sorted(set(self.answer_types) - set(ANSWER_TYPES)):
            known = f"there is no type {unknown[0]!r}; there are {', '.join(ANSWER_TYPES)}"
            raise SettingError("answer_types", self.answer_types, known)
        for name in self.prompt.bins:
            for answer_type, difficulty in unfit(self.prompt.table[name], self.answer_types, self.difficulties):
                style = f"a style for a {difficulty} question whose answer is {answer_type} is needed"
                raise SettingError(f"prompt.styles.{name}", None, f"{style}: add one, or set the share of either to 0")

    @property
    def sees_images(self) -> bool:
        return self.llm.sees_images

    def check_ready(self) -> None:
        require_package("json_repair", extra="llm", owner="synthesis/generator")

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> list[Questions]:
        per_scene = [[self._begun(scene, slot) for slot in self._slots(scene)] for scene in scenes]
        jobs = [job for own in per_scene for job in own]
        if self.think_first:
            jobs = self._advanced(jobs, memo, self._thought, self._thinking)
        jobs = self._advanced(jobs, memo, self._asked, self._read)
        jobs = self._advanced(jobs, memo, self._asked, self._read_again)
        done = iter(jobs)
        return [self._questions(scene, [next(done) for _ in own]) for scene, own in zip(scenes, per_scene, strict=True)]

    def _slots(self, scene: Scene) -> list[Slot]:
        """None where a writer that sees no pictures would have to make something up."""
        if not (self.sees_images or has_data(scene)):
            return []
        return slots(
            scene.image.id,
            self.qa_per_image,
            seed=self.seed,
            answer_types=self.answer_types,
            difficulties=self.difficulties,
            styles=self.prompt.table[scene.bin],
            templates=len(self.prompt.ask[scene.bin]),
        )

    def _begun(self, scene: Scene, slot: Slot) -> QuestionJob:
        text = self.prompt.question(scene, slot, sees_image=self.sees_images)
        if not self.think_first:
            text = f"{text}\n\n{self.prompt.extraction(slot, sees_image=self.sees_images)}"
        messages = (Message(role="system", text=self.prompt.system), Message(role="user", text=text))
        return QuestionJob(scene=scene, slot=slot, messages=messages)

    def _advanced(
        self,
        jobs: Sequence[QuestionJob],
        memo: Remembering,
        ask: Callable[[QuestionJob], Request],
        take: Callable[[QuestionJob, Reply], QuestionJob],
    ) -> list[QuestionJob]:
        """Every job that has no outcome yet, asked and taken further by its reply."""
        requests = {id(job): ask(job) for job in jobs if job.outcome is None}
        if not requests:
            return list(jobs)
        replies = memo.generate(self.llm, list(requests.values()))
        return [_taken(job, replies[requests[id(job)].id], take) if id(job) in requests else job for job in jobs]

    def _thought(self, job: QuestionJob) -> Request:
        return self._request(job, self.temperature, None)

    def _asked(self, job: QuestionJob) -> Request:
        """For the JSON; what was thought of freely before is only put into form."""
        temperature = 0.0 if self.think_first else self.temperature
        return self._request(job, temperature, schema(job.slot))

    def _request(self, job: QuestionJob, temperature: float, json_schema: str | None) -> Request:
        sampling = Sampling(temperature=temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        views = [View(image=job.scene.image)] if self.sees_images else []
        return request(job.messages, views, sampling=sampling, seed=job.slot.seed, schema=json_schema)

    def _thinking(self, job: QuestionJob, reply: Reply) -> QuestionJob:
        """Nothing is extracted from a thought that was cut, or that only refuses: it would be paid for in vain."""
        job = replace(job, thought=reply.text)
        if not reply.is_whole:
            return _lost(job, "", f"the thought ended by {reply.finish!r}, not by itself")
        if is_refusal(reply.text):
            return _lost(job, "", "the model refused")
        return _answered(job, reply.text, self.prompt.extraction(job.slot, sees_image=self.sees_images))

    def _read(self, job: QuestionJob, reply: Reply) -> QuestionJob:
        found = self._parsed(job, reply)
        if isinstance(found, Written):
            return replace(job, outcome=found)
        if is_refusal(reply.text):
            return _lost(job, reply.text, "the model refused")
        return _answered(job, reply.text, self.prompt.correction(job.slot, found))

    def _read_again(self, job: QuestionJob, reply: Reply) -> QuestionJob:
        found = self._parsed(job, reply)
        if isinstance(found, Written):
            return replace(job, outcome=found)
        return _lost(job, reply.text, found)

    def _parsed(self, job: QuestionJob, reply: Reply) -> Written | str:
        if reply.finish == "length":
            return f"it was cut off after {reply.completion_tokens or 'too many'} tokens."
        if not reply.is_whole:
            return f"it ended by {reply.finish!r}, not by itself."
        return read(
            reply.text,
            job.scene,
            job.slot,
            needs_evidence=has_data(job.scene),
            max_lines=self.prompt.max_lines,
            seen=self.sees_images,
        )

    def _questions(self, scene: Scene, jobs: Sequence[QuestionJob]) -> Questions:
        outcomes = [(job, job.outcome) for job in jobs]
        made = [self._qa(job, written) for job, written in outcomes if isinstance(written, Written)]
        first = {qa.id: qa for qa in reversed(made)}
        again = [qa for qa in made if qa is not first[qa.id]]
        return Questions(
            qas=tuple(qa for qa in made if qa is first[qa.id]),
            asked=tuple(job.slot.kind for job in jobs),
            lost=(*(outcome for _, outcome in outcomes if isinstance(outcome, Finding)), *map(_asked_before, again)),
            failed=tuple(outcome for _, outcome in outcomes if isinstance(outcome, Failure)),
        )

    def _qa(self, job: QuestionJob, written: Written) -> Qa:
        scene, options, permutation = job.scene, written.options, None
        made_from = created_from(scene, reads_pixels=False)
        if options is not None:
            rng = seeded(self.seed, scene.image.id, written.question)
            permutation = tuple(rng.sample(range(len(options)), len(options)))
            options = tuple(options[index] for index in permutation)
        return Qa(
            id=digest(msgspec.json.encode([scene.image.id, written.question, options, written.answer])),
            image=scene.image.path,
            image_id=scene.image.id,
            dataset=scene.image.dataset,
            bin=scene.bin,
            question=written.question,
            options=options,
            answer=written.answer,
            reasoning="\n".join(f"{count}. {step}" for count, step in enumerate(written.steps, start=1)),
            evidence=written.evidence,
            generator=f"{self.llm.name}:{self.llm.family}/{_MODES[made_from]}",
            created_from=made_from,
            seed=self.seed,
            permutation=permutation,
            repaired=written.repaired,
            seen=self.sees_images,
            asked_for=job.slot.kind,
        )


_MODES: Mapping[str, str] = {"full features": "features", "caption only": "caption", "image": "image"}


def _asked_before(qa: Qa) -> Finding:
    return Finding(name="asked_before", passed=False, value=qa.question, reason="the same question on this picture")


def _taken(job: QuestionJob, reply: Reply | Failure, take: Callable[[QuestionJob, Reply], QuestionJob]) -> QuestionJob:
    return replace(job, outcome=reply) if isinstance(reply, Failure) else take(job, reply)


def _answered(job: QuestionJob, reply: str, answer: str) -> QuestionJob:
    reply = reply if reply.strip() else "(nothing)"  # servers refuse an empty message
    return replace(
        job, messages=(*job.messages, Message(role="assistant", text=reply), Message(role="user", text=answer))
    )


def _lost(job: QuestionJob, reply: str, problem: str) -> QuestionJob:
    """The job with the end of a question that came to nothing; its value is all that led there, as JSON."""
    value = msgspec.json.encode({"slot": job.slot.kind, "thought": job.thought, "reply": reply}).decode()
    return replace(job, outcome=Finding(name="invalid_reply", passed=False, value=value, reason=problem))
