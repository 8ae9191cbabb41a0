"""Tiny CLIP and SigLIP models with random weights, saved as the hub has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.tokens import byte_tokenizer

_TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def clip(root: Path) -> Path:
    """CLIP with its own tokenizer: letters only, no merges."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer
    from transformers.models.clip.tokenization_clip import pre_tokenizers

    folder = root / "clip"
    if folder.exists():
        return folder
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    tokenizer = CLIPTokenizer(vocab={name: index for index, name in enumerate(names)}, merges=[])
    text = {
        **_TOWER,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 77,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,  # 2 would read another position of the text
        "pad_token_id": tokenizer.pad_token_id,
    }
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config=text, vision_config={**_TOWER, "image_size": 32, "patch_size": 8}, projection_dim=16
    )
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return _save(folder, CLIPModel(config), CLIPProcessor(images, tokenizer))


def siglip(root: Path) -> Path:
    """SigLIP with a tokenizer of bytes."""
    import torch
    from tokenizers.processors import TemplateProcessing
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel, SiglipProcessor

    folder = root / "siglip"
    if folder.exists():
        return folder
    tokenizer = byte_tokenizer()
    tokenizer.padding_side = "right"
    end = tokenizer.eos_token_id
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", end)])
    text = {**_TOWER, "vocab_size": len(tokenizer), "max_position_embeddings": 64, "projection_size": 32}
    torch.manual_seed(0)
    config = SiglipConfig(text_config=text, vision_config={**_TOWER, "image_size": 32, "patch_size": 8})
    images = SiglipImageProcessor(size={"height": 32, "width": 32})
    return _save(folder, SiglipModel(config), SiglipProcessor(images, tokenizer))


def _save(folder: Path, model: Any, processor: Any) -> Path:
    import torch

    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(5)  # at their usual size random weights give every picture nearly the same features
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
