"""What the file system of a run directory can do; tried in a scratch folder beside it that is removed again."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class FileSystem:
    """`folder` is the nearest that exists; without hard links or exclusive files two workers may compute one chunk."""

    folder: Path
    free_gb: float
    writable: bool
    hard_links: bool
    exclusive_files: bool


def probe(run_dir: Path) -> FileSystem:
    folder = next(path for path in (run_dir.absolute(), *run_dir.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(folder).free / 1e9
    try:
        with tempfile.TemporaryDirectory(prefix=".dcvlr-", dir=folder) as scratch:
            file = Path(scratch) / "file"
            file.touch()
            links, exclusive = _links(file), _is_exclusive(file)
    except OSError:
        return FileSystem(folder=folder, free_gb=free, writable=False, hard_links=False, exclusive_files=False)
    return FileSystem(folder=folder, free_gb=free, writable=True, hard_links=links, exclusive_files=exclusive)


def _links(file: Path) -> bool:
    try:
        os.link(file, file.with_name("link"))
    except OSError:
        return False
    return True


def _is_exclusive(file: Path) -> bool:
    try:
        file.open("x").close()
    except FileExistsError:
        return True
    return False
