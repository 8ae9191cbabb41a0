"""The parts of what was built from a config, and what they lack before work starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from dcvlr.errors import ConfigError, MissingPackageError


def check_ready(built: Any) -> None:
    """Raise `ConfigError` with all that was built lacks: packages, weights, keys."""
    lacks = list(lacking(built))
    if len(lacks) == 1:
        raise lacks[0]
    if lacks:
        lines = [*map(str, lacks), *([f"all packages at once: {line}"] if (line := pip_line(lacks)) else [])]
        kind = MissingPackageError if all(isinstance(one, MissingPackageError) for one in lacks) else ConfigError
        raise kind(f"{len(lacks)} things are missing:\n  " + "\n  ".join(lines))


def check_images(built: Any, images: Iterable[Any]) -> None:
    """Let parts that read what lies beside pictures look at it; they raise `ConfigError` for what will not do."""
    for part in parts(built):
        if hasattr(part, "check_images"):
            part.check_images(images)


def lacking(built: Any) -> Iterator[ConfigError]:
    """What each part of what was built lacks, each once."""
    seen: set[str] = set()
    for part in parts(built):
        try:
            if hasattr(part, "check_ready"):
                part.check_ready()
        except ConfigError as error:
            if str(error) not in seen:
                seen.add(str(error))
                yield error


def pip_line(lacks: Sequence[ConfigError]) -> str:
    """The one line that installs every package that is missing; "" where none is."""
    extras = sorted({extra for error in lacks if isinstance(error, MissingPackageError) for extra in error.extras})
    return f'pip install "dcvlr[{",".join(extras)}]"' if extras else ""


def parts(value: Any) -> Iterator[object]:
    """`value` and all dataclass instances inside it."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from parts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        yield from parts([getattr(value, f.name) for f in fields(value)])
