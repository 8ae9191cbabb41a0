"""The third stage: questions, answers and reasoning about the selected pictures."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import msgspec

from dcvlr.execution.slices import Slices
from dcvlr.protocols import (
    Captioner,
    Detector,
    Measurable,
    OcrModel,
    PixelReader,
    QuestionWriter,
    Refinement,
    Remembering,
)
from dcvlr.records import BinnedImage, Failure, Finding, ImageRecord, Qa, Questions, Scene, SceneField
from dcvlr.rundir.files import Folder, JsonLinesFile
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import JoinedLines
from dcvlr.settings import SettingError
from dcvlr.synthesis.kinds import Kinds
from dcvlr.synthesis.measured import MeasuredScenes
from dcvlr.text.rationale import RationaleSource

log = logging.getLogger(__name__)

_ALL = "generated_qa_pairs.jsonl"


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """Measures what the writer needs of each picture, hands it scenes in batches, and keeps questions, all and by bin.

    What a scene did not give, and a picture that could not be measured, goes to the ledger. A model that is None leaves
    its part of every scene empty. Questions keep the thoughts of their writer where `rationale` says so; validation
    cleans them, or takes those of a solver. Raises `ConfigError` where there is nothing to ask about.
    """

    name: ClassVar[str] = "synthesis"
    folder: ClassVar[str] = "stage3_synthesis"
    result: ClassVar[str] = "generated_qa"
    takes: ClassVar[type] = BinnedImage
    gives: ClassVar[type] = Qa

    generator: QuestionWriter
    refinements: Mapping[str, Refinement]
    ocr: OcrModel | None
    detector: Detector | None
    captioner: Captioner | None
    pixels: PixelReader | None
    use_full_features: bool
    rationale: RationaleSource
    bins: list[str]

    def __post_init__(self) -> None:
        if not self.use_full_features and self.captioner is None and not self.generator.sees_images:
            needed = "captions are needed then, or a writer that sees the picture: choose a binning/captioner"
            raise SettingError("use_full_features", False, f"{needed}, e.g. composed")

    def __call__(
        self, records: Sequence[BinnedImage], memo: Remembering, ledger: Ledger, files: Folder
    ) -> Sequence[Qa]:
        measured = self._measured(records, memo)
        kinds, families = Kinds(), Counter[str]()
        slices = self._slices(memo)
        with ExitStack() as open_files:
            generated = open_files.enter_context(files.open_lines(_ALL))
            of_bin = {name: open_files.enter_context(files.open_lines(_of_bin(name))) for name in self.bins}
            for part in slices(lambda rows: self._written(rows, measured, memo, generated), len(records)):
                for index, failed in part.unmeasured.items():
                    _report_unmeasured(records[index], failed, ledger)
                for image, questions in part.lost:
                    _report_lost(image, questions, ledger)
                generated.add(*part.lines)
                for name, lines in part.of_bin.items():
                    of_bin[name].add(*lines)
                families.update(part.families)
                kinds.add(part.kinds)
        log.info(
            "synthesis: %s", ", ".join(f"{n} {family}" for family, n in sorted(families.items())) or "no questions"
        )
        kinds.tell()
        by_bin = {name: lines.count for name, lines in of_bin.items()}
        summary = {"stage": self.name, "total_generated": generated.count, "by_bin": by_bin}
        files.write_json("summary.json", summary | kinds.summary())
        return files.read_lines(_ALL, Qa)

    def _slices(self, memo: Remembering) -> Slices:
        """A batch of the writer's at a time; all of them here where a model is asked."""
        slices = memo.slices()
        asks = self.generator.asks or bool(self.refinements)
        return replace(slices, rows=self.generator.batch, processes=1 if asks else slices.processes)

    def _written(self, rows: range, measured: MeasuredScenes, memo: Remembering, file: JsonLinesFile) -> WrittenPart:
        """What becomes of some pictures; all lines stand in files as in this one."""
        found = {index: measured[index] for index in rows}
        scenes = [scene for scene in found.values() if isinstance(scene, Scene)]
        written = refined(scenes, self.generator(scenes, memo), self.refinements.values(), memo)
        qas = [self._kept(qa) for questions in written for qa in questions.qas]
        lines = file.lines(qas)
        lines_of: dict[str, list[bytes]] = {name: [] for name in self.bins}
        for qa, line in zip(qas, lines.splitlines(keepends=True), strict=True):
            lines_of[qa.bin].append(line)
        return WrittenPart(
            unmeasured={index: failed for index, failed in found.items() if not isinstance(failed, Scene)},
            lost=[
                (scene.image, msgspec.structs.replace(own, qas=(), asked=()))
                for scene, own in zip(scenes, written, strict=True)
                if own.lost or own.failed or not own.qas
            ],
            lines=(lines, len(qas)),
            of_bin={name: (b"".join(own), len(own)) for name, own in lines_of.items()},
            families=Counter(qa.generator for qa in qas),
            kinds=Kinds(written),
        )

    def _kept(self, qa: Qa) -> Qa:
        return qa if self.rationale == "writer" else msgspec.structs.replace(qa, rationale=None)

    def _measured(self, records: Sequence[BinnedImage], memo: Remembering) -> MeasuredScenes:
        """With only captions to be used, pixels remain: they are of no model, and all that some writers can use."""
        given: dict[SceneField, Measurable[Any] | None] = {"caption": self.captioner, "pixels": self.pixels}
        if self.use_full_features:
            given |= {"text": self.ocr, "objects": self.detector}
        models = {field: model for field, model in given.items() if model is not None}
        scenes = MeasuredScenes(records, self.generator, models, memo)
        if not self.use_full_features and "pixels" in scenes.measured:
            log.warning(
                "synthesis.use_full_features=false: nothing is computed from captions, so only colours and light are "
                "asked about; a writer that reads captions is chosen with synthesis/generator=openai"
            )
        return scenes


class WrittenPart(NamedTuple):
    """What became of some pictures: `unmeasured` by their row, `lost` is what a picture did not give."""

    unmeasured: dict[int, Mapping[SceneField, Failure]]
    lost: list[tuple[ImageRecord, Questions]]
    lines: JoinedLines
    of_bin: dict[str, JoinedLines]
    families: Counter[str]
    kinds: Kinds


def _of_bin(name: str) -> str:
    return f"bin_{name}_qa_pairs.jsonl"


def _report_unmeasured(record: BinnedImage, failed: Mapping[SceneField, Failure], ledger: Ledger) -> None:
    leave_out = ledger.reject if all(failure.remembered for failure in failed.values()) else ledger.unmeasured
    findings = [failure.as_finding(field) for field, failure in failed.items()]
    leave_out(record.image, findings, reasons=list(dict.fromkeys(failure.kind for failure in failed.values())))


def _report_lost(image: ImageRecord, questions: Questions, ledger: Ledger) -> None:
    """What a picture did not give: questions that failed, replies that are none, or nothing at all."""
    for failure in questions.failed:
        leave_out = ledger.reject if failure.remembered else ledger.unmeasured
        leave_out(image, [failure.as_finding("writer")], reasons=[failure.kind], kind="qa")
    for finding in questions.lost:
        ledger.reject(image, [finding], reasons=[finding.name], kind="qa")
    if not (questions.qas or questions.lost or questions.failed):
        reason = "nothing in it is clear enough to be asked about"
        ledger.reject(image, [Finding(name="no_question", passed=False, value=0, threshold=1, reason=reason)])


def refined(
    scenes: Sequence[Scene], written: Sequence[Questions], refinements: Iterable[Refinement], memo: Remembering
) -> Sequence[Questions]:
    """What a refinement drops is lost, what it could not ask about has failed."""
    for refinement in refinements:
        made = [(scene, qa) for scene, own in zip(scenes, written, strict=True) for qa in own.qas]
        outcomes = iter(refinement(made, memo))
        written = [_with(own, [next(outcomes) for _ in own.qas]) for own in written]
    return written


def _with(questions: Questions, outcomes: Sequence[Qa | Finding | Failure]) -> Questions:
    return msgspec.structs.replace(
        questions,
        qas=tuple(one for one in outcomes if isinstance(one, Qa)),
        lost=(*questions.lost, *(one for one in outcomes if isinstance(one, Finding))),
        failed=(*questions.failed, *(one for one in outcomes if isinstance(one, Failure))),
    )
