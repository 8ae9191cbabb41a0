"""The last stage, where it is wanted: which questions make the dataset, by how hard they are for a student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from dcvlr.errors import ConfigError
from dcvlr.llm.prompting import require_placeholders
from dcvlr.llm.solver import Share, picture_of, require_sampling, require_variety, shares
from dcvlr.protocols import Files, LanguageModel, Rejections, Remembering
from dcvlr.records import Failure, Qa
from dcvlr.records.requests import View
from dcvlr.selection.bands import bands, wanted
from dcvlr.selection.choice import Caps, choose
from dcvlr.selection.pass_rates import Exam, Gates, Marks
from dcvlr.selection.pool import Pool
from dcvlr.selection.summary import rows, tell
from dcvlr.settings import Count, Fraction, Whole, checked
from dcvlr.text.answers import require_answers

SELECTED = "selected_qa_pairs.jsonl"
_REQUEST_SEED = 0  # not the run's seed, so that another lot asks nothing anew


@dataclass(frozen=True, kw_only=True)
@checked
class Selection:
    """Measures how many of `samples` replies of a student are right, then chooses by bands of that pass count.

    Out goes what the student solves without the picture in more than `max_blind_share` of `blind_samples` replies, and
    what it solves at most `teacher_up_to` times where fewer than `min_teacher_agreeing` of the teacher's replies agree
    with the answer: such a question is more likely wrong than hard. Of the rest `dataset_size` are kept, bins by
    `bins_ratio`, bands by `quotas`. All but models, prompts, numbers of samples and `teacher_up_to` are free to change.
    """

    name: ClassVar[str] = "selection"
    folder: ClassVar[str] = "stage5_selection"
    result: ClassVar[str] = "selected_qa"
    takes: ClassVar[type] = Qa
    gives: ClassVar[type] = Qa

    student: LanguageModel
    samples: Count
    temperature: float
    top_p: float
    max_tokens: int
    prompt: str
    tolerance: Fraction
    blind_samples: Whole
    blind_prompt: str
    max_blind_share: Fraction
    teacher: LanguageModel | None
    teacher_samples: Count
    teacher_up_to: Whole
    min_teacher_agreeing: Whole
    quotas: Sequence[Mapping[str, float]] | None
    fill: bool
    bins_ratio: Sequence[float] | None
    dataset_size: Count | None
    max_per_image: Count | None
    max_per_dataset: Count | None
    seed: int
    batch: Count

    def __post_init__(self) -> None:
        require_sampling("selection", self.temperature, self.top_p, self.max_tokens)
        require_variety("selection", max(self.samples, self.blind_samples, self.teacher_samples), self.temperature)
        for key in ("prompt", "blind_prompt"):
            require_placeholders(f"selection.{key}", getattr(self, key), "question", "options")
        if self.min_teacher_agreeing > self.teacher_samples:
            raise ConfigError(
                f"selection.min_teacher_agreeing={self.min_teacher_agreeing!r}: at most selection.teacher_samples="
                f"{self.teacher_samples!r} is allowed"
            )
        bands(self.quotas, self.samples)

    def check_ready(self) -> None:
        require_answers("selection")
        for role, llm in (("student", self.student), ("teacher", self.teacher)):
            if llm is not None and not llm.sees_images:
                raise ConfigError(
                    f"selection.{role} is {llm.name} of the family {llm.family!r}, which sees no pictures: choose a "
                    f"model that does, e.g. llm@selection.{role}=openai"
                )

    def __call__(self, records: Sequence[Qa], memo: Remembering, ledger: Rejections, files: Files) -> Sequence[Qa]:
        found = bands(self.quotas, self.samples)
        gates = Gates(max_blind_share=self.max_blind_share, min_teacher_agreeing=self.min_teacher_agreeing)
        pool = Pool(bands=found, gates=gates, seed=self.seed, ledger=ledger)
        stream = iter(records)
        while batch := list(islice(stream, self.batch)):
            for qa, marks in zip(batch, self._marks(batch, memo), strict=True):
                pool.add(qa, marks)
        available = Counter(candidate.cell for candidate in pool.candidates)
        goal = wanted(self.dataset_size, self.bins_ratio, found, available)
        caps = Caps(per_image=self.max_per_image, per_dataset=self.max_per_dataset)
        chosen = choose(pool.candidates, goal, caps, fill=self.fill and self.dataset_size is not None)
        count = files.write_lines(SELECTED, pool.kept(records, chosen))
        table = rows(found, goal, available, chosen.cells)
        tell(table, size=self.dataset_size, given=count, passes=pool.counts)
        files.write_json("summary.json", self._summary(pool, count, table, ledger))
        return files.read_lines(SELECTED, Qa)

    def _marks(self, qas: Sequence[Qa], memo: Remembering) -> list[Marks]:
        """The teacher is asked about hard questions alone, everything else about all: no threshold decides it."""
        exam = partial(
            Exam,
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            tolerance=self.tolerance,
            seed=_REQUEST_SEED,
        )
        shown = [(qa, (View(image=picture_of(qa)),)) for qa in qas]
        seen = shares(exam(llm=self.student, samples=self.samples, prompt=self.prompt), shown, memo)
        blind: list[Share | Failure | None] = [None] * len(qas)
        if self.blind_samples:
            unseeing = exam(llm=self.student, samples=self.blind_samples, prompt=self.blind_prompt)
            blind = [*shares(unseeing, [(qa, ()) for qa in qas], memo)]
        taught: dict[int, Share | Failure] = {}
        if self.teacher is not None:
            hard = [n for n, share in enumerate(seen) if isinstance(share, Share) and self._is_hard(share)]
            teaching = exam(llm=self.teacher, samples=self.teacher_samples, prompt=self.prompt)
            taught = dict(zip(hard, shares(teaching, [shown[n] for n in hard], memo), strict=True))
        return [Marks(seen=seen[n], blind=blind[n], teacher=taught.get(n)) for n in range(len(qas))]

    def _is_hard(self, share: Share) -> bool:
        return share.agreeing <= self.teacher_up_to

    def _summary(self, pool: Pool, count: int, table: list[dict[str, Any]], ledger: Rejections) -> dict[str, Any]:
        """`passes` counts the questions by how often the student was right, `unfilled` what the dataset lacks."""
        total = len(pool.passes)
        return {
            "stage": self.name,
            "original_count": total,
            "selected_count": count,
            "unmeasured_count": pool.unmeasured,
            "dataset_size": self.dataset_size,
            "unfilled": None if self.dataset_size is None else self.dataset_size - count,
            "samples": self.samples,
            "passes": {str(number): pool.counts[number] for number in range(self.samples + 1)},
            "quotas": table,
            "removed": ledger.counts(),
        }
