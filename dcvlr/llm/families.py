"""Whose model it is, read from its name: a judge should not be of the family it judges."""

from __future__ import annotations

import re
from typing import Any

_FAMILIES: dict[str, tuple[str, ...]] = {
    "claude": ("claude",),
    "cohere": ("command", "aya", "cohere", "c4ai"),
    "deepseek": ("deepseek",),
    "ernie": ("ernie", "baidu"),
    "falcon": ("falcon",),
    "gemini": ("gemini",),
    "gemma": ("gemma", "paligemma", "medgemma"),
    "glm": ("glm", "chatglm", "zai"),
    "gpt": ("gpt", "chatgpt", "openai"),
    "granite": ("granite",),
    "grok": ("grok",),
    "hunyuan": ("hunyuan",),
    "internvl": ("internvl", "internlm", "interns"),
    "kimi": ("kimi", "moonshot", "moonshotai"),
    "llama": ("llama", "vicuna"),
    "llava": ("llava",),
    "minicpm": ("minicpm",),
    "mistral": ("mistral", "mixtral", "pixtral", "ministral", "magistral", "codestral", "devstral", "mistralai"),
    "nemotron": ("nemotron",),
    "olmo": ("olmo", "molmo", "allenai"),
    "phi": ("phi",),
    "qwen": ("qwen", "qwq", "qvq"),
    "smol": ("smollm", "smolvlm"),
    "yi": ("yi",),
}
_FAMILY_OF_WORD = {word: family for family, words in _FAMILIES.items() for word in words}
_FOUND_INSIDE = 5  # letters: "llama" is also found in "tinyllama", "phi" only as a word of its own


def family_of(model: str) -> str:
    """`qwen` of `Qwen/Qwen2.5-VL-3B-Instruct`, of a folder of that name, or of a server's `qwen3:4b`.

    The first word that names a family counts, the model's own name before its owner's: a `DeepSeek-R1-Distill-Qwen` is
    DeepSeek's. Of a name that has none, the first word. What a fine-tune was called does not say what it was tuned
    from: such a model's family is for its user to set.
    """
    parts = [part for part in model.replace("--", "/").lower().split("/") if part]
    for part in reversed(parts):
        for word in re.findall("[a-z]+", part):
            if family := _family_of_word(word):
                return family
        if re.match(r"o\d", part):  # o3-mini
            return "gpt"
    words = re.findall(r"[^\W\d_]+", parts[-1]) if parts else []
    return words[0] if words else model.lower()


def _stated_family(settings: Any) -> str:
    return settings.family_name or family_of(settings.model)


stated_family = property(_stated_family)
"""The `family` of a model by its setting `family_name`, by the name of `model` where that is None."""


def _family_of_word(word: str) -> str | None:
    if word in _FAMILY_OF_WORD:
        return _FAMILY_OF_WORD[word]
    inside = (family for name, family in _FAMILY_OF_WORD.items() if len(name) >= _FOUND_INSIDE and name in word)
    return next(inside, None)
