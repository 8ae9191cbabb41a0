"""A sign of a watermark or logo: a corner that is full of edges."""

from __future__ import annotations

from dataclasses import dataclass

from dcvlr.protocols import Inspector
from dcvlr.records import Inspection, Score


@dataclass(frozen=True, kw_only=True)
class CornerEdges:
    """The corner edge ratio of the inspection. It cannot tell a logo from grass: fine texture scores as high."""

    inspection: Inspector

    @property
    def sources(self) -> tuple[Inspector]:
        return (self.inspection,)

    def derive(self, inspection: Inspection, /) -> Score:
        return Score(value=inspection.corner_edge_ratio)
