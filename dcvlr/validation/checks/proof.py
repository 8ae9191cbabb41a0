"""Every computed answer is computed again from its evidence, by code that shares only plurals with the writer's.

What a proof cannot see: whether the evidence is true of the picture; whether it is complete, for it knows nothing but
what is cited (a line that was not read, a third dog that was not found, a second date in a line that is not cited all
pass); and, for captions, whether their words were understood, since it reads the sentence as the writer does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa
from dcvlr.validation.proofs import caption, sight, text
from dcvlr.validation.proofs.asked import check_asked
from dcvlr.validation.proofs.reading import UnprovenError

PROOFS: dict[str, Callable[[Qa], str]] = {
    "text.value_beside_label": text.value_beside_label,
    "text.value_after_label": text.value_after_label,
    "text.table_cell": text.table_cell,
    "text.line_below": text.line_below,
    "text.line_above": text.line_above,
    "place.highest_line": text.highest_line,
    "place.lowest_line": text.lowest_line,
    "text.largest_letters": text.largest_letters,
    "text.words_in_line": text.words_in_line,
    "text.word_occurrences": text.word_occurrences,
    "text.line_count": text.line_count,
    "text.only_date": text.only_date,
    "text.only_time": text.only_time,
    "place.upper_or_lower_half": text.upper_or_lower_half,
    "place.left_or_right_half": text.left_or_right_half,
    "amounts.sum": text.amount_sum,
    "amounts.difference": text.amount_difference,
    "amounts.largest": text.largest_amount,
    "amounts.smallest": text.smallest_amount,
    "objects.count": sight.count,
    "objects.leftmost": sight.leftmost,
    "objects.rightmost": sight.rightmost,
    "objects.highest": sight.highest,
    "objects.lowest": sight.lowest,
    "objects.largest": sight.largest,
    "objects.nearest": sight.nearest,
    "objects.overlap": sight.overlap,
    "pixels.dominant_colour": sight.dominant_colour,
    "pixels.brighter_side": sight.brighter_half,
    "pixels.brighter_level": sight.brighter_half,
    "pixels.centre_lightness": sight.centre_lightness,
    "pixels.half_of_colour": sight.half_of_colour,
    "pixels.aspect": sight.aspect,
    "pixels.orientation": sight.orientation,
    "caption.count": caption.count,
    "caption.colour": caption.colour,
    "caption.shape": caption.shape,
    "caption.light": caption.light,
    "caption.text": caption.quote,
    "caption.choice": caption.choice,
}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Passes where the evidence alone leads to the answer.

    A QA that was not computed, or has no proof, passes with value None and says so.
    """

    name: ClassVar[str] = "proof"

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [self._finding(qa) for qa in qas]

    def _finding(self, qa: Qa) -> Finding:
        writer, _, family = qa.generator.partition("/")
        if writer != "computed":
            return Finding(name=self.name, passed=True, reason="not computed")
        if family not in PROOFS:
            return Finding(name=self.name, passed=True, reason=f"not proven: there is no proof for {qa.generator!r}")
        try:
            check_asked(qa, family)
            answer = PROOFS[family](qa)
        except UnprovenError as unproven:
            return Finding(name=self.name, passed=False, value="", threshold=qa.answer, reason=str(unproven))
        if answer == qa.answer:
            return Finding(name=self.name, passed=True, value=answer, threshold=qa.answer)
        reason = f"the evidence leads to {answer!r}, not to {qa.answer!r}"
        return Finding(name=self.name, passed=False, value=answer, threshold=qa.answer, reason=reason)
