"""The licences of pictures, as far as the metadata beside them or the rows of their source state any."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import msgspec

from dcvlr.errors import ConfigError
from dcvlr.images.disk import open_file
from dcvlr.metadata.rows import METADATA, held_rows
from dcvlr.records import ImageRecord
from dcvlr.remote import is_url

log = logging.getLogger(__name__)


_KEYS = ("licence", "license")


class PictureNames(defaultdict[tuple[str, str], set[str]]):
    """File names of pictures by their dataset and folder or URL."""

    def __init__(self) -> None:
        super().__init__(set)

    def add(self, images: Iterable[ImageRecord]) -> None:
        for image in images:
            folder, _, name = image.path.rpartition("/")
            self[image.dataset, folder].add(name)


def count_licences(
    names: Mapping[tuple[str, str], Set[str]], row_files: Collection[str]
) -> Counter[tuple[str, str | None]]:
    """How many pictures there are of each dataset and licence; a licence of None is one that nothing states.

    `names` are as `PictureNames` has them, `row_files` what the pictures' sources wrote about them.
    """
    in_rows = _in_rows(row_files, names)
    counts: Counter[tuple[str, str | None]] = Counter()
    for (dataset, folder), every in sorted(names.items()):
        beside = {} if is_url(folder) else stated_licences(Path(folder), every)
        counts.update((dataset, in_rows.get(f"{folder}/{name}", beside.get(name))) for name in every)
    return counts


def _in_rows(row_files: Collection[str], names: Mapping[tuple[str, str], Set[str]]) -> dict[str, str]:
    """Licences by whole path or URL."""
    if not row_files:
        return {}
    paths = {f"{folder}/{name}" for (_, folder), every in names.items() for name in every}
    rows = ((line.get("file_name"), line) for file in row_files for line in _lines(Path(file)))
    return {path: licence for path, line in rows if path in paths and (licence := _licence(line))}


def stated_licences(folder: Path, names: Set[str]) -> dict[str, str]:
    """Licences by file name, for those of the pictures `names` in `folder` whose row of metadata has one."""
    rows = [(line.get("file_name"), line) for line in _lines(folder / METADATA)] + list(_held(folder))
    return {
        name: licence for name, line in rows if isinstance(name, str) and name in names and (licence := _licence(line))
    }


def _held(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        yield from ((name, row.content()) for name, row in held_rows(folder))
    except ConfigError as error:
        log.warning("%s; the licences that it may state are not known", error)


def _licence(line: Mapping[str, Any]) -> str | None:
    stated = next((line[key] for key in _KEYS if line.get(key)), None)
    return None if stated is None else " ".join(str(stated).split()) or None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file that may not be there, and that a user may have written."""
    try:
        with open_file(str(path)) as file:
            for line_number, text in enumerate(file, 1):
                line = _decoded(text)
                if line is not None:
                    yield line
                elif text.strip():
                    log.warning(
                        "%s, line %d is no JSON object: the licence that it may state is not known", path, line_number
                    )
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("%s cannot be read (%s): the licences that it states are not known", path, error.strerror)


def _decoded(text: bytes) -> dict[str, Any] | None:
    try:
        line = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return line if isinstance(line, dict) else None
