"""The third stage: questions, answers and reasoning about the selected pictures."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from dcvlr.protocols import (
    Captioner,
    Detector,
    Files,
    Measurable,
    OcrModel,
    PixelReader,
    QuestionWriter,
    Refinement,
    Rejections,
    Remembering,
)
from dcvlr.records import BinnedImage, Failure, Finding, Qa, Questions, Scene, SceneField
from dcvlr.settings import SettingError
from dcvlr.synthesis.kinds import Kinds
from dcvlr.synthesis.measured import MeasuredScenes
from dcvlr.synthesis.refined import refined
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
        self, records: Sequence[BinnedImage], memo: Remembering, ledger: Rejections, files: Files
    ) -> Sequence[Qa]:
        measured = self._measured(records, memo)
        kinds, families = Kinds(), Counter[str]()
        with ExitStack() as open_files:
            generated = open_files.enter_context(files.open_lines(_ALL))
            of_bin = {name: open_files.enter_context(files.open_lines(_of_bin(name))) for name in self.bins}
            for start in range(0, len(records), self.generator.batch):
                batch = range(start, min(start + self.generator.batch, len(records)))
                scenes = list(_scenes(batch, records, measured, ledger))
                written = refined(scenes, self.generator(scenes, memo), self.refinements.values(), memo)
                for scene, questions in zip(scenes, written, strict=True):
                    kinds.add(questions)
                    _report_lost(scene, questions, ledger)
                    for qa in map(self._kept, questions.qas):
                        generated.write(qa)
                        of_bin[qa.bin].write(qa)
                        families[qa.generator] += 1
        log.info(
            "synthesis: %s", ", ".join(f"{n} {family}" for family, n in sorted(families.items())) or "no questions"
        )
        kinds.tell()
        by_bin = {name: lines.count for name, lines in of_bin.items()}
        summary = {"stage": self.name, "total_generated": generated.count, "by_bin": by_bin}
        files.write_json("summary.json", summary | kinds.summary())
        return files.read_lines(_ALL, Qa)

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


def _of_bin(name: str) -> str:
    return f"bin_{name}_qa_pairs.jsonl"


def _scenes(
    batch: range, records: Sequence[BinnedImage], measured: MeasuredScenes, ledger: Rejections
) -> Iterator[Scene]:
    """Scenes of the pictures that every model could measure; the others go to the ledger."""
    for index in batch:
        scene = measured[index]
        if isinstance(scene, Scene):
            yield scene
        else:
            _report_unmeasured(records[index], scene, ledger)


def _report_unmeasured(record: BinnedImage, failed: Mapping[SceneField, Failure], ledger: Rejections) -> None:
    leave_out = ledger.reject if all(failure.remembered for failure in failed.values()) else ledger.unmeasured
    findings = [_failure(field, failure) for field, failure in failed.items()]
    leave_out(record.image, findings, reasons=list(dict.fromkeys(failure.kind for failure in failed.values())))


def _report_lost(scene: Scene, questions: Questions, ledger: Rejections) -> None:
    """What a scene did not give: questions that failed, replies that are none, or nothing at all."""
    for failure in questions.failed:
        leave_out = ledger.reject if failure.remembered else ledger.unmeasured
        leave_out(scene.image, [_failure("writer", failure)], reasons=[failure.kind], kind="qa")
    for finding in questions.lost:
        ledger.reject(scene.image, [finding], reasons=[finding.name], kind="qa")
    if not (questions.qas or questions.lost or questions.failed):
        reason = "nothing in it is clear enough to be asked about"
        ledger.reject(scene.image, [Finding(name="no_question", passed=False, value=0, threshold=1, reason=reason)])


def _failure(name: str, failure: Failure) -> Finding:
    return Finding(name=name, passed=False, value=failure.kind, reason=failure.message)
