"""Finds picture files in folders of any layout, and says what it passes over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from dcvlr.errors import ConfigError
from dcvlr.images.disk import is_on_disk
from dcvlr.images.formats import HEAD_BYTES, SUFFIXES, begins_like_a_picture
from dcvlr.metadata.rows import METADATA_FILES
from dcvlr.rundir.record_list import RecordList, in_order

FolderLayout = Literal["auto", "strict"]

_ENDINGS = tuple(sorted(SUFFIXES))
LAYOUT = "<images_dir>/<dataset>/train/<picture>, for example photos/receipts/train/0001.jpg"
WAYS = "give images_dir=<folder of pictures, or s3://…, gs://…, hf://datasets/…, …/list.txt>, or try source=samples"
RESULTS = "a folder with the results of a run"
_DOCUMENT = "a document, whose pages source=pdf reads"
_SHOWN = 4


@dataclass(frozen=True, order=True)
class PassedOver:
    """A file or folder that is not read: `kind` is what files like it are counted under, `reason` is for people."""

    path: str
    kind: str
    reason: str


@dataclass
class FoundFiles:
    """What a walk found: absolute paths or URLs, sorted, and for each folder with pictures the name of its dataset.

    `versions` is what a store has said of a file at a URL while it was listed; others are asked for when they are read.
    `rows` is a file of rows about the pictures, by whole path or URL.
    """

    paths: RecordList[str] = field(default_factory=partial(RecordList, str))
    datasets: dict[str, str] = field(default_factory=dict)
    passed_over: list[PassedOver] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    rows: str | None = None

    def add(self, path: str, dataset: str, version: str | None = None) -> None:
        self.paths.append(path)
        self.datasets[path[: path.rindex("/")]] = dataset
        if version is not None:
            self.versions[path] = version

    def sort(self) -> None:
        self.paths = in_order(str, self.paths, key=str)
        self.passed_over.sort()

    def dataset(self, path: str) -> str:
        """The dataset of a file in one of the folders; the name of its folder where that is none of them."""
        folder = path.rpartition(os.sep)[0]
        return self.datasets.get(folder) or folder.rpartition(os.sep)[2].replace("__", "/")


def walk(images_dir: str, layout: FolderLayout) -> FoundFiles:
    """All picture files below a folder, links to files included.

    A dataset is a folder directly in `images_dir`; pictures beside such folders belong to a dataset of the name of
    `images_dir`. A dataset with a folder `train` is read from that alone. With the layout `strict` only files directly
    in `<dataset>/train` are read. Raises `ConfigError` if there are none.
    """
    if not Path(images_dir).is_dir():
        raise ConfigError(f"images_dir={images_dir!r} is not a folder; {WAYS}")
    found = FoundFiles()
    walker = _Walker(found=found, root=os.path.realpath(images_dir), recursive=layout == "auto")
    own_name = Path(images_dir).name.replace("__", "/")
    if layout == "auto" and _has_train(images_dir):  # it is one dataset itself
        walker.dataset_folder(images_dir, own_name)
    else:
        walker.root_folder(images_dir, own_name)
    if not found.paths and not any(one.kind == "unreadable" for one in found.passed_over):
        raise ConfigError(_nothing(images_dir, layout))
    found.sort()
    return found


def printable(path: str) -> str:
    r"""A path as UTF-8 can hold it; bytes that are not UTF-8 become `\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, kw_only=True)
class _Walker:
    found: FoundFiles
    root: str
    recursive: bool
    linked: set[str] = field(default_factory=set)

    def root_folder(self, folder: str, own_name: str) -> None:
        """The folder that holds datasets, and in an `auto` layout perhaps pictures of its own."""
        for entry in _sorted(folder):
            if _is_folder(entry):
                if self._may_enter(entry):
                    self.dataset_folder(entry.path, entry.name.replace("__", "/"))
            elif self.recursive:
                self._file(entry, folder, own_name)
            else:
                self._pass(entry.path, "beside the datasets", "a file that lies in no <dataset>/train folder")

    def dataset_folder(self, folder: str, dataset: str) -> None:
        if not _has_train(folder):
            if self.recursive:
                self._pictures(folder, dataset)
            else:
                self._pass(folder, "no train folder", f"it has no train/ folder; {_content(folder)}")
            return
        for entry in _sorted(folder):
            if entry.name == "train" and _is_folder(entry):
                self._pictures(entry.path, dataset)
            elif entry.name not in METADATA_FILES:
                self._pass(entry.path, "beside train", "it lies beside train/, which alone is read")

    def _pictures(self, folder: str, dataset: str) -> None:
        for entry in _sorted(folder):
            if self.recursive and _is_folder(entry):
                if self._may_enter(entry):
                    self._pictures(entry.path, dataset)
            elif not self.recursive and _is_folder(entry) and not entry.name.lower().endswith(_ENDINGS):
                self._pass(entry.path, "folder", "a folder; only files directly in train/ are read")
            else:
                self._file(entry, folder, dataset)

    def _may_enter(self, entry: os.DirEntry[str]) -> bool:
        """Whether a folder is to be read: not a hidden one, and no link to what is read anyway."""
        if entry.name.startswith("."):
            self._pass(entry.path, "hidden", "a hidden folder")
            return False
        if holds_results(entry.path):
            self._pass(entry.path, "results", RESULTS)
            return False
        if not entry.is_symlink():
            return True
        target = os.path.realpath(entry.path)
        if Path(target).is_relative_to(self.root) or Path(self.root).is_relative_to(target) or target in self.linked:
            self._pass(entry.path, "link", "a link to a folder that is read anyway")
            return False
        self.linked.add(target)
        return True

    def _file(self, entry: os.DirEntry[str], folder: str, dataset: str) -> None:
        named = entry.name.lower().endswith(_ENDINGS)
        if entry.name in METADATA_FILES:
            return
        if entry.name.startswith("."):
            self._pass(entry.path, "hidden", "a hidden file")
        elif odd := _oddity(entry):
            self._pass(entry.path, "unreadable" if named else "no file", f"not a picture file: {odd}")
        elif named or begins_like_a_picture(_head(entry.path)):
            self.found.paths.append(entry.path)
            self.found.datasets[folder] = dataset
        else:
            suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122  a Path object per file
            reason = "it does not begin like a picture of a format that is read"
            self._pass(entry.path, suffix or "no suffix", _DOCUMENT if suffix == ".pdf" else reason)

    def _pass(self, path: str, kind: str, reason: str) -> None:
        self.found.passed_over.append(PassedOver(path, kind, reason))


def holds_results(folder: str) -> bool:
    """Whether a run was started there; what it wrote is no source."""
    return os.path.isdir(os.path.join(folder, ".hydra"))  # noqa: PTH112,PTH118  a Path object per folder


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123  a Path object per file
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _has_train(folder: str) -> bool:
    return _is_folder_path(Path(folder, "train"))


def _oddity(entry: os.DirEntry[str]) -> str:
    """Why something cannot be a picture's file, or an empty string."""
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


def _sorted(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be listed: {error.strerror}") from error


def _content(folder: str) -> str:
    names = [printable(entry.name) + "/" * _is_folder(entry) for entry in _sorted(folder)]
    if not names:
        return "it is empty"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"it holds {', '.join(names[:_SHOWN])}{more}"


def _nothing(images_dir: str, layout: FolderLayout) -> str:
    if layout == "auto":
        return f"images_dir={images_dir!r} holds no pictures ({' '.join(_ENDINGS)}); {_content(images_dir)}"
    hint = "; source.layout=auto reads pictures wherever they lie"
    return f"images_dir={images_dir!r} holds no pictures; expected {LAYOUT}; {_content(images_dir)}{hint}"
