"""A question writer without a language model: every answer is computed from measurements, so it is true if they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta
from rapidfuzz import fuzz

from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.protocols import Remembering
from dcvlr.records import Qa, Questions, Scene
from dcvlr.sampling import seeded
from dcvlr.settings import Count, Fraction, checked
from dcvlr.synthesis.draft import Draft, Family, Limits
from dcvlr.synthesis.families import amounts, captions, cells, labels, lines, objects, pixels, words

FAMILIES: dict[str, Family] = {
    "text.value_beside_label": labels.value_beside_label,
    "text.value_after_label": labels.value_after_label,
    "text.table_cell": cells.table_cell,
    "text.line_below": lines.line_below,
    "text.line_above": lines.line_above,
    "place.highest_line": lines.highest_line,
    "place.lowest_line": lines.lowest_line,
    "text.largest_letters": lines.largest_letters,
    "place.upper_or_lower_half": lines.upper_or_lower_half,
    "place.left_or_right_half": lines.left_or_right_half,
    "text.words_in_line": words.words_in_line,
    "text.word_occurrences": words.word_occurrences,
    "text.line_count": words.line_count,
    "text.only_date": words.only_date,
    "text.only_time": words.only_time,
    "amounts.sum": amounts.amount_sum,
    "amounts.difference": amounts.amount_difference,
    "amounts.largest": amounts.largest_amount,
    "amounts.smallest": amounts.smallest_amount,
    "objects.count": objects.object_count,
    "objects.leftmost": objects.leftmost,
    "objects.rightmost": objects.rightmost,
    "objects.highest": objects.highest,
    "objects.lowest": objects.lowest,
    "objects.largest": objects.largest,
    "objects.nearest": objects.nearest,
    "objects.overlap": objects.overlap,
    "pixels.dominant_colour": pixels.dominant_colour,
    "pixels.brighter_side": pixels.brighter_side,
    "pixels.brighter_level": pixels.brighter_level,
    "pixels.centre_lightness": pixels.centre_lightness,
    "pixels.half_of_colour": pixels.half_of_colour,
    "pixels.aspect": pixels.aspect,
    "pixels.orientation": pixels.orientation,
    "caption.count": captions.caption_count,
    "caption.colour": captions.caption_colour,
    "caption.shape": captions.caption_shape,
    "caption.light": captions.caption_light,
    "caption.text": captions.caption_text,
}
CAPTION_CHOICE = "caption.choice"  # sees the captions of other pictures, too, so it is asked for by its own setting
_TOO_ALIKE = 80  # rapidfuzz ratio of 100; validation calls questions on one picture duplicates from 90 on


@dataclass(frozen=True, kw_only=True)
@checked
class ComputedQuestions:
    """Questions of many families, chosen so that a data set has variety; the same picture and seed give the same ones.

    `families` None is all of them. Raises `ConfigError` for a family that does not exist and a number out of range.
    """

    name: ClassVar[str] = "computed"
    sees_images: ClassVar[bool] = False

    qa_per_image: Annotated[int, Meta(ge=1, le=100)]
    families: list[str] | None
    multiple_choice_share: Fraction
    caption_choice: bool
    limits: Limits
    seed: int
    batch: Count

    def __post_init__(self) -> None:
        for family in self.families or ():
            if family not in (*FAMILIES, CAPTION_CHOICE):
                known = ", ".join((*FAMILIES, CAPTION_CHOICE))
                raise ConfigError(
                    f"synthesis.generator.families names {family!r}; known families: {known}, or null for all"
                )

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> list[Questions]:
        told = [scene.caption.text.strip() for scene in scenes if scene.caption is not None]
        return [Questions(qas=tuple(self._questions(scene, told))) for scene in scenes]

    def _questions(self, scene: Scene, told: Sequence[str]) -> Iterator[Qa]:
        asked: list[Draft] = []
        for family, draft in self._in_turn(scene, told):
            if len(asked) == self.qa_per_image:
                return
            if not _gives_away(draft) and not any(_alike(draft, other) for other in asked):
                asked.append(draft)
                yield self._finished(scene, family, draft)

    def _in_turn(self, scene: Scene, told: Sequence[str]) -> Iterator[tuple[str, Draft]]:
        """One draft of each family, then a second one of each, and so on; families in a seeded order."""
        waiting = [(family, self._drafts(scene, family, told)) for family in self._order(scene)]
        while waiting:
            waiting = [(family, drafts) for family, drafts in waiting if drafts]
            for family, drafts in waiting:
                yield family, drafts.pop()

    def _order(self, scene: Scene) -> list[str]:
        """Text before all else where there is much of it, objects and colours before text elsewhere."""
        families = [
            family for family in (*FAMILIES, CAPTION_CHOICE) if self.families is None or family in self.families
        ]
        rng = seeded(self.seed, scene.image.id, "order")
        first = ("text", "amounts") if scene.bin == "A" else ("objects", "pixels", "caption")
        return sorted(rng.sample(families, len(families)), key=lambda family: family.split(".")[0] not in first)

    def _drafts(self, scene: Scene, family: str, told: Sequence[str]) -> list[Draft]:
        rng = seeded(self.seed, scene.image.id, family)
        if family != CAPTION_CHOICE:
            drafts = list(FAMILIES[family](scene, rng, self.limits))
        else:
            drafts = list(captions.caption_choice(scene, told, rng)) if self.caption_choice else []
        rng.shuffle(drafts)
        return drafts

    def _finished(self, scene: Scene, family: str, draft: Draft) -> Qa:
        rng = seeded(self.seed, scene.image.id, draft.question)
        options = _options(draft, rng, self.multiple_choice_share)
        return Qa(
            id=digest(msgspec.json.encode([scene.image.id, draft.question, options, draft.answer])),
            image=scene.image.path,
            image_id=scene.image.id,
            dataset=scene.image.dataset,
            bin=scene.bin,
            question=draft.question,
            options=options,
            answer=draft.answer,
            reasoning="\n".join(f"{number}. {step}" for number, step in enumerate(draft.steps, start=1)),
            evidence=draft.evidence,
            generator=f"{self.name}/{family}",
            created_from=_created_from(scene),
            seed=self.seed,
        )


def _options(draft: Draft, rng: Random, share: float) -> tuple[str, ...] | None:
    """The answer and its distractors in random order, or None for an open question."""
    wanted = rng.random() < share and len(draft.distractors) >= 2
    if not draft.closed and not wanted:
        return None
    options = [draft.answer, *draft.distractors]
    return tuple(rng.sample(options, len(options)))


def _alike(draft: Draft, other: Draft) -> bool:
    """Nearly the same words, or another way to ask for the same facts; a caption holds many."""
    facts, others = ({(one.ref, one.text) for one in each.evidence} for each in (draft, other))
    return (facts == others and draft.evidence[0].kind != "caption") or fuzz.ratio(
        draft.question, other.question
    ) > _TOO_ALIKE


def _gives_away(draft: Draft) -> bool:
    """Whether the answer stands word for word in the question."""
    answer, question = " ".join(_words(draft.answer)), " ".join(_words(draft.question))
    return not answer or f" {answer} " in f" {question} "


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _created_from(scene: Scene) -> Literal["full features", "caption only"]:
    only = scene.text is None and scene.objects is None and scene.pixels is None
    return "caption only" if only else "full features"
