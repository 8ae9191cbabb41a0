"""A tiny DeepSeek-OCR 2 with random weights, saved as the hub has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcvlr.models.deepseek_ocr import DeepseekOcr
from tiny.tokens import byte_tokenizer

TAGS = ("<|ref|>", "<|/ref|>", "<|det|>", "<|/det|>", "<|grounding|>", "<td>", "</td>")
TOWER = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
EYES = {
    **TOWER,
    "output_channels": 16,
    "image_size": 1024,
    "patch_size": 16,
    "window_size": 14,
    "global_attn_indexes": [1],
    "downsample_channels": [24, 32],
    "mlp_dim": 64,
    "initializer_range": 0.02,
}
ORDER = {
    **TOWER,
    "intermediate_size": 64,
    "num_key_value_heads": 2,
    "vocab_size": 8,
    "max_position_embeddings": 4096,
}
TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "moe_intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "mlp_layer_types": ["dense", "sparse"],
    "max_position_embeddings": 4096,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def deepseek_ocr(root: Path) -> Path:
    """Only its layers are narrow: the encoder's queries fix the picture's size at 768 and 1024 pixels."""
    import torch
    from transformers import (
        DeepseekOcr2Config,
        DeepseekOcr2ForConditionalGeneration,
        DeepseekOcr2ImageProcessor,
        DeepseekOcr2Processor,
    )

    folder = root / "deepseek_ocr"
    if folder.exists():
        return folder
    tokenizer = byte_tokenizer("<image>", *TAGS)
    tokenizer.image_token = "<image>"
    config = DeepseekOcr2Config(
        vision_config={"sam_config": EYES, "encoder_config": ORDER},
        text_config={**TEXT, "vocab_size": len(tokenizer)},
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )
    torch.manual_seed(0)
    model = DeepseekOcr2ForConditionalGeneration(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(5)  # at their usual size random weights say the same of every picture
    model.save_pretrained(folder)
    DeepseekOcr2Processor(DeepseekOcr2ImageProcessor(), tokenizer).save_pretrained(folder)
    return folder


def model(name: str, **settings: Any) -> DeepseekOcr:
    """Short replies about small pictures, unless asked otherwise."""
    usual: dict[str, Any] = {
        "model": name,
        "model_revision": "main",
        "engine": "transformers",
        "prompt": "markdown",
        "caption_prompt": "Describe this image in detail.",
        "max_new_tokens": 8,
        "max_caption_tokens": 4,
        "size": "small",
        "max_side": 512,
        "no_repeat_ngram": 3,
        "no_repeat_window": 90,
        "dtype": "auto",
        "batch_size": 4,
        "device": "cpu",
        "base_url": None,
        "api_key_env": None,
        "concurrency": 4,
        "timeout_s": 20.0,
        "attempts": 2,
        "max_wait_s": 1.0,
        "max_reply_mb": 1,
    }
    return DeepseekOcr(**{**usual, **settings})
