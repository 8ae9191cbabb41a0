"""Where a source keeps what it knows beside its pictures, as `metadata.jsonl` does for files of a folder."""

from __future__ import annotations

import os
from pathlib import Path

from dcvlr.identity import digest


def rows_file(folder: str, location: str) -> Path:
    """The absolute path of the rows of one source; its `file_name`s are whole paths or URLs."""
    return Path(os.path.abspath(folder), f"{digest(location.encode())}.jsonl")  # noqa: PTH100  links are not resolved
