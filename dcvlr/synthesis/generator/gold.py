"""The source's own questions with their gold answers; a model is asked for the reasoning alone, held to the gold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar

import msgspec

from dcvlr.llm.prompting import fill, lettered, require_placeholders
from dcvlr.llm.solver import given_answer, require_variety
from dcvlr.metadata.gold import Gold, check_rows, gold_questions
from dcvlr.protocols import Check, LanguageModel, Remembering
from dcvlr.records import Evidence, Failure, Finding, ImageRecord, Qa, Questions, Scene, SceneField
from dcvlr.records.requests import Message, Reply, Request, Sampling, View, request
from dcvlr.sampling import seeded
from dcvlr.settings import Count, Fraction, Temperature, TopP, checked
from dcvlr.synthesis.origin import created_from, question_id
from dcvlr.synthesis.scene_text import Places, cited, quoted
from dcvlr.text.answers import agree, asks_for_estimate, final_answer, require_answers
from dcvlr.text.steps import numbered_steps

_REF = re.compile(r"\[([TO]\d{1,6}|C)\]")


@dataclass(frozen=True, kw_only=True)
class GoldJob:
    """One gold question on its way; `answer` is the gold as a QA gives it, `tried` what the model replied in vain."""

    scene: Scene
    gold: Gold
    answer: str
    data: str
    tried: tuple[Reply | Failure, ...] = ()
    outcome: str | Finding | Failure | None = None  # the reasoning, once there is one
    thought: str = ""  # the whole reply that it was taken from, or what its model thought before


@dataclass(frozen=True, kw_only=True)
@checked
class GoldReasoning:
    """Keeps question, options and answer of `metadata.jsonl` beside the pictures, and asks a model for the reasoning.

    The gold is never shown. Of up to `samples` replies, asked for one after the other, the first whose final answer
    agrees with the gold gives the steps; where none does, the question is lost with all replies. One that a check of
    `checks` refuses is lost before anything is asked. A picture without gold gives nothing. What was read from a
    picture is shown as data where the scene has any.
    """

    name: ClassVar[str] = "gold"
    asks: ClassVar[bool] = True

    llm: LanguageModel
    checks: Mapping[str, Check | None]
    qa_per_image: Count | None
    samples: Count
    temperature: Temperature
    top_p: TopP
    max_tokens: Count
    prompt: str
    data_prompt: str
    places: Places
    max_lines: Count
    max_characters: Count
    tolerance: Fraction
    estimates: bool
    seed: int
    batch: Count

    def __post_init__(self) -> None:
        require_variety(self.samples, self.temperature)
        require_placeholders("prompt", self.prompt, "question", "options", "data")
        require_placeholders("data_prompt", self.data_prompt, "data")

    @property
    def sees_images(self) -> bool:
        return self.llm.sees_images

    def needs(self, scene: Scene, asked: Set[SceneField]) -> Set[SceneField]:
        return frozenset({"text", "objects", "caption"})

    def check_ready(self) -> None:
        require_answers("synthesis/generator=gold")

    def check_images(self, images: Iterable[ImageRecord]) -> None:
        """Raise `ConfigError` for metadata beside the pictures that cannot be read."""
        check_rows(images)

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> list[Questions]:
        golds = gold_questions([scene.image for scene in scenes])
        per_scene = [self._begun(scene, golds.get(scene.image.id, ())) for scene in scenes]
        jobs = self._checked([job for own in per_scene for job in own], memo)
        for sample in range(self.samples):
            jobs = self._tried(jobs, sample, memo)
        done = iter(jobs)
        return [self._questions([next(done) for _ in own]) for own in per_scene]

    def _begun(self, scene: Scene, golds: Sequence[Gold]) -> list[GoldJob]:
        """A job for each gold question that is asked; one whose answer is none of its options is lost at once."""
        data = quoted(scene, max_lines=self.max_lines, max_characters=self.max_characters, places=self.places)
        if not (data or self.sees_images):
            return []
        jobs = []
        for gold in self._drawn(scene, golds):
            answer = gold_answer(gold)
            job = GoldJob(scene=scene, gold=gold, answer=answer or gold.answer, data=data)
            jobs.append(job if answer else replace(job, outcome=_unusable(gold)))
        return jobs

    def _checked(self, jobs: Sequence[GoldJob], memo: Remembering) -> list[GoldJob]:
        """What a check has against a question as it stands, whatever reasoning will come, is its outcome."""
        jobs = list(jobs)
        for name, check in self.checks.items():
            waiting = [index for index, job in enumerate(jobs) if job.outcome is None and check is not None]
            found = check([self._unreasoned(jobs[index]) for index in waiting], memo) if check and waiting else ()
            for index, finding in zip(waiting, found, strict=True):
                if isinstance(finding, Finding) and not finding.passed:
                    jobs[index] = replace(jobs[index], outcome=msgspec.structs.replace(finding, name=name))
        return jobs

    def _unreasoned(self, job: GoldJob) -> Qa:
        """The question without reasoning; all texts of the picture are evidence, any of which may be cited."""
        lines = job.scene.text.lines[: self.max_lines] if job.scene.text else ()
        texts = [Evidence(kind="text", ref=f"T{n}", box=None, text=line.text) for n, line in enumerate(lines, start=1)]
        return msgspec.structs.replace(self._qa(job, ""), evidence=tuple(texts))

    def _drawn(self, scene: Scene, golds: Sequence[Gold]) -> list[Gold]:
        if self.qa_per_image is None or len(golds) <= self.qa_per_image:
            return list(golds)
        rng = seeded(self.seed, scene.image.id, "gold")
        return [golds[index] for index in sorted(rng.sample(range(len(golds)), self.qa_per_image))]

    def _tried(self, jobs: Sequence[GoldJob], sample: int, memo: Remembering) -> list[GoldJob]:
        """Sample `sample` of every question that has no outcome yet."""
        requests = {index: self._request(job, sample) for index, job in enumerate(jobs) if job.outcome is None}
        if not requests:
            return list(jobs)
        replies = memo.generate(self.llm, list(requests.values()))
        return [
            self._judged(job, replies[requests[index].id]) if index in requests else job
            for index, job in enumerate(jobs)
        ]

    def _request(self, job: GoldJob, sample: int) -> Request:
        shown = fill(self.data_prompt, {"data": job.data}) if job.data else ""
        values = {"question": job.gold.question, "options": lettered(job.gold.options), "data": shown}
        sampling = Sampling(temperature=self.temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        views = [View(image=job.scene.image)] if self.sees_images else []
        seed = seeded(self.seed, "gold", str(sample)).getrandbits(31)
        return request([Message(role="user", text=fill(self.prompt, values))], views, sampling=sampling, seed=seed)

    def _judged(self, job: GoldJob, reply: Reply | Failure) -> GoldJob:
        """A failure that may pass ends the question for this run: the next one asks for the same sample again."""
        if isinstance(reply, Failure):
            stays = reply if not reply.remembered else None
            return self._closed(replace(job, tried=(*job.tried, reply), outcome=stays))
        reasoning = numbered_steps(reply.text) if self._agrees(job, reply) else ""
        if reasoning:
            return replace(job, outcome=reasoning, thought=reply.reasoning or reply.text)
        return self._closed(replace(job, tried=(*job.tried, reply)))

    def _agrees(self, job: GoldJob, reply: Reply) -> bool:
        given = given_answer(reply)
        accepted = (job.answer, *job.gold.also)
        estimated = self.estimates or asks_for_estimate(job.gold.question)
        return given is not None and any(
            agree(given, wanted, job.gold.options, tolerance=self.tolerance, estimated=estimated) for wanted in accepted
        )

    def _closed(self, job: GoldJob) -> GoldJob:
        """The outcome of a question that has had all its samples."""
        if job.outcome is not None or len(job.tried) < self.samples:
            return job
        failures = [reply for reply in job.tried if isinstance(reply, Failure)]
        if len(failures) == len(job.tried):
            return replace(job, outcome=failures[-1])
        texts = [reply.text for reply in job.tried if isinstance(reply, Reply)]
        reason = (
            f"none of {len(texts)} replies to {job.gold.question!r} reasons its way to the gold answer {job.answer!r}"
        )
        value = json.dumps(texts, ensure_ascii=False).encode("utf-8", "replace").decode()
        lost = Finding(name="gold_disagrees", passed=False, value=value, threshold=job.answer, reason=reason)
        return replace(job, outcome=lost)

    def _questions(self, jobs: Sequence[GoldJob]) -> Questions:
        outcomes = [(job, job.outcome) for job in jobs]
        return Questions(
            qas=tuple(self._qa(job, reasoning) for job, reasoning in outcomes if isinstance(reasoning, str)),
            lost=tuple(outcome for _, outcome in outcomes if isinstance(outcome, Finding)),
            failed=tuple(outcome for _, outcome in outcomes if isinstance(outcome, Failure)),
        )

    def _qa(self, job: GoldJob, reasoning: str) -> Qa:
        image, gold = job.scene.image, job.gold
        return Qa(
            id=question_id([image], gold.question, gold.options, job.answer),
            image=image.path,
            image_id=image.id,
            dataset=image.dataset,
            bin=job.scene.bin,
            question=gold.question,
            options=gold.options,
            answer=job.answer,
            reasoning=reasoning,
            evidence=_cited(job, reasoning, self.max_lines),
            generator=f"{self.llm.name}:{self.llm.family}/{self.name}",
            created_from=created_from(job.scene, reads_pixels=False) if job.data else "image",
            seed=self.seed,
            rationale=job.thought or None,
        )


def gold_answer(gold: Gold) -> str | None:
    """The answer alone, out of a whole solution if it must be, as one of the options if there are any; None if none."""
    if gold.options is None:
        return final_answer(gold.answer) or gold.answer
    for text in (gold.answer, final_answer(gold.answer)):
        found = [option for option in gold.options if text and agree(text, option, gold.options, tolerance=0)]
        if found:
            return found[0]
    return None


def _unusable(gold: Gold) -> Finding:
    reason = f"the gold answer of {gold.question!r} (row {gold.row}) is none of its options"
    return Finding(name="gold_unusable", passed=False, value=gold.answer, reason=reason)


def _cited(job: GoldJob, reasoning: str, max_lines: int) -> tuple[Evidence, ...]:
    """What the reasoning names in square brackets, as it was asked to."""
    refs = dict.fromkeys(_REF.findall(reasoning)) if job.data else ()
    found = (cited(job.scene, ref, max_lines=max_lines, seen=False) for ref in refs)
    return tuple(evidence for evidence in found if evidence is not None)
