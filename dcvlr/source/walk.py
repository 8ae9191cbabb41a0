"""Finds picture files without opening any: `<images_dir>/<dataset>/train/<file>`."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.images import SUFFIXES, is_on_disk

log = logging.getLogger(__name__)

_ENDINGS = tuple(sorted(SUFFIXES))
LAYOUT = "<images_dir>/<dataset>/train/<picture>, for example photos/receipts/train/0001.jpg"
_SHOWN = 4


@dataclass(frozen=True)
class Found:
    """What a walk found: absolute paths, sorted, and for each `train` folder the name of its dataset.

    `oddities` are entries with the name of a picture that are none, with what they are.
    """

    paths: list[str] = field(default_factory=list)
    datasets: dict[str, str] = field(default_factory=dict)
    oddities: list[tuple[str, str]] = field(default_factory=list)

    def dataset(self, path: str) -> str:
        return self.datasets[path[: path.rindex(os.sep)]]


def walk(images_dir: str) -> Found:
    """All picture files; only files directly in a `train` folder count, links to files are followed.

    Raises `ConfigError` if there are none, with the expected layout and what is there instead.
    """
    found = Found()
    for folder in _dataset_folders(images_dir):
        _walk_train(found, os.path.join(folder.path, "train"), folder.name.replace("__", "/"))  # noqa: PTH118
    if not found.paths and not found.oddities:
        raise ConfigError(_nothing(images_dir))
    found.paths.sort()
    found.oddities.sort()
    return found


def printable(path: str) -> str:
    r"""A path as UTF-8 can hold it; bytes that are not UTF-8 become `\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _dataset_folders(images_dir: str) -> Iterator[os.DirEntry[str]]:
    if not Path(images_dir).is_dir():
        what = "is not a folder" if Path(images_dir).exists() else "does not exist"
        raise ConfigError(f"images_dir={images_dir!r} {what}; expected {LAYOUT}")
    for entry in sorted(_list(images_dir), key=lambda entry: entry.name):
        if not _is_folder(entry):
            continue
        if _is_folder_path(Path(entry.path, "train")):
            yield entry
        elif not entry.name.startswith("."):
            log.warning("%s has no train/ folder, so nothing is read from it; %s", entry.path, _content(entry.path))


def _walk_train(found: Found, train: str, dataset: str) -> None:
    before, folders = len(found.paths), 0
    found.datasets[train] = dataset
    for entry in _list(train):
        if not entry.name.lower().endswith(_ENDINGS):
            folders += _is_folder(entry)
        elif odd := _oddity(entry):
            found.oddities.append((entry.path, odd))
        else:
            found.paths.append(entry.path)
    if folders:
        log.warning("%s holds %d folders; only files directly in train/ are read", train, folders)
    if len(found.paths) == before:
        log.warning("%s holds no pictures (%s); %s", train, " ".join(_ENDINGS), _content(train))


def _oddity(entry: os.DirEntry[str]) -> str:
    """Why something with the name of a picture cannot be one, or an empty string."""
    if not entry.path.isascii() and printable(entry.path) != entry.path:
        return "a name that is not UTF-8"
    if entry.is_file(follow_symlinks=False):
        return ""
    if entry.is_dir(follow_symlinks=False):
        return "a folder"
    if not entry.is_symlink():
        return "neither a file nor a folder"
    target = Path(entry.path)
    if _is_folder_path(target):
        return "a link to a folder"
    try:
        if not target.is_file():
            return "a link that leads to no file"
        return "" if is_on_disk(target) else "a link to a file of /proc or /sys"
    except OSError:
        return "a link that leads to no file"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and _is_folder_path(Path(entry.path)))


def _is_folder_path(path: Path) -> bool:
    """As Path.is_dir, but a link that leads to itself is no folder instead of an error."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _list(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be listed: {error.strerror}") from error


def _content(folder: str) -> str:
    names = sorted(printable(entry.name) + "/" * _is_folder(entry) for entry in _list(folder))
    if not names:
        return "it is empty"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"it holds {', '.join(names[:_SHOWN])}{more}"


def _nothing(images_dir: str) -> str:
    hint = ""
    if _is_folder_path(Path(images_dir, "train")):
        hint = f"; it looks like one dataset itself: did you mean images_dir={str(Path(images_dir).parent)!r}?"
    return f"images_dir={images_dir!r} holds no pictures; expected {LAYOUT}; {_content(images_dir)}{hint}"
