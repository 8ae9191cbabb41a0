"""Finds pictures in a folder of a store: the rules of `walk` for what has names, sizes and versions, but no links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcvlr.errors import ConfigError
from dcvlr.images.formats import SUFFIXES
from dcvlr.metadata.rows import METADATA_FILES
from dcvlr.remote import MAX_FILE_BYTES, FileTooLargeError, RemoteFile, remote_files, without_query
from dcvlr.source.walk import LAYOUT, FolderLayout, FoundFiles, PassedOver

_ENDINGS = tuple(sorted(SUFFIXES))


def walk_remote(url: str, layout: FolderLayout) -> FoundFiles:
    """All pictures below `url`, known by their suffix alone; see `walk` for what a dataset is.

    Raises `ConfigError` if there are none or the folder cannot be listed.
    """
    walker = _RemoteWalker(FoundFiles(), recursive=layout == "auto")
    own_name = _name(url).replace("__", "/")
    entries = listed(url)
    if layout == "auto" and _train(entries):
        walker.dataset(entries, own_name)
    else:
        for entry in entries:
            if entry.is_folder and walker.may_enter(entry):
                walker.dataset(listed(entry.url), _name(entry.url).replace("__", "/"))
            elif not entry.is_folder:
                walker.file(entry, own_name, wanted=walker.recursive)
    if not walker.found.paths:
        held = ", ".join(_name(entry.url) + "/" * entry.is_folder for entry in entries[:4]) or "nothing"
        hint = f"; expected {LAYOUT}; source.layout=auto reads pictures wherever they lie"
        expected = "" if layout == "auto" else hint
        if not entries and _suffix(_name(url)):
            expected = "; for a file give the folder that it lies in, or a list (.txt) of addresses"
        raise ConfigError(
            f"images_dir={without_query(url)!r} holds no pictures ({' '.join(_ENDINGS)}); it holds {held}{expected}"
        )
    walker.found.sort()
    return walker.found


def listed(url: str, key: str = "images_dir") -> list[RemoteFile]:
    """What lies directly in a folder. Raises `ConfigError` with what can be done."""
    try:
        return remote_files.listed(url)
    except OSError as error:
        raise ConfigError(f"{key}: {error}; {remedy(error)}") from error


def remedy(error: OSError) -> str:
    """What a user can do about a store that refuses."""
    if isinstance(error, FileNotFoundError):
        return "correct the address"
    if isinstance(error, PermissionError):
        return (
            "set or renew the keys in the environment (AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, "
            "GOOGLE_APPLICATION_CREDENTIALS, HF_TOKEN, …); a public bucket is read with FSSPEC_S3_ANON=true or "
            "FSSPEC_GS_TOKEN=anon"
        )
    if isinstance(error, FileTooLargeError):
        return "split it, or copy it to this machine"
    return "try again later; remote.attempts and remote.timeout_s say how long is waited"


@dataclass(frozen=True)
class _RemoteWalker:
    found: FoundFiles
    recursive: bool

    def dataset(self, entries: Sequence[RemoteFile], dataset: str) -> None:
        train = _train(entries)
        if train is None:
            self._pictures(entries, dataset, wanted=self.recursive)
            return
        for entry in entries:
            if entry is not train and _name(entry.url) not in METADATA_FILES:
                self._pass(entry, "beside train", "it lies beside train/, which alone is read")
        self._pictures(listed(train.url), dataset, wanted=True)

    def _pictures(self, entries: Sequence[RemoteFile], dataset: str, *, wanted: bool) -> None:
        for entry in entries:
            if not entry.is_folder:
                self.file(entry, dataset, wanted=wanted)
            elif not self.recursive:
                self._pass(entry, "folder", "a folder; only files directly in train/ are read")
            elif self.may_enter(entry):
                self._pictures(listed(entry.url), dataset, wanted=wanted)

    def may_enter(self, folder: RemoteFile) -> bool:
        is_hidden = _name(folder.url).startswith(".")
        if is_hidden:
            self._pass(folder, "hidden", "a hidden folder")
        return not is_hidden

    def file(self, file: RemoteFile, dataset: str, *, wanted: bool) -> None:
        name = _name(file.url)
        if name in METADATA_FILES:
            self._pass(file, "metadata", "metadata beside pictures of a store is not read; source=jsonl reads it")
        elif name.startswith("."):
            self._pass(file, "hidden", "a hidden file")
        elif not wanted:
            self._pass(file, "beside the datasets", "a file that lies in no <dataset>/train folder")
        elif not name.lower().endswith(_ENDINGS):
            self._pass(file, _suffix(name) or "no suffix", "in a store, pictures are known by their suffix alone")
        elif (file.size or 0) > MAX_FILE_BYTES:
            self._pass(file, "too large", f"it has more than {MAX_FILE_BYTES} bytes")
        else:
            self.found.add(file.url, dataset, file.version)

    def _pass(self, entry: RemoteFile, kind: str, reason: str) -> None:
        self.found.passed_over.append(PassedOver(entry.url, kind, reason))


def _name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def _train(entries: Sequence[RemoteFile]) -> RemoteFile | None:
    return next((entry for entry in entries if entry.is_folder and _name(entry.url) == "train"), None)
