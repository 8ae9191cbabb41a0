"""Files that hold many pictures each, here or at URLs: which there are, and whether they were read before."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dcvlr.errors import ConfigError
from dcvlr.images.located import why
from dcvlr.records import Finding, ImageRecord
from dcvlr.remote import Locator, is_url, local_url, remote_files, without_query
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileState, located_state
from dcvlr.source.listed import found_in_list, is_list
from dcvlr.source.remote_walk import listed

_NUMBERS = re.compile(r"\{(\d{1,7})\.\.(\d{1,7})\}")
_PATTERN = re.compile(r"\*|\{[^{}]*,[^{}]*\}")
_COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")


def shard_files(path: str, ending: str, most: int | None) -> list[str]:
    """URLs of the first `most` files: of one or `{000..099}`, of all below a folder, or of those that a list names.

    Raises `ConfigError` if there are none.
    """
    is_pattern = is_url(path) or not Path(path).exists()
    if is_pattern and (pattern := _PATTERN.search(without_query(path))):
        raise ConfigError(
            f"images_dir={without_query(path)!r}: {pattern[0]} is not expanded, only numbers as in {{000..099}}; give "
            "the folder, with source.max_shards for the first ones, or a list (.txt)"
        )
    if is_pattern and _NUMBERS.search(path):
        found = list(_numbered(path))
    elif without_query(path).lower().endswith(ending):
        found = [path]
    elif is_list(path):
        in_list = found_in_list(path)
        if in_list.passed_over:  # the list is the user's own, and whole files are at stake
            raise ConfigError(in_list.passed_over[0].reason)
        found = list(in_list.paths)
    else:
        found = list(_below_url(path) if is_url(path) else _below(Path(path), ending))
    files = sorted(url_of(one) for one in found if without_query(one).lower().endswith(ending))
    if not files:
        packed = ending == ".tar" and any(one.lower().endswith(_COMPRESSED) for one in found)
        hint = "; compressed archives cannot be read by range: unpack them to .tar" if packed else ""
        raise ConfigError(f"images_dir={without_query(path)!r} holds no {ending} files{hint}")
    return files[:most]


def _numbered(path: str) -> Iterator[str]:
    """`{000..099}` as each of its numbers, with as many digits as the first."""
    numbers = _NUMBERS.search(path)
    if numbers is None:
        yield path
        return
    first, last = numbers.groups()
    for number in range(int(first), int(last) + 1):
        yield from _numbered(f"{path[: numbers.start()]}{number:0{len(first)}d}{path[numbers.end() :]}")


def url_of(path: str) -> str:
    """What a shard is read from: a URL, also for a file of this machine."""
    return path if is_url(path) else local_url(Path(path))


def shard_states(urls: Sequence[str], ledger: Ledger) -> Iterator[FileState]:
    """Those that are there; the others are unmeasured."""
    for url in urls:
        try:
            yield shard_state(url)
        except OSError as error:
            failure = why(error, url)
            ledger.unmeasured(file_of(url), [finding(failure.kind, failure.message)])


def shard_state(url: str) -> FileState:
    """What tells whether a file was read before. Raises `OSError`."""
    path = Locator.of(url).local_path
    if path is None:
        return located_state(url, remote_files.state(url).version)
    status = os.stat(path)  # noqa: PTH116
    return located_state(url, f"{status.st_size}/{status.st_mtime_ns}")


def dataset_of_shard(url: str) -> str:
    """The name of the folder that a shard lies in."""
    folder = (Locator.of(url).local_path or url).partition("#")[0].rpartition("/")[0]
    return folder.rpartition("/")[2].replace("__", "/")


def file_of(url: str) -> ImageRecord:
    """A file, or a part of one, as a ledger names it."""
    return ImageRecord(id="", path=url, dataset=dataset_of_shard(url))


def finding(name: str, reason: str) -> Finding:
    return Finding(name=name, passed=False, reason=reason)


def _below(folder: Path, ending: str) -> list[str]:
    if not folder.is_dir():
        raise ConfigError(f"images_dir={str(folder)!r} is neither a {ending} file nor a folder of them")
    return [str(path) for path in folder.rglob("*") if path.is_file()]


def _below_url(url: str) -> Iterator[str]:
    for entry in listed(url):
        if entry.is_folder:
            yield from _below_url(entry.url)
        else:
            yield entry.url
