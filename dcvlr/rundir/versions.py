"""Which of the packages that dcvlr asks for are installed, and which of them are not what it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import metadata


def installed() -> dict[str, str]:
    """Versions of dcvlr's requirements that are there, extras included."""
    names = sorted({re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in metadata.requires("dcvlr") or []})
    return {name: version for name in names if (version := _version(name))}


def clashes() -> Iterator[str]:
    """Installed packages whose version is not what dcvlr, or another package that dcvlr asks for, wants."""
    seen: set[str] = set()
    version = cache(_version)  # many ask for the same packages, and each version is read from a file
    for owner in ("dcvlr", *installed()):
        for line in metadata.requires(owner) or []:
            clash = _clash(owner, line, version)
            if clash and clash not in seen:
                seen.add(clash)
                yield clash


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _clash(owner: str, line: str, version: Callable[[str], str | None]) -> str | None:
    from packaging.requirements import InvalidRequirement, Requirement

    extra = re.search(r"""extra == ['"]([^'"]+)""", line)
    if extra and owner != "dcvlr":
        return None
    try:
        need = Requirement(line)
    except InvalidRequirement:
        return None
    # Those of an extra are wanted where they are there: nobody knows which extras were asked for.
    if need.marker is not None and not need.marker.evaluate({"extra": extra[1] if extra else ""}):
        return None
    found = version(need.name)
    if found is None or need.specifier.contains(found, prereleases=True):
        return None
    return f"{owner} wants {need.name}{need.specifier}, {found} is installed"
