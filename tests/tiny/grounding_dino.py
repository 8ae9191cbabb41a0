"""A Grounding DINO that knows a dozen words and finds them at random, but by what it sees."""

from __future__ import annotations

from pathlib import Path

WORDS = ["a", "photo", "of", "the", "cat", "dog", "man", "bus", "hot", "toy", "car", ".", ","]


def grounding_dino(folder: Path) -> Path:
    """Saved once; returns its folder."""
    target = folder / "grounding_dino"
    if target.is_dir():
        return target
    import torch
    import transformers as tf

    torch.manual_seed(0)
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    backbone = tf.SwinConfig(
        image_size=64,
        window_size=2,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        initializer_range=0.3,
        out_features=["stage2", "stage3", "stage4"],
        out_indices=[2, 3, 4],
    )
    text = tf.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.3,
    )
    config = tf.GroundingDinoConfig(
        backbone_config=backbone,
        text_config=text,
        d_model=32,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_layers=2,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        num_queries=20,
        num_feature_levels=4,
        fusion_dropout=0.0,
        decoder_n_points=2,
        encoder_n_points=2,
        max_text_len=32,
        init_std=0.3,
    )
    model = tf.GroundingDinoForObjectDetection(config).eval()
    with torch.no_grad():
        for head in model.bbox_embed:  # fresh ones leave every box where its query began
            torch.nn.init.normal_(head.layers[-1].weight, std=0.05)
        for norm in model.model.decoder.layers[-1].final_layer_norm, model.model.decoder.layer_norm:
            norm.weight.mul_(0.05)  # else every score is 0 or 1
    model.save_pretrained(target)
    # One pixel at the coarsest level is too few: it is normalized over its area.
    pictures = tf.GroundingDinoImageProcessor(size={"shortest_edge": 96, "longest_edge": 160})
    tf.GroundingDinoProcessor(pictures, tf.BertTokenizerFast(vocab=vocabulary)).save_pretrained(target)
    return target
