"""Which files of this machine the rows of a file may name: those in one folder, whoever wrote them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.remote import is_url, without_query
from dcvlr.source.listed import usable
from dcvlr.source.walk import FoundFiles, PassedOver


@dataclass(frozen=True)
class RowPaths:
    """Relative paths in rows of the file `beside` begin in `folder`, and no path leads out of it.

    None is the folder of the file. Rows of a file at a URL name URLs alone.
    """

    beside: str
    folder: str | None

    def readable(self, entry: str, found: FoundFiles) -> str | None:
        """What a row names as an absolute path or a URL; None, passed over in `found`, for what may not be read."""
        path = usable(entry, self.beside, found, self.folder)
        root = self.folder or self.beside.rpartition("/")[0]
        if path is None or is_url(path) or path.startswith(f"{root.rstrip('/')}/"):
            return path
        reason = f"a row names it, but it is not in {root}; source.image_folder says which folder rows name pictures of"
        found.passed_over.append(PassedOver(path, "outside", reason))
        return None


def folder_of_rows(image_folder: str | None, images_dir: str) -> str | None:
    """`source.image_folder` as an absolute path. Raises `ConfigError` where it cannot be one, or rows are at a URL."""
    if image_folder is None:
        return None
    if is_url(image_folder) or is_url(images_dir):
        raise ConfigError(
            f"source.image_folder={image_folder!r} with images_dir={without_query(images_dir)!r}: it is a folder of "
            "this machine, for rows of this machine; relative paths of rows at a URL lie beside them"
        )
    return os.path.abspath(Path(image_folder).expanduser())  # noqa: PTH100  links are not resolved
