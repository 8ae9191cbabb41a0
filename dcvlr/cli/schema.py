"""`dcvlr schema`: a JSON schema of the whole configuration, for editors of YAML files of one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import yaml

from dcvlr.cli.command_words import command_parser
from dcvlr.config import conf_dir
from dcvlr.settings import is_plain
from dcvlr.settings.run_keys import RunKeys
from dcvlr.settings.targets import class_at


def main(arguments: Sequence[str]) -> int:
    """Print the schema: `dcvlr schema > dcvlr.schema.json`."""
    command_parser("dcvlr schema", "A JSON schema of the configuration.").parse_args(arguments)
    print(json.dumps(config_schema(), indent=1))
    return 0


def config_schema() -> dict[str, Any]:
    """One definition per class; where a part is chosen from a group, any class of that group's options, or null."""
    definitions: dict[str, Any] = {}
    conf = Path(conf_dir())
    hints = get_type_hints(RunKeys, include_extras=True)
    composed = yaml.safe_load((conf / "config.yaml").read_text(encoding="utf-8"))
    properties: dict[str, Any] = {
        key: _setting(hints.get(key, Any)) for key in composed if key not in ("defaults", "hydra")
    }
    for folder in sorted(path for path in conf.iterdir() if path.is_dir() and path.name not in ("hydra", "preset")):
        properties[folder.name] = _group(folder, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dcvlr",
        "type": "object",
        "properties": {"defaults": {"type": "array"}, **properties, "hydra": {"type": "object"}},
        "additionalProperties": False,
        "$defs": definitions,
    }


def _group(folder: Path, definitions: dict[str, Any]) -> dict[str, Any]:
    targets = []
    for path in sorted(folder.glob("*.yaml")):
        node = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        targets += [node["_target_"]] if "_target_" in node else []
    return {
        "anyOf": [*(_reference(target, definitions) for target in dict.fromkeys(targets)), {"type": ["object", "null"]}]
    }


def _reference(target: str, definitions: dict[str, Any]) -> dict[str, str]:
    name = target.removeprefix("dcvlr.")
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _class(target)
    return {"$ref": f"#/$defs/{name}"}


def _class(target: str) -> dict[str, Any]:
    cls = class_at(target)
    hints = get_type_hints(cls, include_extras=True)
    settings = {field.name: field for field in fields(cls) if field.init}
    return {
        "title": cls.__name__,
        "description": (cls.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "properties": {"_target_": {"const": target}} | {name: _setting(hints[name]) for name in settings},
        "required": [
            name
            for name, field in settings.items()
            if field.default is MISSING and field.default_factory is MISSING and is_plain(hints[name])
        ],
        "additionalProperties": False,
    }


def _setting(hint: Any) -> dict[str, Any]:
    """What a plain value may be, or an interpolation in its place; a part is any object."""
    if not is_plain(hint):
        return {}
    return {"anyOf": [msgspec.json.schema(hint), {"type": "string", "pattern": r"^\$\{"}]}
