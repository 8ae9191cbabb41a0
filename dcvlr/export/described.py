"""The back ends and settings inside a described run, for people: by config key, without folders of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcvlr.records import to_json


@dataclass(frozen=True, kw_only=True)
class BackEnd:
    """A model, with every key of the config that chose it."""

    keys: tuple[str, ...]
    name: str
    revision: int
    settings: tuple[tuple[str, str], ...]


def back_ends(parts: Mapping[str, Mapping[str, Any]]) -> list[BackEnd]:
    """Every model of a run once: what `identity.describe` gives a revision."""
    found: dict[bytes, tuple[dict[str, Any], list[str]]] = {}
    for key, node in _nodes(parts):
        if node["revision"] is not None:
            found.setdefault(to_json(node), (node, []))[1].append(key)
    return [
        BackEnd(
            keys=tuple(keys),
            name=node["name"],
            revision=node["revision"],
            settings=tuple(_leaves("", node["fields"])),
        )
        for node, keys in found.values()
    ]


def values(parts: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Key and value of every setting that is not a model's; a part that is no model is shown by its name."""
    return [leaf for key, part in parts.items() for leaf in _of_parts(key, part)]


def _of_parts(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if _is_node(value):
        if value["revision"] is None:
            yield key, value["name"]
            yield from _of_parts(key, value["fields"])
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _of_parts(f"{key}.{name}", inner)
    else:
        yield key, _shown(value)


def _leaves(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if _is_node(value):
        value = value["fields"]
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{key}.{name}" if key else name, inner)
    else:
        yield key, _shown(value)


def _nodes(parts: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every described object, parts of a model included, with its key."""
    for key, value in parts.items():
        if _is_node(value):
            yield key, value
            if value["revision"] is None:
                yield from _nodes({f"{key}.{name}": inner for name, inner in value["fields"].items()})
        elif isinstance(value, Mapping):
            yield from _nodes({f"{key}.{name}": inner for name, inner in value.items()})


def _is_node(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"name", "revision", "fields"}


def _shown(value: Any) -> str:
    if isinstance(value, str):
        # Where something lay on this machine says nothing to others, and may say too much.
        is_path = value.startswith(("/", "~", "./", "../"))
        return f"…/{Path(value).name}" if is_path else value
    return to_json(value).decode()
