"""Of each kind of question, how many were asked for and how many came; and what would ask better ones."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dcvlr.records import AskedFor, Questions

log = logging.getLogger(__name__)

_FIELDS = ("answer_type", "difficulty", "style")


class Kinds:
    """Counts over scenes, or all of a run; kinds that were asked for are those of writers that are asked for any."""

    def __init__(self, written: Sequence[Questions] = ()) -> None:
        qas = [qa for one in written for qa in one.qas]
        self._asked = Counter(_named(kind for one in written for kind in one.asked))
        self._got = Counter(_named(qa.asked_for for qa in qas if qa.asked_for))
        self._of_light = sum(all(one.kind == "pixels" for one in qa.evidence) for qa in qas if qa.program)

    def add(self, others: Kinds) -> None:
        """Count what was counted over other scenes, too."""
        self._asked.update(others._asked)
        self._got.update(others._got)
        self._of_light += others._of_light

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
