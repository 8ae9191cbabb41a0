"""Of each kind of question, how many were asked for and how many came; and what would ask better ones."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

from dcvlr.records import AskedFor, Questions

log = logging.getLogger(__name__)

_FIELDS = ("answer_type", "difficulty", "style")


class Kinds:
    """Counts over a run; kinds that were asked for are those of writers that are asked for any."""

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, str]] = Counter()
        self._got: Counter[tuple[str, str]] = Counter()
        self._of_light = 0

    def add(self, questions: Questions) -> None:
        self._asked.update(_named(questions.asked))
        self._got.update(_named(qa.asked_for for qa in questions.qas if qa.asked_for))
        self._of_light += sum(all(one.kind == "pixels" for one in qa.evidence) for qa in questions.qas if qa.program)

    def summary(self) -> dict[str, Any]:
        """`kinds`: per field and value the counts, asked and got."""
        kinds: dict[str, dict[str, dict[str, int]]] = {field: {} for field in _FIELDS}
        for (field, value), asked in sorted(self._asked.items()):
            kinds[field][value] = {"asked": asked, "got": self._got[field, value]}
        return {"kinds": kinds} if self._asked else {}

    def tell(self) -> None:
        if self._of_light:
            log.info(
                "synthesis: %d questions are about colour and light alone, for want of text or of objects named for "
                "sure; better ones come from a detector that names what it sees (binning/detector=yolo or detr, "
                "docs/options.md has more), or from a language model that sees the pictures "
                "(synthesis/generator=openai)",
                self._of_light,
            )
        for field, counts in self.summary().get("kinds", {}).items():
            if field != "style":
                shown = (f"{one['got']} of {one['asked']} {value}" for value, one in counts.items())
                log.info("synthesis: %s: %s", field, ", ".join(shown))


def _named(kinds: Iterable[AskedFor]) -> Iterable[tuple[str, str]]:
    return ((field, getattr(kind, field)) for kind in kinds for field in _FIELDS)
