"""The names of a network's classes: from a file of the user's, its metadata, or the config.json beside it."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError


def labels_from_file(file: str, key: str) -> list[str]:
    """One name a line; or JSON: a list, a mapping from numbers to names, or a config.json with `id2label`."""
    path = Path(file).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if path.suffix == ".json" else text.strip().splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{key}.labels={file!r} cannot be read: {error}") from error
    names = _in_order(content)
    if not names:
        raise ConfigError(f"{key}.labels={file!r} holds no names: one a line, or JSON with a list or id2label")
    return names


def stated_labels(metadata: Mapping[str, str], config: Mapping[str, Any]) -> list[str]:
    """What the file's own metadata (`names`, as ultralytics writes it) or its config.json says; [] for neither."""
    try:
        return _in_order(ast.literal_eval(metadata.get("names", "[]"))) or _in_order(config)
    except (ValueError, SyntaxError) as error:
        raise ConfigError(f"names={metadata['names']!r} in the metadata of the file is no mapping: {error}") from error


def _in_order(content: Any) -> list[str]:
    if isinstance(content, list):
        return [str(name).strip() for name in content]
    if isinstance(content, Mapping) and "id2label" in content:
        return _in_order(content["id2label"])
    if isinstance(content, Mapping) and content and all(str(key).isdecimal() for key in content):
        by_number = {int(key): str(name).strip() for key, name in content.items()}
        return [by_number.get(i, f"class {i}") for i in range(max(by_number) + 1)]
    return []
