"""Things of any kind, without classes: SAM (A. Kirillov et al., ICCV 2023) or SAM 2 asked at a grid of points.

transformers has a mask-generation pipeline. It puts the grid of SAM 2, which stretches pictures to a square, where
SAM's would be, so that a part of every oblong picture is never asked about; and it makes run-length codes of all masks
in Python. So only its models, its image processors and the scaling of masks are used here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from PIL import Image

from dcvlr.binning.detector.boxes import detections
from dcvlr.errors import ConfigError, require_package
from dcvlr.identity import speed
from dcvlr.models.weights import (
    Dtype,
    digest_of_weights,
    load_model,
    load_processor,
    local_config,
    require_weights,
    torch_dtype,
)
from dcvlr.records import Detections, Picture, within_max_side
from dcvlr.settings import Count, Fraction, Side, checked

_OWNER = "binning/detector=sam"
_KINDS = ("sam", "sam2", "sam2_video")
_SIZES = ("original_sizes", "reshaped_input_sizes")  # rows and columns as handed over and, of SAM, on its square


@dataclass(frozen=True, kw_only=True)
@checked
class Sam:
    """The boxes around the masks the model is sure of, those of the same object once.

    A mask counts if the model expects it to overlap the truth by `min_score` (intersection over union) and if it keeps
    `min_stability` of its area when its outline is drawn more strictly; of masks whose boxes overlap by more than
    `max_overlap` the surest is kept. Areas are shares of the picture. `dtype` is that of the image encoder; points and
    masks, which a short float would move by pixels, are always float32.
    """

    name: ClassVar[str] = "sam"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Detections
    decode = within_max_side
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    points_per_side: Count
    min_score: Fraction
    min_stability: Fraction
    max_overlap: Fraction
    min_area: Fraction
    max_area: Fraction
    max_objects: Count
    dtype: Dtype
    max_side: Side
    points_per_batch: Count = speed()
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        require_weights(self.model, self.model_revision, owner=_OWNER)
        require_package("torchvision", extra="transformers", owner=_OWNER)
        if config := local_config(self.model, self.model_revision):
            self._require_kind(config.get("model_type"))

    def __call__(self, items: Sequence[Picture], /) -> list[Detections]:
        if not items:
            return []
        import torch

        images = [Image.fromarray(item.pixels) for item in items]
        inputs = self._processor(images=images, return_tensors="pt")
        with torch.inference_mode():
            with self._short_numbers():
                seen = self._model.get_image_embeddings(inputs["pixel_values"].to(self._model.device))
            return [self._objects(_of_one(seen, index), item, inputs, index) for index, item in enumerate(items)]

    @cached_property
    def _model(self) -> Any:
        where = {"device": self.device, "dtype": "float32"}
        model = load_model("AutoModelForMaskGeneration", self.model, self.model_revision, **where)
        self._require_kind(model.config.model_type)
        return model

    @cached_property
    def _processor(self) -> Any:
        return load_processor("AutoImageProcessor", self.model, self.model_revision)

    def _require_kind(self, kind: str | None) -> None:
        if kind not in _KINDS:
            raise ConfigError(f"binning.detector.model={self.model!r} is of type {kind!r}, not of {', '.join(_KINDS)}")

    def _short_numbers(self) -> AbstractContextManager[Any]:
        import torch

        device = self._model.device
        dtype = torch_dtype(self.dtype, device)
        context: AbstractContextManager[Any] = torch.autocast(
            device.type, dtype=dtype, enabled=dtype is not torch.float32
        )
        return context

    def _objects(self, seen: Any, picture: Picture, inputs: Mapping[str, Any], index: int) -> Detections:
        import torch
        from torchvision.ops import nms

        sizes = {name: inputs[name][index : index + 1].tolist() for name in _SIZES if name in inputs}
        points = points_on_input(self.points_per_side, inputs, index)
        parts = [self._masks_at(seen, some, sizes) for some in points.split(self.points_per_batch)]
        boxes, scores = (torch.cat(part) for part in zip(*parts, strict=True))
        kept = nms(boxes, scores, self.max_overlap)[: self.max_objects]
        return detections_of(boxes[kept].tolist(), scores[kept].tolist(), picture)

    def _masks_at(self, seen: Any, points: Any, sizes: Mapping[str, Any]) -> tuple[Any, Any]:
        """Boxes in pixels of the decoded picture, and scores, of the masks at some points that are worth keeping."""
        import torch

        asked = points[None, :, None].to(self._model.device)
        labels = torch.ones(asked.shape[:-1], dtype=torch.int64, device=asked.device)
        answer = self._model(image_embeddings=seen, input_points=asked, input_labels=labels, multimask_output=True)
        scores, masks = answer.iou_scores.flatten().clamp(0, 1), answer.pred_masks.flatten(0, 2)
        sure = scores >= self.min_score  # the others are not worth scaling
        scaled = self._processor.post_process_masks([masks[sure][:, None]], binarize=False, **sizes)[0][:, 0]
        drawn = scaled > 0
        area = drawn.flatten(1).float().mean(1)
        good = (area > 0) & (area >= self.min_area) & (area <= self.max_area)
        good &= _stability(scaled) >= self.min_stability
        return _boxes_around(drawn[good]).cpu(), scores[sure][good].cpu()


def detections_of(boxes: Sequence[Sequence[float]], scores: Sequence[float], picture: Picture) -> Detections:
    """Boxes in pixels of the decoded picture as objects without labels."""
    full_size = [picture.box_to_full_size(box) for box in boxes]
    return detections(picture.width, picture.height, full_size, scores, None, 0.0)


def _of_one(seen: Any, index: int) -> Any:
    """What the encoder saw of one picture, in float32: a tensor, or of SAM 2 several of different resolution."""
    if isinstance(seen, list | tuple):
        return [part[index : index + 1].float() for part in seen]
    return seen[index : index + 1].float()


def points_on_input(points_per_side: int, inputs: Mapping[str, Any], index: int) -> Any:
    """Points x, y in the middle of equal cells of a picture, row by row, in pixels of what the model is handed.

    SAM lays a picture into the corner of its square, SAM 2 stretches it over the whole square.
    """
    import torch

    sizes = inputs["reshaped_input_sizes"][index] if "reshaped_input_sizes" in inputs else None
    height, width = inputs["pixel_values"].shape[-2:] if sizes is None else sizes.tolist()
    middles = (torch.arange(points_per_side) + 0.5) / points_per_side
    rows, columns = torch.meshgrid(middles * height, middles * width, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(-1, 2)


def _stability(masks: Any) -> Any:
    """Area of each mask drawn at a logit of +1 over its area drawn at -1, as SAM's own mask generator has it."""
    strict, loose = ((masks > limit).flatten(1).sum(1) for limit in (1.0, -1.0))
    return strict / loose.clamp(min=1)


def _boxes_around(masks: Any) -> Any:
    """The smallest box that holds each mask, to the far edge of its last pixel."""
    import torch
    from torchvision.ops import masks_to_boxes

    return masks_to_boxes(masks) + torch.tensor([0, 0, 1, 1], device=masks.device)
