"""A sign of a watermark or logo: a corner that is full of edges."""

from __future__ import annotations

from dataclasses import dataclass

from dcvlr.protocols import StatisticsReader
from dcvlr.records import ImageStatistics, Score


@dataclass(frozen=True, kw_only=True)
class CornerEdges:
    """The corner edge ratio of the statistics. It cannot tell a logo from grass: fine texture scores as high."""

    statistics: StatisticsReader

    @property
    def sources(self) -> tuple[StatisticsReader]:
        return (self.statistics,)

    def derive(self, statistics: ImageStatistics, /) -> Score:
        return Score(value=statistics.corner_edge_ratio)
