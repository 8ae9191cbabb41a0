"""Weights that a setting names by their path: what is there is part of a model's identity, not only where."""

from __future__ import annotations

from pathlib import Path

from dcvlr.models.weights import files_digest


def path_digest(location: str | None) -> str:
    """Digest of a file, or of the files directly in a folder; "" for None and for a path where nothing is.

    A training that writes another `best.pt` over the last one has made another model.
    """
    if location is None:
        return ""
    path = Path(location).expanduser()
    return files_digest(path.glob("*") if path.is_dir() else [path], location)
