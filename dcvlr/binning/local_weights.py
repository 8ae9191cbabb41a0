"""Weights that a setting names by their place: what is there is part of a model's identity, not only where."""

from __future__ import annotations

from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.identity import digest, file_digest


def weights_digest(place: str | None) -> str:
    """Digest of a file, or of the files directly in a folder; "" for None and for a place where nothing is.

    A training that writes another `best.pt` over the last one has made another model.
    """
    if place is None:
        return ""
    path = Path(place).expanduser()
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    try:
        parts = [f"{file.name} {file_digest(file)}" for file in files if file.is_file()]
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read: {error}") from error
    return digest("\n".join(parts).encode()) if parts else ""
