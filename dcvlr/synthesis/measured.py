"""What a writer needs of each picture, measured as far as it asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

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
            for wanted, members in self._wanting(number).items():
                fields = sorted((wanted - group.asked) & models.keys())
                found = memo.measure_together([models[field] for field in fields], members)
                signals = {**group.signals, **dict(zip(fields, found, strict=True))}
                self._groups.append(_MeasuredGroup(group.asked | wanted, signals))

    def _wanting(self, number: int) -> dict[Set[SceneField], RecordList[ImageRecord]]:
        """The pictures of a group of which more is wanted, by what; they are of the groups that come next."""
        found: dict[Set[SceneField], RecordList[ImageRecord]] = {}
        next_group, asked = len(self._groups), self._groups[number].asked
        for index, record in enumerate(self._records):
            if self._group_of[index] == number and isinstance(scene := self[index], Scene):
                wanted = self._writer.needs(scene, asked)
                if not wanted <= asked:
                    found.setdefault(wanted, RecordList(ImageRecord)).append(record.image)
                    self._group_of[index] = next_group + list(found).index(wanted)
        return found

    @property
    def measured(self) -> Set[SceneField]:
        """What was measured of any picture."""
        return frozenset(field for group in self._groups for field in group.signals)

    def __getitem__(self, index: int) -> Scene | dict[SceneField, Failure]:
        """The scene of a picture, or what could not be measured of it."""
        record, signals = self._records[index], self._groups[self._group_of[index]].signals
        found = {field: of[record.image.id] for field, of in signals.items()}
        failed = {field: signal for field, signal in found.items() if isinstance(signal, Failure)}
        return failed or replace(Scene(image=record.image, bin=record.bin), **found)
