"""A tiny open_clip model with random weights; its tokenizer is the one inside the wheel."""

from __future__ import annotations

import json
from pathlib import Path

CONFIG = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
}
PREPARATION = {
    "mean": [0.48, 0.457, 0.408],
    "std": [0.268, 0.261, 0.275],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}


def open_clip(root: Path) -> Path:
    """A folder with `open_clip_config.json` and `open_clip_model.safetensors`."""
    import torch
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    folder = root / "open_clip"
    if folder.exists():
        return folder
    torch.manual_seed(0)
    model = CLIP(**CONFIG)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(3)  # at their usual size random weights give every picture nearly the same features
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": CONFIG, "preprocess_cfg": PREPARATION}))
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder
