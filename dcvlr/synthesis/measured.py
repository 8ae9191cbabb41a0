"""What a writer needs of each picture, measured as far as it asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from dcvlr.protocols import Measurable, QuestionWriter, Remembering, Signals
from dcvlr.records import BinnedImage, Failure, ImageRecord, Scene, SceneField
from dcvlr.rundir.record_list import RecordList


@dataclass(frozen=True)
class _MeasuredGroup:
    """Pictures of which the same was asked for: `asked` even of what no model gives."""

    asked: Set[SceneField]
    signals: Mapping[SceneField, Signals[Any]]


class MeasuredScenes:
    """Scenes of pictures, of each the signals that the writer asks for: first of all, then for what these leave open.

    `models` gives a field its model; a field without one stays empty. Of each picture a byte is in memory.
    """

    def __init__(
        self,
        records: Sequence[BinnedImage],
        writer: QuestionWriter,
        models: Mapping[SceneField, Measurable[Any]],
        memo: Remembering,
    ) -> None:
        self._records, self._writer = records, writer
        self._groups = [_MeasuredGroup(frozenset(), {})]
        self._group_of = bytearray(len(records))
        for number, group in enumerate(self._groups):  # grows on the way
            for wanted, members in self._wanting(number, memo).items():
                fields = sorted((wanted - group.asked) & models.keys())
                found = memo.measure_together([models[field] for field in fields], members)
                signals = {**group.signals, **dict(zip(fields, found, strict=True))}
                self._groups.append(_MeasuredGroup(group.asked | wanted, signals))

    def _wanting(self, number: int, memo: Remembering) -> dict[Set[SceneField], RecordList[ImageRecord]]:
        """The pictures of a group of which more is wanted, by what; they are of the groups that come next."""
        found: dict[Set[SceneField], RecordList[ImageRecord]] = {}
        next_group, slices = len(self._groups), replace(memo.slices(), rows=self._writer.batch)
        for part in slices(lambda rows: [(row, self._more_of(row, number)) for row in rows], len(self._records)):
            for index, wanted in part:
                if wanted is not None:
                    found.setdefault(wanted, RecordList(ImageRecord)).append(self._records[index].image)
                    self._group_of[index] = next_group + list(found).index(wanted)
        return found

    def _more_of(self, index: int, number: int) -> Set[SceneField] | None:
        """What is wanted of a picture, where that is more than what its group was asked for; None for other groups."""
        if self._group_of[index] != number or not isinstance(scene := self[index], Scene):
            return None
        asked = self._groups[number].asked
        wanted = self._writer.needs(scene, asked)
        return None if wanted <= asked else wanted

    @property
    def measured(self) -> Set[SceneField]:
        """What was measured of any picture."""
        return frozenset(field for group in self._groups for field in group.signals)

    def __getitem__(self, index: int) -> Scene | dict[SceneField, Failure]:
        """The scene of a picture, or what could not be measured of it."""
        record, signals = self._records[index], self._groups[self._group_of[index]].signals
        found = {field: of[record.image.id] for field, of in signals.items()}
        failed = {field: signal for field, signal in found.items() if isinstance(signal, Failure)}
        return failed or msgspec.structs.replace(Scene(image=record.image, bin=record.bin), **found)
