"""The tiny CLIP of `tiny.clip` as ONNX files of its two towers, laid out as transformers.js has them."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

from tiny.clip import clip


def onnx_clip(root: Path) -> Path:
    """Both towers with their projections, exported by torch, beside tokenizer and preprocessor of the original."""
    import torch
    from transformers import CLIPModel

    folder = root / "onnx_clip"
    if folder.exists():
        return folder
    shutil.copytree(clip(root), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "onnx").mkdir()
    model = CLIPModel.from_pretrained(clip(root), attn_implementation="eager").eval().requires_grad_(False)
    images, tokens = torch.rand(2, 3, 32, 32), torch.ones(2, 77, dtype=torch.int64)
    towers = {
        "vision_model.onnx": (model.get_image_features, images, "pixel_values", "image_embeds"),
        "text_model.onnx": (model.get_text_features, tokens, "input_ids", "text_embeds"),
    }
    for name, (features, example, takes, gives) in towers.items():
        _export(features, example, takes, gives, folder / "onnx" / name)
    return folder


def _export(features: Any, example: Any, takes: str, gives: str, path: Path) -> None:
    import torch

    class Tower(torch.nn.Module):
        def forward(self, value: Any) -> Any:
            return features(value).pooler_output

    axes = {takes: {0: "batch"}, gives: {0: "batch"}}
    names = {"input_names": [takes], "output_names": [gives], "dynamic_axes": axes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are taken for constants, and of the exporter's age
        torch.onnx.export(Tower().eval(), (example,), path, dynamo=False, **names)
