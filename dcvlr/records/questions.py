"""A question with its answer, what it rests on, and the scene it is about."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from dcvlr.records.base import Box, Record
from dcvlr.records.failures import Failure
from dcvlr.records.findings import Finding
from dcvlr.records.images import ImageRecord
from dcvlr.records.signals import Caption, Detections, OcrResult, PixelFacts

EvidenceKind = Literal["text", "object", "pixels", "caption", "picture"]
SceneField = Literal["text", "objects", "caption", "pixels"]


class Scene(Record, frozen=True):
    """All that a question may rest on, for one picture; None is 'not to be used'."""

    image: ImageRecord
    bin: str
    text: OcrResult | None = None
    objects: Detections | None = None
    caption: Caption | None = None
    pixels: PixelFacts | None = None


class Evidence(Record, frozen=True, omit_defaults=True):
    """One piece of what a QA rests on.

    `ref` is T<n> for the n-th OCR line, O<n> for the n-th object, P:<part> for pixel facts, C for the caption,
    `picture` for what a writer saw in the picture itself; p2_T5 is line 5 of the second picture of a question about
    several. `picture` counts them from 1 on; `box` is in its pixels.
    """

    kind: EvidenceKind
    ref: str
    box: Box | None
    text: str
    picture: int = 1

    @property
    def number(self) -> int | None:
        """Which line or object of its picture it is, from 1 on; None for evidence that is not counted."""
        digits = self.ref.rpartition("_")[2][1:]
        return int(digits) if digits.isdecimal() else None


def of_picture(evidence: Evidence, picture: int) -> Evidence:
    """The same evidence in a question about several pictures, whose `picture`-th it stands in."""
    return msgspec.structs.replace(evidence, ref=f"p{picture}_{evidence.ref}", picture=picture)


class AskedFor(Record, frozen=True):
    """What kind of question a writer was asked for, as the `number`-th of its picture."""

    number: int
    answer_type: str
    difficulty: str
    style: str


class Qa(Record, frozen=True, omit_defaults=True):
    """One question with its answer; `answer` is one of `options` where there are options.

    `reasoning` is one numbered step per line. `generator` is `<writer>/<family>` or `<writer>:<model family>/<mode>`.
    Fields with a default are written only where they hold something. `image`, `image_id` and `dataset` are those of the
    first picture of a question about several.
    """

    paths: ClassVar[tuple[str, ...]] = ("image", "images")

    id: str
    image: str
    image_id: str
    dataset: str
    bin: str
    question: str
    options: tuple[str, ...] | None
    answer: str
    reasoning: str
    evidence: tuple[Evidence, ...]
    generator: str
    created_from: Literal["full features", "caption only", "image"]
    seed: int
    permutation: tuple[int, ...] | None = None  # where each option stood in the writer's reply
    repaired: bool = False  # the writer's reply was no JSON and was mended by json-repair
    seen: bool = False  # the writer was shown the picture, not only what was read from it
    rationale: str | None = None  # the long thought that reached the answer, a sentence or more per line
    asked_for: AskedFor | None = None  # of a question that a language model wrote
    refined: tuple[str, ...] = ()  # refinements that changed it, see `dcvlr.synthesis.refinements`
    program: str | None = None  # of a computed question; see `dcvlr.synthesis.programs.expressions.written`
    operations: tuple[str, ...] = ()  # of the program, in the order in which they are done
    difficulty: int | None = None  # how many operations these are
    passes: int | None = None  # how many of a student's samples were right, see `dcvlr.selection`
    computed_question: str | None = None  # the computed words of a question that a model put into its own
    images: tuple[ImageRecord, ...] = ()  # all pictures of a question about several, as they are shown

    @property
    def pictures(self) -> tuple[ImageRecord, ...]:
        """Every picture that it is about, one or several, as they are shown."""
        return self.images or (ImageRecord(id=self.image_id, path=self.image, dataset=self.dataset),)

    @property
    def is_computed(self) -> bool:
        """Whether a program wrote it; a model may have put it into other words."""
        return self.generator.startswith("computed/")

    @property
    def is_gold(self) -> bool:
        """Whether people asked it and gave the answer."""
        return self.generator.endswith("/gold")


class Questions(Record, frozen=True):
    """What a writer made of one scene; `lost` are questions without a usable reply, `failed` those without any.

    `asked` are all that a language model was asked for, whatever came of them.
    """

    qas: tuple[Qa, ...]
    asked: tuple[AskedFor, ...] = ()
    lost: tuple[Finding, ...] = ()
    failed: tuple[Failure, ...] = ()
