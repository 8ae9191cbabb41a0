"""The three bins of the README, as objects."""

from __future__ import annotations

from dcvlr.binning.bins import Bin
from dcvlr.binning.rules import Above, CaptionMatches, Counted


def above(criterion: Counted, threshold: float) -> Above:
    return Above(criterion=criterion, threshold=threshold, key=f"binning.{criterion}")


def bins_abc(
    *, text_boxes: int = 2, text_area: float = 0.2, object_count: int = 5, clip: float = 0.25
) -> dict[str, Bin]:
    """A rich in text, B rich in objects, C the rest with a caption that fits."""
    text = {"boxes": above("num_text_boxes", text_boxes), "area": above("text_area_ratio", text_area)}
    objects = {
        "classes": above("unique_classes", 3),
        "count": above("num_objects", object_count),
        "dispersion": above("spatial_dispersion", 0.3),
    }
    caption = {"similarity": CaptionMatches(threshold=clip, key="binning.clip_similarity_threshold")}
    return {
        "A": Bin(title="text-rich", any_of=text, requires={}, strongest_by="text_area_ratio"),
        "B": Bin(title="object-rich", any_of=objects, requires={}, strongest_by="num_objects"),
        "C": Bin(title="everything else", any_of={}, requires=caption, strongest_by="clip_similarity"),
    }
