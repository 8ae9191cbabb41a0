"""Tiny chat models that see, with random weights, saved as the hub has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.tokens import byte_tokenizer


def qwen2_vl(root: Path) -> Path:
    """Larger pictures are more tokens, from 4 to 16 of them, so batches are ragged."""
    from transformers import (
        GenerationConfig,
        Qwen2VLConfig,
        Qwen2VLForConditionalGeneration,
        Qwen2VLImageProcessor,
        Qwen2VLProcessor,
        Qwen2VLVideoProcessor,
    )

    folder = root / "qwen2_vl"
    if folder.exists():
        return folder
    special = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    tokenizer = byte_tokenizer(*special, image="<|vision_start|><|image_pad|><|vision_end|>")
    token_id = tokenizer.convert_tokens_to_ids
    patches = {"patch_size": 8, "temporal_patch_size": 2}
    config = Qwen2VLConfig(
        vision_config={
            **patches,
            "depth": 2,
            "embed_dim": 32,
            "hidden_size": 64,
            "num_heads": 2,
            "mlp_ratio": 2,
            "spatial_merge_size": 2,
        },
        text_config={
            **_decoder(tokenizer),
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]},
        },
        image_token_id=token_id("<|image_pad|>"),
        video_token_id=token_id("<|video_pad|>"),
        vision_start_token_id=token_id("<|vision_start|>"),
        vision_end_token_id=token_id("<|vision_end|>"),
    )
    images = Qwen2VLImageProcessor(**patches, merge_size=2, min_pixels=32 * 32, max_pixels=64 * 64)
    processor = Qwen2VLProcessor(
        images, tokenizer, Qwen2VLVideoProcessor(**patches, merge_size=2), chat_template=tokenizer.chat_template
    )
    model = _seeded(Qwen2VLForConditionalGeneration, config)
    # As the published model's: it samples, and a padding token is one of those that end a reply.
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=0.7,
        top_p=0.8,
        top_k=20,
        repetition_penalty=1.5,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=[token_id("<|im_end|>"), 0],
    )
    return _saved(folder, model, processor)


def llava(root: Path) -> Path:
    """Every picture is 16 tokens."""
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    folder = root / "llava"
    if folder.exists():
        return folder
    tokenizer = byte_tokenizer("<image>", image="<image>\n")
    tower = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**tower, image_size=32, patch_size=8, projection_dim=16).to_dict(),
        text_config=LlamaConfig(**_decoder(tokenizer)).to_dict(),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_seq_length=16,
    )
    processor = LlavaProcessor(
        CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=tokenizer.chat_template,
    )
    return _saved(folder, _seeded(LlavaForConditionalGeneration, config), processor)


def _decoder(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": tokenizer.convert_tokens_to_ids("<|im_end|>"),
    }


def _seeded(kind: Any, config: Any) -> Any:
    import torch

    torch.manual_seed(0)
    model = kind(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(5)  # at their usual size random weights say the same of every picture
    return model


def _saved(folder: Path, model: Any, processor: Any) -> Path:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
