"""How sure an image-classification model of transformers is that a picture is of one class.

What the class means is the model's and the user's affair: filtering reads the NSFW score and the watermark score off
two of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.identity import speed
from dcvlr.models.weights import Dtype, digest_of_weights, load_model, load_processor, local_config, require_weights
from dcvlr.records import Failure, Picture, Score, within_max_side
from dcvlr.settings import Count, Side, checked


@dataclass(frozen=True, kw_only=True)
@checked
class ImageClassifier:
    """The probability of the class `label`: softmax over all classes, or sigmoid where several may be true at once.

    `key` is where it stands in the config, for errors only. Raises `ConfigError` for a label the model does not know:
    before work starts if the weights are on this machine, else as soon as they are.
    """

    name: ClassVar[str] = "classifier"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Score
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    label: str
    dtype: Dtype
    max_side: Side
    key: str = speed()
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        require_weights(self.model, self.model_revision, owner=self.key)
        config = local_config(self.model, self.model_revision) or {}
        if "id2label" in config:
            self._index(config["id2label"])

    def __call__(self, items: Sequence[Picture], /) -> list[Score | Failure]:
        if not items:
            return []
        import torch

        model = self._model
        inputs = self._processor(images=[Image.fromarray(item.pixels) for item in items], return_tensors="pt")
        with torch.inference_mode():
            logits = model(**inputs.to(model.device, model.dtype)).logits.float()
        exclusive = model.config.problem_type != "multi_label_classification" and model.config.num_labels > 1
        shares = logits.softmax(-1) if exclusive else logits.sigmoid()
        index = self._index(model.config.id2label)
        return [_score(float(row[index]), self.label) for row in shares.cpu()]

    @cached_property
    def _model(self) -> Any:
        where = {"device": self.device, "dtype": self.dtype}
        return load_model("AutoModelForImageClassification", self.model, self.model_revision, **where)

    @cached_property
    def _processor(self) -> Any:
        return load_processor("AutoImageProcessor", self.model, self.model_revision)

    def _index(self, names: Mapping[Any, str]) -> int:
        """Which output is that of `label`; `names` is the model's own id2label."""
        for index, name in names.items():
            if name == self.label:
                return int(index)
        known = ", ".join(sorted(names.values()))
        raise ConfigError(f"{self.key}.label={self.label!r}: the labels of {self.model!r} are {known}")


def _score(share: float, label: str) -> Score | Failure:
    """A share that is no number, because a half-precision model overflowed, is a failure: no threshold can judge it."""
    if not math.isfinite(share):
        return Failure(kind="model", message="the score is not a number; dtype=float32 may help")
    return Score(value=round(share, 4), label=label)
