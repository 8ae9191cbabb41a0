"""A tiny BLIP with random weights, saved as the hub has it."""

from __future__ import annotations

from pathlib import Path

WORDS = [
    "a",
    "photo",
    "of",
    "the",
    "cat",
    "dog",
    "man",
    "woman",
    "bus",
    "street",
    "red",
    "blue",
    "on",
    "in",
    "with",
    "and",
    "is",
    "two",
    "people",
    "table",
    "cup",
    "sky",
]


def blip(root: Path) -> Path:
    """Looks at 32 x 32 pixels and knows some words and all letters."""
    import torch
    from transformers import (
        BertTokenizerFast,
        BlipConfig,
        BlipForConditionalGeneration,
        BlipImageProcessor,
        BlipProcessor,
    )

    folder = root / "blip"
    if folder.exists():
        return folder
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *WORDS,
        *(set(letters) - set(WORDS)),
        *(f"##{c}" for c in letters),
    ]
    tokenizer = BertTokenizerFast(vocab={name: index for index, name in enumerate(sorted(names))})
    tower = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    # The usual range of a vision config, 1e-10, would make a model that ignores the picture.
    config = BlipConfig(
        vision_config={**tower, "image_size": 32, "patch_size": 8, "initializer_range": 0.3},
        text_config={
            **tower,
            "encoder_hidden_size": 32,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64,
            "initializer_range": 0.3,
            "bos_token_id": tokenizer.cls_token_id,
            "pad_token_id": tokenizer.pad_token_id,
            "eos_token_id": tokenizer.sep_token_id,
            "sep_token_id": tokenizer.sep_token_id,
        },
        projection_dim=32,
        image_text_hidden_size=32,
    )
    torch.manual_seed(0)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    BlipProcessor(BlipImageProcessor(size={"height": 32, "width": 32}), tokenizer).save_pretrained(folder)
    return folder
