"""A question writer without a language model: every answer is a program's value over what was read in the picture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from random import Random
from typing import Annotated, ClassVar, get_args

from msgspec import Meta
from msgspec.structs import replace
from rapidfuzz import fuzz, process

from dcvlr.protocols import Remembering
from dcvlr.records import Qa, Questions, Scene, SceneField
from dcvlr.sampling import seeded
from dcvlr.settings import Count, Fraction, checked
from dcvlr.synthesis.neighbours import neighbours
from dcvlr.synthesis.origin import created_from, question_id
from dcvlr.synthesis.programs.ask import ComputedQuestion, computed_question, distractors
from dcvlr.synthesis.programs.draw import DrawnForm, Shares, candidates, in_turn
from dcvlr.synthesis.programs.expressions import NotStated
from dcvlr.synthesis.programs.forms.absences import about_absences
from dcvlr.synthesis.programs.forms.material import Material, is_document, material, seen_fields, several_material
from dcvlr.synthesis.programs.forms.page_versions import FEWEST
from dcvlr.synthesis.programs.wording import Wording
from dcvlr.synthesis.scene.document_kind import DocumentKind, receipt_or_bill
from dcvlr.synthesis.scene.lines import TextLimits
from dcvlr.synthesis.scene.read import Document
from dcvlr.synthesis.scene.sight import SightLimits
from dcvlr.text.question_words import WordingFile
from dcvlr.text.steps import numbered

_WORD = re.compile(r"\w+")
_CONSTANT = re.compile(r'"[^"]*"|(?<![\w.])\d+(?:\.\d+)?(?![\w.])')
_DIGIT = re.compile(r"\d")
_TOO_ALIKE = 85  # rapidfuzz ratio of 100; validation calls questions on one picture duplicates from 90 on


@dataclass(frozen=True, kw_only=True)
@checked
class ComputedQuestions:
    """Questions whose answers are computed; the same picture and seed give the same ones.

    Raises `ConfigError` for a number out of range.
    """

    name: ClassVar[str] = "computed"
    sees_images: ClassVar[bool] = False
    asks: ClassVar[bool] = False

    qa_per_image: Annotated[int, Meta(ge=1, le=100)]
    qa_per_photograph: Annotated[int, Meta(ge=0, le=100)]
    pictures_per_question: Annotated[int, Meta(ge=1, le=3)]
    qa_per_group: Annotated[int, Meta(ge=0, le=100)]
    unanswerable: Annotated[float, Meta(ge=0, le=0.1)]
    multiple_choice_share: Fraction
    shares: Shares
    text: TextLimits
    sight: SightLimits
    wording: WordingFile
    seed: int
    batch: Count

    def needs(self, scene: Scene, asked: Set[SceneField]) -> Set[SceneField]:
        """Text first, and nothing else where it offers questions."""
        if "text" not in asked:
            return frozenset({"text"})
        if "objects" in asked or self._is_document(scene):
            return asked
        return seen_fields(scene)

    def _is_document(self, scene: Scene) -> bool:
        rng = seeded(self.seed, scene.image.id, "programs")
        return is_document(scene, self.text, self.wording.words, rng)

    def __call__(self, scenes: Sequence[Scene], memo: Remembering) -> list[Questions]:
        asked, documents = list[list[Qa]](), dict[int, Document]()
        for index, scene in enumerate(scenes):
            rng = seeded(self.seed, scene.image.id, "programs")
            found = material(scene, self.text, self.sight, self.wording.words, rng)
            if found.document is not None:
                documents[index] = found.document
            total = self.qa_per_image if found.document else min(self.qa_per_image, self.qa_per_photograph)
            qas = list(self._questions([scene], found, total, rng))
            asked.append(self._with_unanswerable(scene, found, qas, total))
        for group in groups(documents, [scene.image.id for scene in scenes], self.pictures_per_question):
            several = [scenes[index] for index in group]
            rng = seeded(self.seed, *(scene.image.id for scene in several), "programs")
            found = several_material([documents[index] for index in group], Wording(self.wording.words), rng)
            asked[group[0]] += self._questions(several, found, self.qa_per_group, rng)
        return [Questions(qas=tuple(qas)) for qas in asked]

    def _questions(self, scenes: Sequence[Scene], found: Material, total: int, rng: Random) -> Iterator[Qa]:
        """About one scene, or about several that are shown together."""
        wording, asked, programs = Wording(self.wording.words), list[ComputedQuestion](), set[str]()
        for one in in_turn(candidates(found.forms), total, self.shares, rng) if total else ():
            if len(asked) == total:
                return
            made = computed_question(one, wording, found, rng)
            program = but_for_numbers(made.program)
            if program in programs or gives_away(made) or _is_alike(made, asked):
                continue
            asked.append(made)
            programs.add(program)
            yield self._finished(scenes, one, made, wording, rng)

    def _with_unanswerable(self, scene: Scene, found: Material, qas: list[Qa], total: int) -> list[Qa]:
        """With a share of questions whose answer is not in the picture, in place of others where there are enough.

        They have no options, since "not stated" among others would give it away.
        """
        if not self.unanswerable or found.document is None or scene.text is None:
            return qas
        rng = seeded(self.seed, scene.image.id, "absent")
        forms = list(about_absences(found.document, scene.text, self.wording.words))
        count = min(len(forms), int(self.unanswerable * len(qas) + rng.random()))
        wording, made = Wording(self.wording.words), list[Qa]()
        lines = Material([], found.evidence)
        for form in rng.sample(forms, count):
            one = DrawnForm(form, 1, NotStated())
            question = computed_question(one, wording, lines, rng)
            made.append(self._finished([scene], one, question, wording, rng))
        return [*qas[: total - count], *made]

    def _finished(
        self, scenes: Sequence[Scene], one: DrawnForm, made: ComputedQuestion, wording: Wording, rng: Random
    ) -> Qa:
        is_open = not made.closed and rng.random() >= self.multiple_choice_share
        options = None if is_open else _options(made, distractors(one, wording, rng), rng)
        images = [replace(scene.image, copies=()) for scene in scenes]
        return Qa(
            id=question_id(images, made.question, options, made.answer),
            image=images[0].path,
            image_id=images[0].id,
            dataset=images[0].dataset,
            bin=scenes[0].bin,
            question=made.question,
            options=options,
            answer=made.answer,
            reasoning=numbered(made.steps),
            evidence=made.evidence,
            generator=f"{self.name}/{one.form.kind}",
            created_from=created_from(scenes[0], reads_pixels=True),
            seed=self.seed,
            program=made.program,
            operations=made.operations,
            difficulty=len(made.operations),
            images=tuple(images) if len(images) > 1 else (),
        )


def _options(made: ComputedQuestion, wrong: Sequence[str], rng: Random) -> tuple[str, ...] | None:
    """The answer among wrong ones in random order; None where there are too few for a question that may be open."""
    if not made.closed and len(wrong) < 2:
        return None
    options = [made.answer, *wrong]
    return tuple(rng.sample(options, len(options)))


def but_for_numbers(program: str) -> str:
    """The same of questions that are one in another way, or but for a number: what each of two pays, and of five."""
    alike = program.replace("descending(", "ascending(")
    return _CONSTANT.sub(lambda found: "0" if _DIGIT.search(found[0]) else found[0], alike)


def _is_alike(made: ComputedQuestion, asked: Sequence[ComputedQuestion]) -> bool:
    """Nearly the same words as another, or the same parts of a picture again."""
    if made.evidence[0].kind == "pixels" and any(made.evidence == other.evidence for other in asked):
        return True
    words = [other.question for other in asked]
    nearest = process.extractOne(made.question, words, scorer=fuzz.ratio, score_cutoff=_TOO_ALIKE)
    return nearest is not None and nearest[1] > _TOO_ALIKE


def gives_away(made: ComputedQuestion) -> bool:
    """Whether the answer stands word for word in the question, but for alternatives ("A or B")."""
    answer, question = _WORD.findall(made.answer.casefold()), made.question.casefold()
    if not answer:
        return True
    if made.closed or answer[0] not in question:
        return False
    return f" {' '.join(answer)} " in f" {' '.join(_WORD.findall(question))} "


def groups(documents: Mapping[int, Document], ids: Sequence[str], size: int) -> list[Sequence[int]]:
    """Receipts, and bills, `size` together, and pairs of pages with the same labels, by the `ids` at their keys.

    A picture is in one group at most; `size` 1 makes none.
    """
    if size == 1:
        return []
    called = {index: receipt_or_bill(one) for index, one in documents.items()}
    sums = [[index for index, word in called.items() if word == wanted] for wanted in get_args(DocumentKind)]
    alike: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for index, one in documents.items():
        if called[index] is None and len(one.fields) >= FEWEST:
            alike[frozenset(field.label for field in one.fields)].append(index)
    wanted = [*((found, size) for found in sums), *((found, 2) for found in alike.values())]
    return [
        [found[position] for position in positions]
        for found, count in wanted
        for positions in neighbours([ids[index] for index in found], count)
    ]
