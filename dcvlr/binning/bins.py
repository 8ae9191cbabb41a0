"""The bins that pictures are sorted into: a named list, of which the first that fits takes a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dcvlr.binning.criteria import Signal, signal_of
from dcvlr.binning.rules import BinRule, Criterion
from dcvlr.records import BinCriteria, Finding, ValueRule
from dcvlr.settings import SettingError, checked

_WHAT = {
    "num_text_boxes": "lines of text",
    "text_area_ratio": "share of the picture that text covers",
    "num_objects": "objects",
    "unique_classes": "classes of objects",
    "spatial_dispersion": "share of the picture between the objects' centres",
    "clip_similarity": "similarity of the caption, a cosine",
}


@dataclass(frozen=True, kw_only=True)
@checked
class Bin:
    """A picture belongs here if one rule of `any_of` holds, without any if no other bin took it.

    One that fails a rule of `requires` is left out of all bins. Where there is no room for all, those with the highest
    `strongest_by` stay.
    """

    title: str
    any_of: Mapping[str, BinRule]
    requires: Mapping[str, BinRule]
    strongest_by: Criterion

    @property
    def rules(self) -> list[BinRule]:
        return [*self.any_of.values(), *self.requires.values()]

    def takes(self, criteria: BinCriteria) -> bool:
        """Whether a picture that no bin before took belongs here."""
        for rule in self.any_of.values():  # a loop takes half as long as `any`, and every picture is asked
            if rule.holds(criteria):
                return True
        return not self.any_of

    def lacking(self, criteria: BinCriteria) -> list[Finding]:
        """Those of the rules of `requires` that fail."""
        return [rule.finding(criteria) for rule in self.requires.values() if not rule.holds(criteria)]

    def strength(self, criteria: BinCriteria) -> float:
        """What makes a member strong; 0 where it was not measured."""
        return getattr(criteria, self.strongest_by) or 0

    def limits(self) -> list[ValueRule]:
        """The rules of `any_of`, as a report moves them."""
        return [
            ValueRule(
                name=rule.criterion, key=rule.key, what=_WHAT[rule.criterion], threshold=rule.threshold, minimum=True
            )
            for rule in self.any_of.values()
        ]


def require_bins(bins: Mapping[str, Bin]) -> None:
    """Raise `SettingError` unless each picture ends in one bin: the last takes the rest, and no other does."""
    open_ones = [name for name, one in bins.items() if not one.any_of]
    if not bins or open_ones != [list(bins)[-1]]:
        rest = f"the last one takes the rest, so it alone has no any_of; without it are {open_ones}"
        raise SettingError("bins", list(bins), f"{rest}. Choose the bins in their order, e.g. binning/bins=[A,B,C]")


def signals_of(rules: Iterator[BinRule] | Sequence[BinRule]) -> set[Signal]:
    """What has to be measured before these rules can decide."""
    return {signal_of(rule.criterion) for rule in rules}


def assign_bin(criteria: BinCriteria, bins: Mapping[str, Bin]) -> str:
    """The first bin that takes a picture with everything measured."""
    return next(name for name, one in bins.items() if one.takes(criteria))


def findings(criteria: BinCriteria, bins: Mapping[str, Bin]) -> list[Finding]:
    """Every rule that was evaluated, once; they explain the bin and are no fault of the picture."""
    found = [rule.finding(criteria) for one in bins.values() for rule in one.rules]
    return [finding for finding in found if finding.value is not None]
