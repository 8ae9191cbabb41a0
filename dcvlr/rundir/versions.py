"""Which of the packages that dcvlr asks for are installed, and which of them are not what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata


def installed() -> dict[str, str]:
    """Versions of dcvlr's requirements that are there, extras included."""
    versions = {}
    for package in sorted({re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in metadata.requires("dcvlr") or []}):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def clashes() -> Iterator[str]:
    """Installed packages whose version is not what dcvlr, or another package that dcvlr asks for, wants."""
    seen: set[str] = set()
    for owner in ("dcvlr", *installed()):
        for line in metadata.requires(owner) or []:
            clash = _clash(owner, line)
            if clash and clash not in seen:
                seen.add(clash)
                yield clash


def _clash(owner: str, line: str) -> str | None:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        need = Requirement(line)
        # Those of an extra are wanted where they are there: nobody knows which extras were asked for.
        extra = re.search(r"""extra == ['"]([^'"]+)""", line)
        if need.marker is not None and not need.marker.evaluate({"extra": extra[1] if extra else ""}):
            return None
        version = metadata.version(need.name)
    except (metadata.PackageNotFoundError, InvalidRequirement):
        return None
    if (extra and owner != "dcvlr") or need.specifier.contains(version, prereleases=True):
        return None
    return f"{owner} wants {need.name}{need.specifier}, {version} is installed"
