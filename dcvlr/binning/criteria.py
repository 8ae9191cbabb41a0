"""The numbers that bins are decided on, from signals alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from dcvlr.records import BinCriteria, Detection, Detections, OcrResult, Quad

Signal = Literal["text", "objects", "similarity"]

_OF_OBJECTS = ("num_objects", "unique_classes", "spatial_dispersion")


def signal_of(criterion: str) -> Signal:
    """What has to be measured for one of the fields of `BinCriteria`."""
    if criterion == "clip_similarity":
        return "similarity"
    return "objects" if criterion in _OF_OBJECTS else "text"


def criteria_of_text(text: OcrResult) -> BinCriteria:
    """What OCR alone tells."""
    ratio = text_area_ratio([line.quad for line in text.lines], text.width, text.height)
    return BinCriteria(num_text_boxes=len(text.lines), text_area_ratio=ratio)


def with_objects(criteria: BinCriteria, objects: Detections) -> BinCriteria:
    """`criteria` with what the detector tells; `unique_classes` is None where it knows no classes."""
    labels = {detection.label for detection in objects.objects}
    return replace(
        criteria,
        num_objects=len(objects.objects),
        unique_classes=len(labels) if objects.labelled else None,
        spatial_dispersion=spatial_dispersion(objects.objects, objects.width, objects.height),
    )


def with_similarity(criteria: BinCriteria, similarity: float | None) -> BinCriteria:
    return replace(criteria, clip_similarity=similarity)


def text_area_ratio(quads: Sequence[Quad], width: int, height: int) -> float:
    """Area of the union of the text boxes inside the picture by the picture's area, 0 to 1, to four decimals."""
    if not quads:
        return 0.0
    import shapely

    corners = np.clip(np.asarray(quads), 0, (width, height))
    # A box whose corners cross is taken for the area its corners span; one without area counts for nothing.
    shapes = shapely.convex_hull(shapely.multipoints(corners))
    # Most lines touch no other, and a union costs far more than a sum.
    touching = _touch_another(corners.min(axis=1), corners.max(axis=1))
    covered = shapely.area(shapes[~touching]).sum() + shapely.area(shapely.union_all(shapes[touching]))
    return round(float(covered) / (width * height), 4)


def _touch_another(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of some upright boxes, N x 2 corners each, share a point with another one."""
    meets = (low[:, None] <= high[None, :]).all(axis=2)
    touching: NDArray[np.bool_] = (meets & meets.T).sum(axis=1) > 1
    return touching


def spatial_dispersion(objects: Sequence[Detection], width: int, height: int) -> float:
    """(max cx - min cx) * (max cy - min cy) / (W * H) over the centres of the boxes, 0 for fewer than two."""
    if len(objects) < 2:
        return 0.0
    xs = [(detection.box[0] + detection.box[2]) / 2 for detection in objects]
    ys = [(detection.box[1] + detection.box[3]) / 2 for detection in objects]
    return round((max(xs) - min(xs)) * (max(ys) - min(ys)) / (width * height), 4)
