"""A ViT that classifies pictures of 32 x 32 as `normal` or `nsfw`, at random but by what is in them."""

from __future__ import annotations

from pathlib import Path


def vit(folder: Path) -> Path:
    """Saved once; returns its folder."""
    target = folder / "vit"
    if target.is_dir():
        return target
    import torch
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    torch.manual_seed(0)
    names = {0: "normal", 1: "nsfw"}
    config = ViTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        image_size=32,
        patch_size=8,
        initializer_range=0.3,
        id2label=names,
        label2id={name: index for index, name in names.items()},
    )
    ViTForImageClassification(config).save_pretrained(target)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(target)
    return target
