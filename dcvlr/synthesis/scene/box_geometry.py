"""How two boxes lie to each other."""

from __future__ import annotations

from dcvlr.records import Box, box_area, shared_area


def centre(box: Box) -> tuple[float, float]:
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def shared_of_smaller(a: Box, b: Box) -> float:
    """What both have in common as a share of the smaller of the two; 1 where that has no area."""
    smaller = min(box_area(a), box_area(b))
    return shared_area(a, b) / smaller if smaller > 0 else 1.0


def shared_of_both(a: Box, b: Box) -> float:
    """The same as a share of all that they cover together."""
    common = shared_area(a, b)
    covered = box_area(a) + box_area(b) - common
    return common / covered if covered > 0 else 1.0


def contains(outer: Box, inner: Box, margin: float = 0.0) -> bool:
    """Whether `inner` lies in `outer`, at least `margin` from its edges."""
    return all(inner[i] >= outer[i] + margin and inner[i + 2] <= outer[i + 2] - margin for i in (0, 1))


def gap(a: Box, b: Box) -> float:
    """The widest space between them, across or down; below 0 where they overlap."""
    return max(max(a[i], b[i]) - min(a[i + 2], b[i + 2]) for i in (0, 1))
