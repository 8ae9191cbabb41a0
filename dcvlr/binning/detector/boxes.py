"""What every detector does with the boxes it found: clip, round, drop the weak, put the strongest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dcvlr.records import Box, Detection, Detections


def detections(
    width: int,
    height: int,
    boxes: Iterable[Sequence[float]],
    scores: Iterable[float],
    labels: Iterable[str] | None,
    min_score: float,
) -> Detections:
    """Boxes `(x0, y0, x1, y1)` in full-size pixels of a picture as its objects, the strongest first.

    Boxes are clipped to the picture and rounded to 0.1 px; what has no area then is dropped, as is what scores below
    `min_score`. Equal scores are ordered by box, then by label, so the order of detection does not matter. `labels`
    is None for a detector that knows no classes.
    """
    placed = [_inside(box, width, height) for box in boxes]
    names: Iterable[str | None] = [None] * len(placed) if labels is None else labels
    objects = [
        Detection(label=label, score=round(float(score), 4), box=box)
        for box, score, label in zip(placed, scores, names, strict=True)
        if float(score) >= min_score and box[0] < box[2] and box[1] < box[3]
    ]
    ordered = tuple(sorted(objects, key=lambda thing: (-thing.score, thing.box, thing.label or "")))
    return Detections(width=width, height=height, objects=ordered, labelled=labels is not None)


def _inside(box: Sequence[float], width: int, height: int) -> Box:
    a, b, c, d = (
        round(min(max(float(value), 0.0), float(limit)), 1)
        for value, limit in zip(box, (width, height, width, height), strict=True)
    )
    return (a, b, c, d)
