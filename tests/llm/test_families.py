"""Families by names as they are found on the hub, at servers and in folders."""

from __future__ import annotations

import pytest

from dcvlr.llm.families import family_of

NAMES = {
    "Qwen/Qwen2.5-VL-3B-Instruct": "qwen",
    "Qwen/QwQ-32B": "qwen",
    "qwen3:4b": "qwen",
    "tiiuae/falcon-7b-instruct": "falcon",
    "tiiuae/Falcon3-10B-Instruct": "falcon",
    "deepseek-chat": "deepseek",
    "deepseek-ai/Janus-Pro-7B": "deepseek",
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": "deepseek",
    "meta-llama/Meta-Llama-3.1-8B-Instruct": "llama",
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0": "llama",
    "google/gemma-3n-E4B-it": "gemma",
    "mistralai/Mixtral-8x7B-Instruct-v0.1": "mistral",
    "mistralai/Voxtral-Mini-3B": "mistral",
    "OpenGVLab/InternVL3-8B": "internvl",
    "microsoft/Phi-4-multimodal-instruct": "phi",
    "microsoft/phi3-mini": "phi",
    "cognitivecomputations/dolphin-unknown": "dolphin",
    "gpt-4o-mini": "gpt",
    "o3-mini": "gpt",
    "claude-opus-4-1": "claude",
    "zai-org/GLM-4.5V": "glm",
    "HuggingFaceTB/SmolVLM-Instruct": "smol",
    "llava-hf/llava-1.5-7b-hf": "llava",
    "/models/hub/models--Qwen--Qwen2-VL-2B-Instruct/snapshots/0f1e2d": "qwen",
    "acme/oracle-7b": "oracle",
    "7b": "b",
    "42": "42",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_says_whose_model_it_is(name: str) -> None:
    assert family_of(name) == NAMES[name]
