"""SAM and SAM 2 with an input of 64 and 128 pixels, whose masks are random but depend on what they see."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def sam(folder: Path) -> Path:
    """Saved once; returns its folder."""
    target = folder / "sam"
    if target.is_dir():
        return target
    import torch
    import transformers as tf

    torch.manual_seed(0)
    side = 64
    vision = tf.SamVisionConfig(
        initializer_range=0.2,
        hidden_size=32,
        output_channels=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=side,
        patch_size=8,
        mlp_dim=64,
        window_size=4,
        global_attn_indexes=[1],
        num_pos_feats=8,
    )
    prompt = tf.SamPromptEncoderConfig(hidden_size=16, image_size=side, patch_size=8, mask_input_channels=4)
    decoder = tf.SamMaskDecoderConfig(
        hidden_size=16,
        mlp_dim=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        attention_downsample_rate=2,
        iou_head_hidden_dim=16,
    )
    config = tf.SamConfig(
        vision_config=vision.to_dict(), prompt_encoder_config=prompt.to_dict(), mask_decoder_config=decoder.to_dict()
    )
    model = tf.SamModel(config)
    _spread(model, sharpen=10_000.0)
    model.save_pretrained(target)
    square, quarter = {"height": side, "width": side}, {"height": side // 4, "width": side // 4}
    processor = tf.SamImageProcessor(
        size={"longest_edge": side}, mask_size={"longest_edge": side // 4}, pad_size=square, mask_pad_size=quarter
    )
    processor.save_pretrained(target)
    return target


def sam2(folder: Path, *, of_video: bool = False) -> Path:
    """Saved once; returns its folder. Meta's own SAM 2.1 are video models, of which only the image part is used."""
    target = folder / ("sam2_video" if of_video else "sam2")
    if target.is_dir():
        return target
    import torch
    import transformers as tf

    torch.manual_seed(0)
    backbone = tf.Sam2HieraDetConfig(
        hidden_size=16,
        num_attention_heads=1,
        image_size=[128, 128],
        patch_kernel_size=[7, 7],
        patch_stride=[4, 4],
        patch_padding=[3, 3],
        query_stride=[2, 2],
        window_positional_embedding_background_size=[4, 4],
        num_query_pool_stages=3,
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[16, 32, 64, 128],
        num_attention_heads_per_stage=[1, 2, 4, 8],
        window_size_per_stage=[8, 4, 8, 4],
        global_attention_blocks=[3],
        initializer_range=0.2,
    )
    vision = tf.Sam2VisionConfig(
        backbone_config=backbone,
        backbone_channel_list=[128, 64, 32, 16],
        backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]],
        fpn_hidden_size=32,
        initializer_range=0.2,
    )
    prompt = tf.Sam2PromptEncoderConfig(hidden_size=32, image_size=128, patch_size=16, mask_input_channels=4)
    decoder = tf.Sam2MaskDecoderConfig(hidden_size=32, mlp_dim=32, num_attention_heads=2, iou_head_hidden_dim=16)
    parts = {"vision_config": vision, "prompt_encoder_config": prompt, "mask_decoder_config": decoder}
    if of_video:
        model = tf.Sam2VideoModel(tf.Sam2VideoConfig(**parts, **_MEMORY))
    else:
        model = tf.Sam2Model(tf.Sam2Config(**parts))
    _spread(model, sharpen=100.0)
    model.save_pretrained(target)
    sizes = {"size": {"height": 128, "width": 128}, "mask_size": {"height": 32, "width": 32}}
    tf.Sam2ImageProcessor(**sizes).save_pretrained(target)
    return target


_MEMORY = {
    "image_size": 128,
    "memory_attention_hidden_size": 32,
    "memory_attention_num_layers": 1,
    "memory_attention_num_attention_heads": 1,
    "memory_attention_feed_forward_hidden_size": 32,
    "memory_encoder_hidden_size": 32,
    "memory_encoder_output_channels": 16,
    "mask_downsampler_embed_dim": 32,
    "memory_fuser_embed_dim": 32,
    "memory_fuser_intermediate_dim": 32,
}


def _spread(model: Any, sharpen: float) -> None:
    """Fresh decoders draw one faint mask over everything, of every picture and at every point."""
    import torch

    with torch.no_grad():
        for name, weight in model.mask_decoder.named_parameters():
            if weight.dim() > 1:
                weight.mul_(8.0 if "iou" in name else 5.0)
            if "hypernetworks" in name and "proj_out" in name:
                weight.mul_(sharpen)  # outlines stay, but are not within a logit of both sides
