"""Questions that a model answers from another picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from dcvlr.identity import digest
from dcvlr.llm.solver import Solver, require_sight
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, ImageRecord, Qa
from dcvlr.records.requests import View
from dcvlr.settings import Fraction, checked
from dcvlr.validation.solving import Action, deprived


@dataclass(frozen=True, kw_only=True)
@checked
class Swapped:
    """Rejected, or with `action: flag` only marked, where more than `max_agreement` of the replies agree.

    The other picture is of the same bin: by `seed` all of a bin stand in a ring, and each question is
    asked with the next one that it is not about, whatever the batches; one about several pictures with as many.
    A question whose bin has too few is not asked.
    """

    name: ClassVar[str] = "swapped"
    asks: ClassVar[bool] = True
    solved: ClassVar[str] = "solved with another picture"

    solver: Solver
    seed: int
    max_agreement: Fraction
    action: Action

    def check_ready(self) -> None:
        require_sight(f"validation.checks.{self.name}.solver.llm", self.solver.llm)

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        """Among the pictures of `qas`; the stage asks `among` all of the run."""
        return self.among(qas)(qas, memo)

    def among(self, qas: Iterable[Qa]) -> SwappedAmong:
        bins: defaultdict[str, dict[str, ImageRecord]] = defaultdict(dict)
        for qa in qas:
            bins[qa.bin].update((image.id, image) for image in qa.pictures if image.id not in bins[qa.bin])
        after = {(name, key): other for name, pictures in bins.items() for key, other in self._ring(pictures)}
        return SwappedAmong(check=self, after=after)

    def _ring(self, pictures: Mapping[str, ImageRecord]) -> Iterable[tuple[str, ImageRecord]]:
        """Each id with the picture that comes after it; a new picture changes what one of the others is shown."""
        ring = sorted(pictures, key=lambda image_id: digest(f"{self.seed} {image_id}".encode()))
        return zip(ring, (pictures[key] for key in [*ring[1:], ring[0]]), strict=True) if len(ring) > 1 else ()


@dataclass(frozen=True, kw_only=True)
class SwappedAmong:
    """`check` where it is known which picture comes after each, by its bin and id."""

    name: ClassVar[str] = Swapped.name
    asks: ClassVar[bool] = True

    check: Swapped
    after: Mapping[tuple[str, str], ImageRecord]

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding | Failure]:
        return deprived(self.check, qas, [self._views(qa) for qa in qas], memo)

    def _views(self, qa: Qa) -> tuple[View, ...] | str:
        others = tuple(View(image=other) for other in islice(self._others(qa), len(qa.pictures)))
        if len(others) == len(qa.pictures):
            return others
        return "its bin has too few other pictures" if others else "its bin has no other picture"

    def _others(self, qa: Qa) -> Iterator[ImageRecord]:
        """Once around the ring from the first picture of the question on, those that it is not about."""
        own = {image.id for image in qa.pictures}
        other = self.after.get((qa.bin, qa.image_id))
        while other is not None and other.id != qa.image_id:
            if other.id not in own:
                yield other
            other = self.after[qa.bin, other.id]
