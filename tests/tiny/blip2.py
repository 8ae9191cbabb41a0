"""Tiny BLIP-2 models with random weights, saved as the hub has them: over OPT, and over T5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.tokens import byte_tokenizer

_TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def blip2(root: Path) -> Path:
    """Over a decoder, OPT, whose output repeats the prompt."""
    from transformers import OPTConfig

    tokenizer = byte_tokenizer("<image>")
    text = OPTConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        word_embed_proj_dim=32,
        ffn_dim=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=256,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    return _saved(root / "blip2", text, tokenizer, seed=0)


def blip2_t5(root: Path) -> Path:
    """Over an encoder and a decoder, T5, whose output is the reply alone."""
    from transformers import T5Config

    tokenizer = byte_tokenizer("<image>")
    text = T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=0,
    )
    return _saved(root / "blip2_t5", text, tokenizer, seed=1)


def _saved(folder: Path, text: Any, tokenizer: Any, seed: int) -> Path:
    import torch
    from transformers import Blip2Config, Blip2ForConditionalGeneration, Blip2Processor, BlipImageProcessor

    if folder.exists():
        return folder
    qformer = {**_TOWER, "vocab_size": len(tokenizer), "encoder_hidden_size": 32, "cross_attention_frequency": 1}
    config = Blip2Config(
        vision_config={**_TOWER, "image_size": 28, "patch_size": 14, "initializer_range": 0.3},
        qformer_config=qformer,
        text_config=text.to_dict(),
        num_query_tokens=8,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    torch.manual_seed(seed)
    model = Blip2ForConditionalGeneration(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1 and not name.startswith("vision_model"):
                weight.mul_(8)  # at their usual size random weights say the same of every picture
    model.save_pretrained(folder)
    images = BlipImageProcessor(size={"height": 28, "width": 28})
    Blip2Processor(images, tokenizer, num_query_tokens=8).save_pretrained(folder)
    return folder
