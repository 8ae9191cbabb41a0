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
    Signals,
)
from dcvlr.records import BinnedImage, Failure, Finding, Qa, Questions, Scene
from dcvlr.settings import SettingError
from dcvlr.synthesis.kinds import Kinds
from dcvlr.synthesis.refined import refined
from dcvlr.text.rationale import RationaleSource

log = logging.getLogger(__name__)

_ALL = "generated_qa_pairs.jsonl"


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """Measures what a scene needs, hands scenes to the writer in batches, and keeps the questions, all and by bin.

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
        signals = self._measure(records, memo)
        kinds, families = Kinds(), Counter[str]()
        with ExitStack() as open_files:
            generated = open_files.enter_context(files.open_lines(_ALL))
            of_bin = {name: open_files.enter_context(files.open_lines(_of_bin(name))) for name in self.bins}
            for start in range(0, len(records), self.generator.batch):
                scenes = list(_scenes(records[start : start + self.generator.batch], signals, ledger))
                written = refined(scenes, self.generator(scenes, memo), self.refinements.values(), memo)
                for scene, questions in zip(scenes, written, strict=True):
                    kinds.add(questions)
                    _report_lost(scene, questions, ledger)
                    for qa in map(self._kept, questions.qas):
                        generated.write(qa)
                        of_bin[qa.bin].write(qa)
                        families[qa.generator] += 1
        log.info("synthesis: %s", ", ".join(f"{n} {family}" for family, n in sorted(families.items())))
        kinds.tell()
        by_bin = {name: lines.count for name, lines in of_bin.items()}
        summary = {"stage": self.name, "total_generated": generated.count, "by_bin": by_bin}
        files.write_json("summary.json", summary | kinds.summary())
        return files.read_lines(_ALL, Qa)

    def _kept(self, qa: Qa) -> Qa:
        return qa if self.rationale == "writer" else msgspec.structs.replace(qa, rationale=None)

    def _measure(self, records: Sequence[BinnedImage], memo: Remembering) -> dict[str, Signals[Any]]:
        """Signals by the field of a scene that they fill, measured from one decode where that is possible."""
        models: dict[str, Measurable[Any] | None] = {"caption": self.captioner}
        if self.use_full_features:
            models |= {"text": self.ocr, "objects": self.detector, "pixels": self.pixels}
        elif not self.generator.reads_captions:
            log.warning(
                "synthesis.use_full_features=false: nothing is computed from captions, so only colours and light are "
                "asked about; a writer that reads captions is chosen with synthesis/generator=openai"
            )
            models |= {"pixels": self.pixels}
        chosen = {field: model for field, model in models.items() if model is not None}
        measured = memo.measure_together(list(chosen.values()), [record.image for record in records])
        return dict(zip(chosen, measured, strict=True))


def _of_bin(name: str) -> str:
    return f"bin_{name}_qa_pairs.jsonl"


def _scenes(records: Sequence[BinnedImage], signals: dict[str, Signals[Any]], ledger: Rejections) -> Iterator[Scene]:
    """Scenes of the pictures that every model could measure; the others go to the ledger."""
    for record in records:
        measured = {field: of[record.image.id] for field, of in signals.items()}
        failed = {field: signal for field, signal in measured.items() if isinstance(signal, Failure)}
        if failed:
            _report_unmeasured(record, failed, ledger)
        else:
            yield msgspec.structs.replace(Scene(image=record.image, bin=record.bin), **measured)


def _report_unmeasured(record: BinnedImage, failed: dict[str, Failure], ledger: Rejections) -> None:
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
