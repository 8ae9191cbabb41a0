"""Regions that stand out, without classes: the light analogue of a segment-everything model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from dcvlr.binning.detector.saliency import salience
from dcvlr.errors import require_package
from dcvlr.identity import speed
from dcvlr.records import Box, Detection, Detections, Picture, box_area, shared_area, within_max_side
from dcvlr.settings import Count, Fraction, checked

_SALIENT = 0.4  # of 1; Otsu's threshold sinks below it where objects are small, and would take in their surroundings


@dataclass(frozen=True, kw_only=True)
@checked
class SalientRegions:
    """Connected regions that differ from the background of their picture, the most striking first; no labels."""

    name: ClassVar[str] = "regions"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode = within_max_side

    max_side: Annotated[int, Meta(ge=64)]
    patches: Annotated[int, Meta(ge=16)]
    min_contrast: Fraction
    min_area: Fraction
    max_area: Fraction
    max_regions: Count
    batch_size: Count = speed()

    def check_ready(self) -> None:
        require_package("skimage", extra="regions", owner="binning/detector=regions")

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        return [
            Detections(width=item.width, height=item.height, objects=self._regions(item), labelled=False)
            for item in items
        ]

    def _regions(self, picture: Picture) -> tuple[Detection, ...]:
        from skimage.filters import threshold_otsu
        from skimage.measure import label, regionprops
        from skimage.morphology import disk, opening

        map_ = salience(picture.pixels, self.patches)
        if not map_.any():
            return ()
        mask = map_ > max(threshold_otsu(map_), _SALIENT)
        parts = label(opening(mask, disk(self.max_side // 80)))  # threads between objects do not make them one
        least = float(map_[~mask].mean()) + self.min_contrast
        objects = [
            Detection(label=None, score=round(float(region.intensity_mean), 4), box=_box(region.bbox, picture))
            for region in regionprops(parts, intensity_image=map_)
            if region.intensity_mean >= least and self._has_fair_size(region, map_.size)
        ]
        apart = [o for o in objects if not any(_holds(other.box, o.box) for other in objects)]
        return tuple(sorted(apart, key=lambda o: (-o.score, o.box))[: self.max_regions])

    def _has_fair_size(self, region: Any, picture_area: int) -> bool:
        return bool(self.min_area * picture_area <= region.area and region.area_bbox <= self.max_area * picture_area)


def _box(bounds: tuple[int, int, int, int], picture: Picture) -> Box:
    """From rows and columns of the decoded picture to corners in full-size pixels."""
    top, left, bottom, right = bounds
    x0, y0, x1, y1 = picture.box_to_full_size((left, top, right, bottom))
    return (round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1))


def _holds(outer: Box, inner: Box) -> bool:
    """Whether a larger box holds nearly all of a smaller one: the smaller is then a part of the same object."""
    return box_area(outer) > box_area(inner) and shared_area(outer, inner) >= 0.8 * box_area(inner)
