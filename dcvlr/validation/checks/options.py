"""Options that are different, and one of which is the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, ClassVar

from msgspec import Meta

from dcvlr.records import Finding, Qa
from dcvlr.settings import SettingError, checked
from dcvlr.text.answers import agree
from dcvlr.text.letters import is_none_of_others
from dcvlr.validation.each import each

Lettered = Annotated[int, Meta(ge=2, le=26)]

_OF_OTHERS = re.compile(
    r"^\W*(?:both |either |neither |all of |only )?\(?[A-H]\)?(?:,? (?:and|or|nor|&) |\s?[&/+]\s?|, )\(?[A-H]\)?\W*$"
    r"|\b(?:all|both|any|either) of (?:the above|these|them)\b|\ball (?:the )?(?:above|others)\b"
    r"|\b(?:both|all|any|either|neither|none) of the (?:first|last|other|previous|former|latter|two|three|four)\b"
    r"|\bboth options\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"%|\bper ?cent(?:age)?\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
@checked
class Options:
    """Questions without options pass. Two options that differ only in case or spaces are the same one.

    Nor may two that a model wrote agree (12.00 and 12.000, red and "Red."), nor one speak of others ("both A and B").
    """

    name: ClassVar[str] = "options"

    min_options: Lettered
    max_options: Lettered

    def __post_init__(self) -> None:
        if self.min_options > self.max_options:
            raise SettingError("min_options", self.min_options, f"at most max_options ({self.max_options}) is allowed")

    @each
    def __call__(self, qa: Qa) -> Finding:
        if qa.options is None:
            return Finding(name=self.name, passed=True)
        reason = self._wrong(qa.options, qa.answer) or ("" if qa.is_computed else _equal(qa.options))
        return Finding(name=self.name, passed=not reason, value=len(qa.options), reason=reason)

    def _wrong(self, options: tuple[str, ...], answer: str) -> str:
        if not self.min_options <= len(options) <= self.max_options:
            return f"{len(options)} options, from {self.min_options} to {self.max_options} are allowed"
        if not all(option.strip() for option in options):
            return "an option is empty"
        if len({" ".join(option.casefold().split()) for option in options}) < len(options):
            return "two options are the same"
        if found := next((option for option in options if _OF_OTHERS.search(option)), ""):
            return f"the option {found!r} speaks of other options, whose order changes"
        if answer not in options:
            return f"the answer {answer!r} is not one of the options"
        return ""


def _by_percent_alone(one: str, other: str) -> bool:
    """Whether options such as 5 and "5 %" are told apart by the sign; of an answer it may be forgotten."""
    bare = [_PERCENT.sub("", text).strip() for text in (one, other)]
    return bare[0] == bare[1] and bool(_PERCENT.search(one)) != bool(_PERCENT.search(other))


def _equal(options: tuple[str, ...]) -> str:
    """The first two options that say the same, such as 12.00 and 12.000."""
    for one, other in combinations(options, 2):
        if _by_percent_alone(one, other):
            continue
        if (is_none_of_others(one) and is_none_of_others(other)) or agree(one, other, None, tolerance=0.0):
            return f"the options {one!r} and {other!r} say the same"
    return ""
