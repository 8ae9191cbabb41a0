"""Tiny language models with random weights, saved as the hub has them."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

from tiny.tokens import byte_tokenizer

NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}"
)
THINKING = NO_SYSTEM + "{% if enable_thinking is not defined or enable_thinking %}{{ '<think>\n' }}{% endif %}"


def qwen2(root: Path) -> Path:
    """Its checkpoint samples by itself and dislikes repetition, as the published one's."""
    from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    folder = root / "qwen2"
    if folder.exists():
        return folder
    tokenizer = byte_tokenizer()
    config = Qwen2Config(**_sizes(tokenizer), num_key_value_heads=2, intermediate_size=128)
    model = _seeded(Qwen2ForCausalLM, config)
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=0.7,
        top_k=20,
        repetition_penalty=1.5,
        pad_token_id=0,
        eos_token_id=[config.eos_token_id, 0],
    )
    return _saved(folder, model, tokenizer)


def without_system_role(root: Path) -> Path:
    """The same with a chat template that raises where it meets a system message, as Gemma's did."""
    return _qwen2_with(NO_SYSTEM, root / "qwen2_without_system_role")


def thinking(root: Path) -> Path:
    """The same with a chat template that opens the thoughts, unless told not to, as Qwen3's does."""
    return _qwen2_with(THINKING, root / "qwen2_thinking")


def _qwen2_with(template: str, folder: Path) -> Path:
    if not folder.exists():
        copytree(qwen2(folder.parent), folder)
        (folder / "chat_template.jinja").write_text(template)
    return folder


def falcon(root: Path) -> Path:
    """Without a chat template, a padding token, or more than 256 positions."""
    from transformers import FalconConfig, FalconForCausalLM

    folder = root / "falcon"
    if folder.exists():
        return folder
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = None
    sizes = _sizes(tokenizer) | {"max_position_embeddings": 256}
    config = FalconConfig(**sizes, multi_query=True, parallel_attn=True, bias=False, alibi=False)
    tokenizer.pad_token = None
    return _saved(folder, _seeded(FalconForCausalLM, config), tokenizer)


def _sizes(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer) + 7,  # published models have more entries than tokens
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 2048,
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
                weight.mul_(6)  # at their usual size random weights say the same to every prompt
    return model


def _saved(folder: Path, model: Any, tokenizer: Any) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
