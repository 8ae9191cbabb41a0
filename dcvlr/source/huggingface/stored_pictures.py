"""From what a row keeps as its picture to the picture's bytes, which are never encoded anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dcvlr.images.formats import SUFFIXES
from dcvlr.metadata.columns import from_base64, real_suffix
from dcvlr.source.huggingface.boundary import is_own_path, lies_inside
from dcvlr.source.huggingface.repository import Archives, NotThereError, Repository
from dcvlr.source.huggingface.web import Web

_SHOWN = 200
# A file of the hub, or of an archive there; any other way to it that fsspec knows could begin on this machine.
_IN_HUB = re.compile(r"(?:(?:zip|tar|gzip|bz2|xz|lzma|zstd)://(?:(?!::).)*::)*hf://")


@dataclass(frozen=True)
class StoredPicture:
    """The bytes of a picture file; `suffix` is that of its real format, `broken` if it begins like none."""

    data: bytes
    suffix: str
    broken: bool


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Where pictures that rows only name are read: in archives if there are any, in the repository, on the web."""

    repository: Repository
    archives: Archives | None
    web: Web

    def read(self, value: Any) -> StoredPicture:
        """The picture of one value. Raises `NotThereError` or `NotNowError`."""
        if isinstance(value, Mapping):
            name = value.get("path") or ""
            data = value.get("bytes")
            return _encoded(bytes(data), name) if data is not None else self.read(name)
        if isinstance(value, bytes):
            return _encoded(value, "")
        if not isinstance(value, str):
            raise NotThereError(f"a value of type {type(value).__name__} is no picture")
        return _encoded(self._named(value), value.partition("?")[0])

    def close(self) -> None:
        """Let go of archives."""
        if self.archives:
            self.archives.close()

    def _named(self, name: str) -> bytes:
        if name.startswith(("http://", "https://")):
            return self.web.read(name)
        if (data := from_base64(name)) is not None:
            return data
        if archived := _IN_HUB.match(name):
            return _streamed(name, name[archived.end() :], self.repository)
        if Path(name).is_absolute():
            return _inside(Path(name), self.repository)
        return self.archives.read(name) if self.archives else self.repository.read(name)


def pictures_of(value: Any) -> list[Any]:
    """The values of a row's picture or pictures; empty where it has none."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if not _is_nothing(item)]


def own_name(value: Any) -> str | None:
    """The path or address that the dataset knows the picture by, None if it keeps bytes alone."""
    name = value.get("path") if isinstance(value, Mapping) else value
    return name if isinstance(name, str) and 0 < len(name) <= _SHOWN and not name.startswith("data:") else None


def shown(value: Any) -> str:
    """A value as a message can show it: bytes by their number."""
    if isinstance(value, Mapping) and value.get("bytes") is None:
        value = value.get("path")
    if isinstance(value, bytes | Mapping):
        return "bytes"
    return str(value)[:_SHOWN]


def _is_nothing(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get("bytes") is None and not value.get("path")
    return value is None or value == ""


def _encoded(data: bytes, name: str) -> StoredPicture:
    suffix = real_suffix(data)
    if suffix is not None:
        return StoredPicture(data, suffix, broken=False)
    own = PurePosixPath(name).suffix.lower()
    return StoredPicture(data, own if own in SUFFIXES else ".png", broken=True)


def _inside(path: Path, repository: Repository) -> bytes:
    """A file by its full path, which only what `datasets` put there has: never one from elsewhere on the machine."""
    folder = repository.rows.path if repository.rows.is_folder else None
    try:
        if lies_inside(path, folder):
            return path.resolve().read_bytes()
    except OSError as error:
        raise NotThereError(f"cannot be read: {error.strerror}") from error
    raise NotThereError("lies outside the dataset")


def _streamed(name: str, in_hub: str, repository: Repository) -> bytes:
    """A file that a stream names inside its own repository of the hub, perhaps within an archive."""
    own = re.compile(rf"datasets/{re.escape(repository.rows.dataset)}(@[^/]*)?/(?P<path>.*)").fullmatch(in_hub)
    if repository.rows.is_folder or own is None or not is_own_path(own["path"]):
        raise NotThereError("lies outside the dataset")
    from datasets.utils.file_utils import xopen

    try:
        with xopen(name, "rb") as file:
            return bytes(file.read())
    except OSError as error:
        raise NotThereError(f"cannot be read: {error}") from error
