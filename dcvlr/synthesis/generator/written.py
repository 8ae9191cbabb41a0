"""Questions written by a language model: think first, then the question as JSON, one correction, never a canned one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from dcvlr.errors import require_package
from dcvlr.llm.solver import require_variety
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import Failure, Finding, Qa, Questions, Scene, SceneField
from dcvlr.records.requests import Message, Reply, Request, Sampling, View, request
from dcvlr.sampling import seeded
from dcvlr.settings import Count, SettingError, Temperature, TopP, checked
from dcvlr.synthesis.conversation import Conversation, problems_of
from dcvlr.synthesis.origin import created_from, has_data, question_id
from dcvlr.synthesis.prompt.templates import TOGETHER, Templates
from dcvlr.synthesis.replies import Replied, Written, read_all, schema
from dcvlr.synthesis.slots import Slot, groups, slots, unfit
from dcvlr.synthesis.styles import ANSWER_TYPES, Style, drawable
from dcvlr.text.letters import are_letters, names_letter, shuffled_options, spelled_out
from dcvlr.text.rationale import part_of
from dcvlr.text.refusals import is_refusal
from dcvlr.text.steps import numbered

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class WrittenQuestions:
    """`qa_per_image` questions on each scene, `questions_per_request` asked for at a time, kinds by share.

    With `pictures_per_question` above 1 so many pictures of a bin, as they come, are also shown together, and
    `qa_per_group` questions asked that need them all.

    Each is written `candidates` times, of which validation keeps the best. What is the same for all requests of a
    picture comes first, so that servers which cache prefixes read it once. With `think_first` a model reasons free-form
    and is then asked for the JSON; without, for the JSON at once, which suits models that reason by themselves. What is
    no valid question in a reply is asked for once more with what is wrong; a second time it ends in the ledger as it
    came. Raises `SettingError` for shares that are none.
    """

    name: ClassVar[str] = "written"
    asks: ClassVar[bool] = True

    llm: LanguageModel
    prompt: Templates = field(repr=False)
    qa_per_image: Count
    questions_per_request: Annotated[int, Meta(ge=1, le=20)]
    pictures_per_question: Annotated[int, Meta(ge=1, le=4)]
    qa_per_group: Annotated[int, Meta(ge=0, le=100)]
    candidates: Annotated[int, Meta(ge=1, le=16)]
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
        require_variety(self.candidates, self.temperature, name="candidates")
        for name in (*self.prompt.bins, *([TOGETHER] if self.pictures_per_question > 1 else [])):
            if name not in self.prompt.table or name not in self.prompt.ask:
                raise SettingError(f"prompt.ask.{name}", None, "texts and styles are needed: see conf/synthesis/prompt")
            for answer_type, difficulty in unfit(self.prompt.table[name], self.answer_types, self.difficulties):
                style = f"a style for a {difficulty} question whose answer is {answer_type} is needed, on every picture"
                raise SettingError(f"prompt.styles.{name}", None, f"{style}: add one, or set the share of either to 0")

    @property
    def sees_images(self) -> bool:
        return self.llm.sees_images

    def needs(self, scene: Scene, asked: Set[SceneField]) -> Set[SceneField]:
        return frozenset({"text", "objects", "caption"})

    def check_ready(self) -> None:
        require_package("json_repair", extra="llm", owner="synthesis/generator")

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> list[Questions]:
        per_scene = [list(self._begun((scene,), self._slots(scene))) for scene in scenes]
        for first, *others in groups(scenes, self.pictures_per_question):
            several = (scenes[first], *(scenes[other] for other in others))
            per_scene[first] += self._begun(several, self._slots_together(several))
        going = [one for own in per_scene for one in own]
        if self.think_first:
            going = self._advanced(going, memo, self._thinks, self._thinking)
        going = self._advanced(going, memo, self._asks, self._read)
        going = self._advanced(going, memo, self._asks, self._read_again)
        done = iter(going)
        return [self._questions([next(done) for _ in own]) for own in per_scene]

    def _begun(self, scenes: tuple[Scene, ...], asked: Sequence[Slot]) -> Iterator[Conversation]:
        for start in range(0, len(asked), self.questions_per_request):
            slots = tuple(asked[start : start + self.questions_per_request])
            text = self.prompt.question(scenes, slots, asked_as=self._asked_as(scenes), sees_image=self.sees_images)
            if not self.think_first:
                last = self.prompt.extraction(slots, sees_image=self.sees_images, pictures=len(scenes))
                text = f"{text}\n\n{last}"
            messages = (Message(role="system", text=self.prompt.system), Message(role="user", text=text))
            for candidate in range(self.candidates):
                seed = (
                    seeded(slots[0].seed, "candidate", str(candidate)).getrandbits(31) if candidate else slots[0].seed
                )
                yield Conversation(scenes=scenes, slots=slots, messages=messages, seed=seed)

    def _asked_as(self, scenes: Sequence[Scene]) -> str:
        """Whose texts and styles are used; who has a caption alone is asked what the last bin is, that of the rest."""
        if len(scenes) > 1:
            return TOGETHER
        knows_more = self.sees_images or created_from(scenes[0], reads_pixels=False) == "full features"
        return scenes[0].bin if knows_more else self.prompt.bins[-1]

    def _slots(self, scene: Scene) -> list[Slot]:
        """None where a writer that sees no pictures would have to make something up."""
        if not (self.sees_images or has_data(scene)):
            return []
        asked_as = self._asked_as([scene])
        return self._drawn(scene.image.id, self.qa_per_image, drawable(self.prompt.table[asked_as], scene), asked_as)

    def _slots_together(self, scenes: Sequence[Scene]) -> list[Slot]:
        if not self.qa_per_group or not (self.sees_images or all(map(has_data, scenes))):
            return []
        ids = " ".join(scene.image.id for scene in scenes)
        return self._drawn(ids, self.qa_per_group, self.prompt.table[TOGETHER], TOGETHER)

    def _drawn(self, ids: str, total: int, styles: Sequence[Style], asked: str) -> list[Slot]:
        return slots(
            ids,
            total,
            seed=self.seed,
            answer_types=self.answer_types,
            difficulties=self.difficulties,
            styles=styles,
            templates=len(self.prompt.ask[asked]),
        )

    def _advanced(
        self,
        going: Sequence[Conversation],
        memo: Remembering,
        ask: Callable[[Conversation], Request],
        take: Callable[[Conversation, Reply], Conversation],
    ) -> list[Conversation]:
        """Every conversation in which a question waits, asked and taken further by its reply."""
        requests = {index: ask(one) for index, one in enumerate(going) if one.waiting}
        if not requests:
            return list(going)
        replies = memo.generate(self.llm, list(requests.values()))
        return [
            _taken(one, replies[requests[index].id], take) if index in requests else one
            for index, one in enumerate(going)
        ]

    def _thinks(self, one: Conversation) -> Request:
        return self._request(one, self.temperature, None)

    def _asks(self, one: Conversation) -> Request:
        """For the JSON; what was thought of freely before is only put into form."""
        temperature = 0.0 if self.think_first else self.temperature
        return self._request(one, temperature, schema(one.waiting))

    def _request(self, one: Conversation, temperature: float, json_schema: str | None) -> Request:
        sampling = Sampling(temperature=temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        views = [View(image=scene.image) for scene in one.scenes] if self.sees_images else []
        return request(one.messages, views, sampling=sampling, seed=one.seed, schema=json_schema)

    def _thinking(self, one: Conversation, reply: Reply) -> Conversation:
        """Nothing is extracted from a thought that was cut, or that only refuses: it would be paid for in vain."""
        one = replace(one, thought=reply.text)
        if not reply.is_whole:
            return one.lost("", f"the thought ended by {reply.finish!r}, not by itself")
        if is_refusal(reply.text):
            return one.lost("", "the model refused")
        asked = self.prompt.extraction(one.slots, sees_image=self.sees_images, pictures=len(one.scenes))
        return one.answered(reply.text, asked)

    def _read(self, one: Conversation, reply: Reply) -> Conversation:
        replied = self._replied(one, reply)
        if not self.think_first:
            one = replace(one, thought=reply.reasoning)
        taken = one.taken(replied)
        if not taken.waiting:
            return taken
        if is_refusal(reply.text):
            return taken.lost(reply.text, "the model refused")
        return taken.answered(reply.text, self.prompt.correction(taken.waiting, problems_of(replied)))

    def _read_again(self, one: Conversation, reply: Reply) -> Conversation:
        return one.ended(reply, self._replied(one, reply))

    def _replied(self, one: Conversation, reply: Reply) -> Replied:
        if not reply.is_whole:
            by_length = f"it was cut off after {reply.completion_tokens or 'too many'} tokens."
            why = by_length if reply.is_cut else f"it ended by {reply.finish!r}, not by itself."
            return Replied(found={slot.number: why for slot in one.waiting})
        return read_all(reply.text, one.scenes, one.waiting, max_lines=self.prompt.max_lines, seen=self.sees_images)

    def _questions(self, conversations: Sequence[Conversation]) -> Questions:
        outcomes = [(one, slot, one.outcomes[slot.number]) for one in conversations for slot in one.slots]
        made = [self._qa(one, slot, outcome) for one, slot, outcome in outcomes if isinstance(outcome, Written)]
        first = {qa.id: qa for qa in reversed(made)}
        again = [qa for qa in made if qa is not first[qa.id]]
        known = {qa.question for qa in made}
        extra = dict.fromkeys(text for one in conversations for text in one.extra if text not in known)
        return Questions(
            qas=tuple(qa for qa in made if qa is first[qa.id]),
            asked=tuple(slot.kind for _, slot, _ in outcomes),
            lost=(
                *(outcome for *_, outcome in outcomes if isinstance(outcome, Finding)),
                *map(_asked_before, again),
                *map(_not_asked_for, extra),
            ),
            failed=tuple(outcome for *_, outcome in outcomes if isinstance(outcome, Failure)),
        )

    def _qa(self, one: Conversation, slot: Slot, written: Written) -> Qa:
        scene, images = one.scenes[0], [each.image for each in one.scenes]
        thought = part_of(one.thought, slot.number, alone=len(one.slots) == 1)
        made_from = created_from(scene, reads_pixels=False)
        options, permutation = shuffled_options(written.options, seeded(self.seed, scene.image.id, written.question))
        return Qa(
            id=question_id(images, written.question, options, written.answer),
            image=scene.image.path,
            image_id=scene.image.id,
            dataset=scene.image.dataset,
            bin=scene.bin,
            question=written.question,
            options=options,
            answer=written.answer,
            reasoning=numbered(written.steps),
            evidence=written.evidence,
            generator=f"{self.llm.name}:{self.llm.family}/{_MODES[made_from]}",
            created_from=made_from,
            seed=self.seed,
            permutation=permutation,
            repaired=written.repaired,
            seen=self.sees_images,
            rationale=_without_options_letters(thought, written) or None,
            asked_for=slot.kind,
            images=tuple(msgspec.structs.replace(image, copies=()) for image in images) if len(images) > 1 else (),
        )


_MODES: Mapping[str, str] = {"full features": "features", "caption only": "caption", "image": "image"}


def _without_options_letters(thought: str, written: Written) -> str:
    """The thought with the words of options instead of their letters, which are dealt anew; nothing if one is left."""
    if written.options is None or are_letters(written.options):
        return thought
    lines = [spelled_out(line, written.options, written.labels) for line in thought.splitlines()]
    return "\n".join(line for line in lines if not names_letter(line, written.labels))


def _asked_before(qa: Qa) -> Finding:
    return Finding(name="asked_before", passed=False, value=qa.question, reason="the same question on this picture")


def _not_asked_for(question: str) -> Finding:
    reason = "the reply holds more questions than were asked for"
    return Finding(name="not_asked_for", passed=False, value=question, reason=reason)


def _taken(
    one: Conversation, reply: Reply | Failure, take: Callable[[Conversation, Reply], Conversation]
) -> Conversation:
    return one.failed(reply) if isinstance(reply, Failure) else take(one, reply)
