"""Rules of bins: one number of a picture, held to a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Protocol

from msgspec import Meta

from dcvlr.records import BinCriteria, Finding
from dcvlr.settings import checked

_UNREAD_LINES = 4  # fewer may be signs in a photograph, of which other questions can be asked

Counted = Literal["num_text_boxes", "text_area_ratio", "num_objects", "unique_classes", "spatial_dispersion"]
Criterion = Counted | Literal["clip_similarity"]


class BinRule(Protocol):
    """A decision over the numbers of a picture, one of which it is named by: `criterion`."""

    @property
    def criterion(self) -> Criterion: ...
    @property
    def threshold(self) -> float: ...
    @property
    def key(self) -> str: ...

    def holds(self, criteria: BinCriteria) -> bool: ...
    def finding(self, criteria: BinCriteria) -> Finding: ...


@dataclass(frozen=True, kw_only=True)
@checked
class Above:
    """Holds for a value above `threshold`, strictly; one that was not measured is not above anything."""

    criterion: Counted
    threshold: float
    key: str  # what to type to change the threshold

    def holds(self, criteria: BinCriteria) -> bool:
        value = getattr(criteria, self.criterion)
        return value is not None and value > self.threshold

    def finding(self, criteria: BinCriteria) -> Finding:
        passed, value = self.holds(criteria), getattr(criteria, self.criterion)
        return Finding(name=self.criterion, passed=passed, value=value, threshold=self.threshold)


@dataclass(frozen=True, kw_only=True)
@checked
class CaptionMatches:
    """Holds for a caption that is as similar as `threshold`, a cosine, and where there is no similarity model."""

    criterion: ClassVar[Literal["clip_similarity"]] = "clip_similarity"

    threshold: Annotated[float, Meta(ge=-1, le=1)]
    key: str

    def holds(self, criteria: BinCriteria) -> bool:
        return criteria.clip_similarity is None or criteria.clip_similarity >= self.threshold

    def finding(self, criteria: BinCriteria) -> Finding:
        passed, value = self.holds(criteria), criteria.clip_similarity
        reason = "" if passed else "the caption does not match the picture well enough"
        return Finding(name=self.criterion, passed=passed, value=value, threshold=self.threshold, reason=reason)


def script_finding(unread: int) -> Finding:
    """A page with so many lines in a script that the OCR does not know: nothing true could be asked about it."""
    passed = unread <= _UNREAD_LINES
    reason = "" if passed else "its text is in a script that binning.ocr does not know: choose one that does"
    return Finding(name="unknown_script", passed=passed, value=unread, threshold=_UNREAD_LINES, reason=reason)
