"""The other files of a dataset's repository: pictures that rows name by path, alone or inside zip archives."""

from __future__ import annotations

import logging
import lzma
import threading
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path, PurePosixPath

from dcvlr.errors import ConfigError, first_line
from dcvlr.images.disk import open_file
from dcvlr.remote import MAX_FILE_BYTES
from dcvlr.source.huggingface.boundary import lies_inside
from dcvlr.source.huggingface.stored_rows import Rows, unreachable

_SECONDS_TO_ASK = 10.0
_ENCRYPTED = 1  # the flag of a member, by the ZIP application note, 4.4.4
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)

log = logging.getLogger(__name__)


class NotThereError(Exception):
    """A picture that a row names and that the repository does not hold, with what is wrong with it."""


@dataclass(frozen=True)
class Repository:
    """The files beside the rows of `rows`; fetched into the hub's cache one by one when they are asked for."""

    rows: Rows

    @cached_property
    def names(self) -> list[str]:
        """Every file, by its path in the repository."""
        if self.rows.is_folder:
            root = Path(self.rows.path)
            return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
        from huggingface_hub import HfApi

        try:
            files = HfApi().list_repo_files(self.rows.dataset, repo_type="dataset", revision=self.rows.revision)
        except OSError as error:
            if cached := self._cached():
                return cached
            raise ConfigError(unreachable(repr(self.rows.dataset), error)) from error
        return sorted(files)

    def fetch(self, name: str) -> Path:
        """Where the file lies on this machine. Raises `ConfigError` if it cannot be fetched."""
        if self.rows.is_folder:
            path = Path(self.rows.path, name)
            if not lies_inside(path, self.rows.path):
                raise ConfigError(f"{path} is a link that leads out of source.dataset={self.rows.dataset!r}: remove it")
            return path
        from huggingface_hub import hf_hub_download

        try:
            return Path(hf_hub_download(self.rows.dataset, name, repo_type="dataset", revision=self.rows.revision))
        except OSError as error:
            raise ConfigError(unreachable(f"{self.rows.dataset!r}, file {name!r},", error)) from error

    def read(self, name: str) -> bytes:
        """The bytes of a file that a row names. Raises `NotThereError`; nothing outside the repository is read."""
        path = _plain_path(name)
        if path is None or path not in self._known:
            raise NotThereError("no file of the repository")
        if self.rows.is_folder and not lies_inside(Path(self.rows.path, path), self.rows.path):
            raise NotThereError("a link that leads out of the repository")
        return _read_file(self.fetch(path))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    def _cached(self) -> list[str]:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        try:
            folder = snapshot_download(
                self.rows.dataset, repo_type="dataset", revision=self.rows.revision, local_files_only=True
            )
        except LocalEntryNotFoundError:
            return []
        return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


@dataclass(frozen=True)
class Archives:
    """The zip archives of a repository whose names match `pattern`; members are read, never unpacked to disk."""

    repository: Repository
    pattern: str

    def read(self, name: str) -> bytes:
        """A member by its path, or by the only member whose path ends with it. Raises `NotThereError`."""
        path = _plain_path(name)
        if path is None:
            raise NotThereError("leads out of the archive")
        with self._lock:
            archives = self._archives
        for archive, index in archives:
            if member := _member(path, index):
                return _read_member(archive, member)
        raise NotThereError(f"in none of the archives {self.pattern!r}")

    def close(self) -> None:
        """Close the archives; they are opened again by the next read."""
        for archive, _ in vars(self).pop("_archives", ()):
            archive.close()

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()

    @cached_property
    def _archives(self) -> list[tuple[zipfile.ZipFile, dict[str, list[zipfile.ZipInfo]]]]:
        names = [name for name in self.repository.names if fnmatch(name, self.pattern)]
        if not names:
            zips = [name for name in self.repository.names if name.lower().endswith(".zip")]
            there = f"it has {', '.join(zips)}" if zips else "it has no zip archive"
            raise ConfigError(
                f"source.archive={self.pattern!r}: no such file in {self.repository.rows.dataset}; {there}"
            )
        return [_opened(name, self.repository.fetch(name)) for name in names]


def _opened(name: str, path: Path) -> tuple[zipfile.ZipFile, dict[str, list[zipfile.ZipInfo]]]:
    log.info("reading pictures from %s (%.0f MB)", name, path.stat().st_size / 1e6)
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ConfigError(
            f"source.archive: {path} is no zip archive ({error}): remove it and fetch it again"
        ) from error
    by_file: defaultdict[str, list[zipfile.ZipInfo]] = defaultdict(list)
    for member in archive.infolist():
        if not member.is_dir():
            by_file[PurePosixPath(member.filename).name].append(member)
    return archive, dict(by_file)


def _member(path: str, index: dict[str, list[zipfile.ZipInfo]]) -> zipfile.ZipInfo | None:
    members = index.get(PurePosixPath(path).name, [])
    exact = [member for member in members if member.filename == path]
    ending = [member for member in members if member.filename.endswith(f"/{path}")]
    return exact[-1] if exact else ending[0] if len(ending) == 1 else None


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > MAX_FILE_BYTES:
        raise NotThereError(f"its member has {member.file_size} bytes, more than {MAX_FILE_BYTES}")
    if member.flag_bits & _ENCRYPTED:
        raise NotThereError("encrypted in its archive")
    try:
        return archive.read(member)  # stops at the size that the archive declares
    except (*_DAMAGED, NotImplementedError, OSError) as error:  # NotImplementedError: packed in a way unknown here
        raise NotThereError(f"damaged in its archive ({first_line(error)})") from error


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise NotThereError(f"more than {MAX_FILE_BYTES} bytes")
        with open_file(str(path)) as file:
            return file.read()
    except OSError as error:
        raise NotThereError(f"cannot be read: {error.strerror}") from error


def _plain_path(name: str) -> str | None:
    """The path in a repository's way of writing it, or None if it leads out of it."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    outside = ".." in parts or name.startswith("/") or not parts
    return None if outside else "/".join(parts)


def repository_bytes(dataset: str, revision: str) -> int | None:
    """Bytes of all files of the repository at a branch, tag or commit; None where the hub does not answer."""
    from huggingface_hub import HfApi

    try:
        about = HfApi().dataset_info(dataset, revision=revision, timeout=_SECONDS_TO_ASK, files_metadata=True)
    except Exception as error:  # noqa: BLE001  the hub's client raises errors of its own and of its HTTP library
        log.debug("the hub does not say how large %s is: %s", dataset, error)
        return None
    return sum(file.size or 0 for file in about.siblings or [])
