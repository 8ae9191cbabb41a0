"""Where a source keeps what it knows beside its pictures, as `metadata.jsonl` does for files of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dcvlr.identity import digest
from dcvlr.rundir.files import JsonLinesFile, open_lines, remove_stale_temporaries


def rows_file(folder: str, location: str) -> Path:
    """The absolute path of the rows of one source; its `file_name`s are whole paths or URLs."""
    return Path(os.path.abspath(folder), f"{digest(location.encode())}.jsonl")  # noqa: PTH100  links are not resolved


@contextmanager
def open_rows(file: Path) -> Iterator[JsonLinesFile]:
    """The rows of a source as they are written; what killed processes left half written beside them goes."""
    remove_stale_temporaries(file.parent)
    with open_lines(file) as rows:
        yield rows
