"""What a picture shows, by a classifier in an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.identity import speed
from dcvlr.models.onnx_network import OnnxNetwork, class_shares, require_classifier
from dcvlr.records import Picture, Score, within_max_side
from dcvlr.settings import Count, Side, checked


@dataclass(frozen=True, kw_only=True)
@checked
class OnnxClassifier:
    """The surest class of each picture: its share of the probability as value, its name as label."""

    name: ClassVar[str] = "onnx_classifier"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Score
    decode = within_max_side

    network: OnnxNetwork
    max_side: Side
    batch_size: Count = speed()

    def check_ready(self) -> None:
        self.network.check_ready()
        if self.network.is_here:
            require_classifier(self.network)

    def __call__(self, items: Sequence[Picture], /) -> list[Score]:
        if not items:
            return []
        shares = class_shares(self.network, [item.pixels for item in items])
        return [Score(value=round(float(row.max()), 4), label=self.network.names[int(row.argmax())]) for row in shares]
