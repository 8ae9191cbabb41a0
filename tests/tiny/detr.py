"""Detection transformers that give everything a name and a box at random, but by what they see.

Fresh heads give every query of every picture the same score and box, so theirs are drawn from a wider distribution.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

NAMES = {0: "cat", 1: "dog", 2: "cup", 3: "car", 4: "tree"}
_SHARED: dict[str, Any] = {
    "encoder_hidden_dim": 32,
    "encoder_in_channels": [16, 24, 32],
    "feat_strides": [8, 16, 32],
    "encoder_layers": 1,
    "encoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "d_model": 32,
    "num_queries": 20,
    "decoder_in_channels": [32, 32, 32],
    "decoder_ffn_dim": 32,
    "num_feature_levels": 3,
    "decoder_layers": 2,
    "decoder_attention_heads": 2,
    "num_denoising": 0,
    "hidden_expansion": 1.0,
    "anchor_image_size": None,
    "id2label": NAMES,
    "label2id": {name: index for index, name in NAMES.items()},
}


def rt_detr(folder: Path) -> Path:
    """An RT-DETRv2 whose input is 64 x 64, saved once; returns its folder."""
    target = folder / "rt_detr"
    if target.is_dir():
        return target
    import torch
    from transformers import RTDetrResNetConfig, RTDetrV2Config, RTDetrV2ForObjectDetection

    torch.manual_seed(0)
    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16, 24, 32],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
        out_indices=[2, 3, 4],
    )
    config = RTDetrV2Config(backbone_config=backbone, decoder_n_points=2, **_SHARED)
    return _saved(RTDetrV2ForObjectDetection(config), target)


def d_fine(folder: Path) -> Path:
    """A D-FINE whose input is 64 x 64, saved once; returns its folder."""
    target = folder / "d_fine"
    if target.is_dir():
        return target
    import torch
    from transformers import DFineConfig, DFineForObjectDetection, HGNetV2Config

    torch.manual_seed(0)
    backbone = HGNetV2Config(
        stem_channels=[3, 8, 8],
        stage_in_channels=[8, 16, 16, 24],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=[16, 16, 24, 32],
        stage_num_blocks=[1, 1, 1, 1],
        stage_downsample=[False, True, True, True],
        stage_light_block=[False, False, True, True],
        stage_kernel_size=[3, 3, 5, 5],
        stage_numb_of_layers=[1, 1, 1, 1],
        embedding_size=8,
        hidden_sizes=[16, 16, 24, 32],
        depths=[1, 1, 1, 1],
        out_features=["stage2", "stage3", "stage4"],
        out_indices=[2, 3, 4],
    )
    config = DFineConfig(backbone_config=backbone, decoder_n_points=[2, 2, 2], eval_idx=-1, **_SHARED)
    return _saved(DFineForObjectDetection(config), target)


def detr(folder: Path) -> Path:
    """A DETR that keeps the shape of pictures, 48 to 96 pixels, saved once; returns its folder."""
    target = folder / "detr"
    if target.is_dir():
        return target
    import torch
    from transformers import DetrConfig, DetrForObjectDetection, DetrImageProcessor, ResNetConfig

    torch.manual_seed(0)
    backbone = ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage4"]
    )
    config = DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=backbone,
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        num_queries=20,
        init_std=0.3,
        id2label=NAMES,
        label2id=_SHARED["label2id"],
    )
    model = DetrForObjectDetection(config)
    _spread(model)
    model.save_pretrained(target)
    DetrImageProcessor(size={"shortest_edge": 48, "longest_edge": 96}).save_pretrained(target)
    return target


def _saved(model: Any, target: Path) -> Path:
    from transformers import RTDetrImageProcessor

    _spread(model)
    model.save_pretrained(target)
    RTDetrImageProcessor(size={"height": 64, "width": 64}).save_pretrained(target)
    return target


def _spread(model: Any) -> None:
    import torch

    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 1.0
        model.train()
        model(torch.rand(4, 3, 64, 64))
        model.eval()
        for name, weight in model.named_parameters():
            if weight.dim() > 1 and ("class" in name or "bbox" in name or "score" in name):
                torch.nn.init.normal_(weight, std=0.2 if "bbox" in name else 0.5)
            elif "class" in name or "score" in name:
                torch.nn.init.zeros_(weight)
