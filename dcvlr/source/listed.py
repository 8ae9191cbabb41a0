"""Pictures that a list names, by path or URL, one a line."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from dcvlr.errors import ConfigError, MissingPackageError
from dcvlr.remote import (
    Locator,
    is_url,
    remote_files,
    require_reachable,
    with_plain_scheme,
    without_password,
    without_query,
)
from dcvlr.source.remote_walk import remedy
from dcvlr.source.walk import FoundFiles, PassedOver

LISTS = (".txt",)


def is_list(path: str) -> bool:
    """Whether `images_dir` names a list rather than a folder."""
    if is_url(path):
        return urlsplit(path).path.lower().endswith(LISTS)
    return path.lower().endswith(LISTS) and not Path(path).is_dir()


def found_in_list(path: str) -> FoundFiles:
    """The pictures of a text file with a path or URL a line; empty lines and those that begin with `#` are none.

    Raises `ConfigError` for a list that cannot be read or names nothing.
    """
    try:
        lines = [line.strip() for line in bytes_of(path).decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise ConfigError(f"images_dir={without_query(path)!r} is no text in UTF-8: {error.reason}") from error
    entries = [line for line in lines if line and not line.startswith("#")]
    if not entries:
        raise ConfigError(f"images_dir={without_query(path)!r} names no picture: a path or URL a line is needed")
    return found_entries(entries, path)


def bytes_of(path: str) -> bytes:
    """A file of this machine or at a URL that `images_dir` names."""
    try:
        return remote_files.read(path) if is_url(path) else Path(path).read_bytes()
    except OSError as error:
        fix, key = remedy(error) if is_url(path) else "correct the path", f"images_dir={without_query(path)!r}"
        raise ConfigError(f"{key} cannot be read: {error.strerror or error}; {fix}") from error


def dataset_of(path: str) -> str:
    """What a dataset is called after the file that names its pictures."""
    stem = (urlsplit(path).path if is_url(path) else path).rpartition("/")[2]
    return (stem.partition(".")[0] or "pictures").replace("__", "/")


def found_entries(entries: Iterable[str], beside: str) -> FoundFiles:
    """Each entry once; nothing is looked at. Raises `ConfigError` where none may be read, with what keeps the first."""
    found, dataset = FoundFiles(), dataset_of(beside)
    for path in sorted({path for entry in entries if (path := usable(entry, beside, found))}):
        found.add(path, dataset)
    if not found.paths:
        raise ConfigError(found.passed_over[0].reason)
    return found


def usable(entry: str, beside: str, found: FoundFiles, folder: str | None = None) -> str | None:
    """`resolved`, or None for an address that nobody could read, which `found` has then passed over.

    Raises `MissingPackageError` for one that this installation could not read as it is.
    """
    try:
        return resolved(entry, beside, folder)
    except MissingPackageError:
        raise
    except ConfigError as error:
        found.passed_over.append(PassedOver(without_password(without_query(entry)), "address", str(error)))
        return None


def resolved(entry: str, beside: str, folder: str | None = None) -> str:
    """An entry as an absolute path or a URL; one that is neither lies in `folder`, or beside the list.

    Raises `ConfigError` for an address that cannot be reached, and for a list from afar that names files of this
    machine or of other stores: those would be read with the keys of whoever runs this.
    """
    entry = Locator(url=entry).local_path or with_plain_scheme(entry)  # the former of a file:// URL
    if is_url(entry):
        require_reachable(entry, f"images_dir={without_query(beside)} names")
        own, other = beside.partition("://")[0], entry.partition("://")[0]
        if is_url(beside) and other not in (own, "http", "https"):
            raise ConfigError(
                f"images_dir={without_query(beside)!r} names {without_query(entry)!r}: a list at {own}:// may name "
                "addresses of that kind and of http alone; copy it here if you trust it"
            )
        return entry
    if "\0" in entry:
        raise ConfigError(f"images_dir={without_query(beside)!r} names {entry!r}: no file has such a name")
    if not is_url(beside):
        return os.path.abspath(Path(folder or Path(beside).parent, entry))  # noqa: PTH100  links are not resolved
    if entry.startswith("/"):
        raise ConfigError(f"images_dir={without_query(beside)!r} names {entry!r}: a list at a URL may name URLs alone")
    parts = urlsplit(beside)
    return f"{parts.scheme}://{parts.netloc}{posixpath.normpath(posixpath.join(parts.path, '..', entry))}"
