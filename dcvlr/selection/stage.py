"""The last stage: which questions make the dataset, and how many of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from dcvlr.llm.solver import Share, Solver, posed, require_sight
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Qa
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.selection.bands import Band, Cell, bands, filled, wanted
from dcvlr.selection.choice import Caps, Chosen, choose
from dcvlr.selection.pass_rates import Gates, Scores
from dcvlr.selection.pool import Pool
from dcvlr.settings import Count, Fraction, SettingError, Whole, checked

log = logging.getLogger(__name__)

SELECTED = "selected_qa_pairs.jsonl"


@dataclass(frozen=True, kw_only=True)
@checked
class Selection:
    """Cuts what passed validation to `dataset_size`: bins by `bins_ratio`, pictures in turn, the rest at random.

    With a `student` it first measures how many of its replies are right, and chooses by `quotas`, bands of that count.
    Out goes what it solves without the picture (`blind`) in more than `max_blind_share` of the replies, and what it
    solves at most `teacher_up_to` times where fewer than `min_teacher_agreeing` replies of the `teacher` agree with the
    answer: such a question is more likely wrong than hard. All but the solvers and `teacher_up_to` is free to change.
    """

    name: ClassVar[str] = "selection"
    folder: ClassVar[str] = "stage5_selection"
    result: ClassVar[str] = "selected_qa"
    takes: ClassVar[type] = Qa
    gives: ClassVar[type] = Qa
    only_with: ClassVar[Mapping[str, Sequence[str]]] = {
        "max_blind_share": ("blind",),
        "teacher_up_to": ("teacher",),
        "min_teacher_agreeing": ("teacher",),
    }

    student: Solver | None
    blind: Solver | None
    max_blind_share: Fraction
    teacher: Solver | None
    teacher_up_to: Whole
    min_teacher_agreeing: Whole
    quotas: Sequence[Mapping[str, float]] | None
    fill: bool
    bins: Sequence[str]
    bins_ratio: Sequence[float] | None
    dataset_size: Count | None
    max_per_image: Count | None
    max_per_dataset: Count | None
    max_per_kind: Count | None
    seed: int
    batch: Count

    def __post_init__(self) -> None:
        if self.student is None and (asking := [key for key in ("blind", "teacher", "quotas") if getattr(self, key)]):
            raise SettingError("student", None, f"{asking[0]} needs one: choose selection=student, or selection=hard")
        if self.teacher is not None and self.min_teacher_agreeing > self.teacher.samples:
            most = f"at most teacher.samples ({self.teacher.samples}) is allowed"
            raise SettingError("min_teacher_agreeing", self.min_teacher_agreeing, most)
        bands(self.quotas, self._samples)

    def check_ready(self) -> None:
        for role, solver in (("student", self.student), ("teacher", self.teacher)):
            if solver is not None:
                require_sight(f"selection.{role}.llm", solver.llm)

    @property
    def _samples(self) -> int:
        return 0 if self.student is None else self.student.samples

    def __call__(self, records: Sequence[Qa], memo: Remembering, ledger: Ledger, files: Folder) -> Sequence[Qa]:
        found = bands(self.quotas, self._samples)
        self._warn_of_errors(records, found)
        pool = self._judged(records, found, memo, ledger)
        available = Counter(candidate.cell for candidate in pool.candidates)
        goal = wanted(self.bins, self.dataset_size, self.bins_ratio, found, available)
        chosen = self._chosen(pool, found, goal, available)
        with files.open_lines(SELECTED) as selected:
            for qa, cut in pool.outcomes(records, chosen):
                if cut is None:
                    selected.write(qa)
                else:
                    ledger.reject(qa, [cut])
        table = rows(self.bins, found, goal, available, chosen.cells)
        report(table, size=self.dataset_size, given=selected.count, passes=pool.counts)
        files.write_json("summary.json", self._summary(pool, selected.count, table, ledger))
        return files.read_lines(SELECTED, Qa)

    def _warn_of_errors(self, records: Sequence[Qa], found: Sequence[Band]) -> None:
        """What a student never solves may be wrong instead of hard; people or a teacher have to vouch for it."""
        leans = any(band.low <= self.teacher_up_to and band.share for band in found)
        if self.student is None or self.teacher is not None or not leans:
            return
        unvouched = sum(not qa.is_gold and not qa.program for qa in records)
        if unvouched:
            log.warning(
                "WARNING: selection asks for questions that the student never solves, and nobody vouches for the "
                "answers of %d of %d: wrong ones gather there (of a pool with 29 %% wrong answers 15 %% of such a "
                "choice were wrong, with a teacher none). Choose selection/teacher=model, or gold questions",
                *(unvouched, len(records)),
            )

    def _judged(self, records: Sequence[Qa], found: Sequence[Band], memo: Remembering, ledger: Ledger) -> Pool:
        """All questions; those that a gate refuses are in the ledger by then."""
        gates = Gates(max_blind_share=self.max_blind_share, min_teacher_agreeing=self.min_teacher_agreeing)
        has_student = self.student is not None
        pool = Pool(
            bands=found, gates=gates, has_student=has_student, size=self.dataset_size, seed=self.seed, ledger=ledger
        )
        stream = iter(records)
        while batch := list(islice(stream, self.batch)):
            for qa, scores in zip(batch, self._scores(batch, memo), strict=True):
                pool.add(qa, scores)
        return pool

    def _chosen(
        self, pool: Pool, found: Sequence[Band], goal: Mapping[Cell, int], available: Mapping[Cell, int]
    ) -> Chosen:
        caps = Caps(per_image=self.max_per_image, per_dataset=self.max_per_dataset, per_kind=self.max_per_kind)
        if self.dataset_size is None:
            return choose(pool.candidates, goal, caps, fill=False)
        reachable = filled(self.bins, self.dataset_size, self.bins_ratio, found, available) if self.fill else goal
        return choose(pool.candidates, reachable, caps, fill=self.fill)

    def _scores(self, qas: Sequence[Qa], memo: Remembering) -> list[Scores | None]:
        """The teacher is asked about hard questions alone, everything else about all: no threshold decides it."""
        if self.student is None:
            return [None] * len(qas)
        shown = posed(qas)
        seen = self.student.shares(shown, memo)
        blind: list[Share | Failure | None] = [None] * len(qas)
        if self.blind is not None:
            blind = [*self.blind.shares([(qa, ()) for qa in qas], memo)]
        taught: dict[int, Share | Failure] = {}
        if self.teacher is not None:
            hard = [n for n, share in enumerate(seen) if isinstance(share, Share) and self._is_hard(share)]
            taught = dict(zip(hard, self.teacher.shares([shown[n] for n in hard], memo), strict=True))
        return [Scores(seen=seen[n], blind=blind[n], teacher=taught.get(n)) for n in range(len(qas))]

    def _is_hard(self, share: Share) -> bool:
        return share.agreeing <= self.teacher_up_to

    def _summary(self, pool: Pool, count: int, table: list[dict[str, Any]], ledger: Ledger) -> dict[str, Any]:
        """`passes` counts the questions by how often the student was right, `unfilled` what the dataset lacks."""
        total = len(pool.passes)
        return {
            "stage": self.name,
            "original_count": total,
            "selected_count": count,
            "unmeasured_count": pool.unmeasured,
            "dataset_size": self.dataset_size,
            "unfilled": None if self.dataset_size is None else self.dataset_size - count,
            "samples": self._samples,
            "passes": {str(passes): pool.counts[passes] for passes in sorted(pool.counts)},
            "quotas": table,
            "removed": ledger.counts(),
        }


def rows(
    bins: Sequence[str],
    bands: Sequence[Band],
    wanted: Mapping[Cell, int],
    available: Mapping[Cell, int],
    given: Mapping[Cell, int],
) -> list[dict[str, Any]]:
    """One row per bin and band that anything was wanted or found of; `missing` is what the cell itself lacks."""
    cells: list[Cell] = [(name, index) for name in bins for index in range(len(bands))]
    return [
        {
            "bin": cell[0],
            "passes": bands[cell[1]].name,
            "wanted": wanted.get(cell, 0),
            "available": available.get(cell, 0),
            "given": given.get(cell, 0),
            "missing": max(0, wanted.get(cell, 0) - given.get(cell, 0)),
        }
        for cell in cells
        if wanted.get(cell) or available.get(cell)
    ]


def report(table: Sequence[Mapping[str, Any]], *, size: int | None, given: int, passes: Counter[int]) -> None:
    """Say how hard the questions are, and what could not be filled."""
    found = ", ".join(f"{count} of {count_of_passes} passes" for count_of_passes, count in sorted(passes.items()))
    if found:
        log.info("selection: %s", found)
    for row in table:
        if row["missing"]:
            log.warning(
                "selection: bin %s gives %d of %d wanted questions%s (%d available)",
                *(row["bin"], row["given"], row["wanted"]),
                f" of {row['passes']} passes" if passes else "",
                row["available"],
            )
    if size is not None and given < size:
        log.warning("dataset_size=%d: only %d questions were selected", size, given)
