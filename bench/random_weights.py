"""Architectures of full size with random weights, saved as their libraries load them: for benchmarks without downloads.

`small` ones have a few narrow layers: to try a script, not to measure.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SMALL = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}


def _save(folder: Path, *parts: Any) -> Path:
    for part in parts:
        part.save_pretrained(folder)
    return folder


def vit(folder: Path, *, small: bool) -> Path:
    """ViT-B/16 at 384 pixels with two classes, as AdamCodd/vit-base-nsfw-detector."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    names = {0: "sfw", 1: "nsfw"}
    config = ViTConfig(image_size=384, id2label=names, label2id={"sfw": 0, "nsfw": 1}, **(SMALL if small else {}))
    images = ViTImageProcessor(size={"height": 384, "width": 384})
    return _save(folder, ViTForImageClassification(config), images)


def blip(folder: Path, *, small: bool) -> Path:
    """BLIP base: ViT-B/16 at 384 pixels and a decoder of 12 layers; the vocabulary is made up."""
    from transformers import (
        BertTokenizerFast,
        BlipConfig,
        BlipForConditionalGeneration,
        BlipImageProcessor,
        BlipProcessor,
    )

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    names = [*special, *(f"word{index}" for index in range(30524 - len(special)))]
    tokenizer = BertTokenizerFast(vocab={name: index for index, name in enumerate(names)})
    ends = {"bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    tower = SMALL if small else {}
    text = {"vocab_size": len(names), "encoder_hidden_size": 64 if small else 768, **ends, **tower}
    config = BlipConfig(vision_config={"image_size": 384, **tower}, text_config=text)
    images = BlipImageProcessor(size={"height": 384, "width": 384})
    return _save(folder, BlipForConditionalGeneration(config), BlipProcessor(images, tokenizer))


def clip(folder: Path, *, small: bool) -> Path:
    """The picture side of CLIP ViT-L/14 at 224 pixels, and a small text side that nothing here asks."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

    names = ["a</w>", "<|startoftext|>", "<|endoftext|>"]
    tokenizer = CLIPTokenizer(vocab={name: index for index, name in enumerate(names)}, merges=[])
    large = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16}
    vision = {**(SMALL if small else large), "image_size": 224, "patch_size": 14}
    text = {**SMALL, "vocab_size": len(names), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=768)
    return _save(folder, CLIPModel(config), CLIPProcessor(CLIPImageProcessor(), tokenizer))


def detr(folder: Path, *, small: bool) -> Path:
    """RT-DETRv2 with ResNet-50, 640 pixels, 80 classes."""
    from transformers import RTDetrImageProcessor, RTDetrV2Config, RTDetrV2ForObjectDetection

    config = RTDetrV2Config(num_labels=80, **({"decoder_layers": 2, "num_queries": 30} if small else {}))
    return _save(folder, RTDetrV2ForObjectDetection(config), RTDetrImageProcessor())


def open_clip(folder: Path, *, small: bool) -> Path:
    """ViT-B-32 of open_clip as a folder for `local-dir:`."""
    import open_clip as library
    from safetensors.torch import save_file

    config = dict(library.get_model_config("ViT-B-32"))
    if small:
        config["vision_cfg"] = {**config["vision_cfg"], "layers": 2, "width": 128}
        config["text_cfg"] = {**config["text_cfg"], "layers": 2}
    model = library.model.CLIP(**config)
    folder.mkdir()
    mean, std = library.OPENAI_DATASET_MEAN, library.OPENAI_DATASET_STD
    preparation = {"mean": mean, "std": std, "interpolation": "bicubic", "resize_mode": "shortest"}
    text = json.dumps({"model_cfg": config, "preprocess_cfg": preparation})
    (folder / "open_clip_config.json").write_text(text, encoding="utf-8")
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder


def yolo(folder: Path, *, small: bool) -> Path:
    """yolo11s (small: yolo11n), in its first state it finds hardly anything, so that little time goes into boxes."""
    from ultralytics import YOLO

    folder.mkdir()
    network = YOLO("yolo11n.yaml" if small else "yolo11s.yaml")
    network.save(folder / "random.pt")
    return folder / "random.pt"
