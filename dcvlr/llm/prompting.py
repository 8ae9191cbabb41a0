"""Prompts in plain text: `{name}` stands for what is known of a question."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dcvlr.settings import SettingError
from dcvlr.text.letters import option_lines


def require_placeholders(field: str, prompt: str, *names: str) -> None:
    """Raise `SettingError` unless `prompt` has a placeholder for each of `names`."""
    missing = [f"{{{name}}}" for name in names if f"{{{name}}}" not in prompt]
    if missing:
        raise SettingError(field, prompt[:80], f"it must contain {' and '.join(missing)}")


def fill(prompt: str, values: Mapping[str, str]) -> str:
    r"""`prompt` with each `{name}` of `values` replaced in one pass: braces in a value or in `\boxed{}` stay text."""
    placeholders = re.compile("|".join(rf"\{{({re.escape(name)})\}}" for name in values))
    filled = placeholders.sub(lambda found: values[found.group()[1:-1]], prompt)
    return filled.encode("utf-8", "replace").decode().strip()  # lone surrogates cannot be sent


def lettered(options: tuple[str, ...] | None) -> str:
    """One line per option; a line break inside an option cannot pass for another one."""
    return "\n".join(option_lines(" ".join(text.split()) for text in options or ()))
