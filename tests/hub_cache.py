"""A cache of the Hugging Face hub, made by hand."""

from __future__ import annotations

from pathlib import Path

COMMIT = "0123456789012345678901234567890123456789"


def cache_with(folder: Path, repository: str, *names: str, revision: str = "v1") -> Path:
    """A hub's cache in `folder` that holds these files of one repository; returns its snapshot."""
    own = folder / f"models--{repository.replace('/', '--')}"
    snapshot = own / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    for name in names:
        (snapshot / name).write_text("{}")
    (own / "refs").mkdir()
    (own / "refs" / revision).write_text(COMMIT)
    return snapshot
