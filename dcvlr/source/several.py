"""Pictures of several sources in one run."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from dcvlr.errors import ConfigError, NoPictureError
from dcvlr.identity import digest
from dcvlr.images.disk import open_file
from dcvlr.protocols import Remembering, Source
from dcvlr.records import ImageRecord, row_files
from dcvlr.remote import is_url
from dcvlr.rundir.files import atomic_write
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList, in_order
from dcvlr.sampling import quotas
from dcvlr.settings import Count, SettingError, checked

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class Several:
    """The pictures of each of `sources`; one that several of them have is one picture with several paths.

    Each source gives at most its own `num_images`. With `num_images` here they share that number out by `shares`,
    equally where none are given; a source with fewer pictures leaves its share unused.
    """

    sources: Mapping[str, Source]
    shares: dict[str, float] | None
    num_images: Count | None

    def __post_init__(self) -> None:
        if self.shares is not None:
            self._check_shares(self.shares)

    def _check_shares(self, shares: Mapping[str, float]) -> None:
        if set(shares) != set(self.sources) or min(shares.values()) < 0 or not sum(shares.values()):
            needed = f"a number from 0 for each of {', '.join(self.sources)} is needed, not 0 for all"
            raise SettingError("shares", dict(shares), needed)
        if self.num_images is None:
            raise SettingError("shares", dict(shares), "they share out num_images, which is null")

    @property
    def location(self) -> str:
        """Raises `ConfigError` where no source was added."""
        if not self.sources:
            how = "+source@source.sources.<name>=folder source.sources.<name>.images_dir=<folder> adds one"
            raise ConfigError(f"source.sources={{}}: {how}")
        return "; ".join(f"{name}: {source.location}" for name, source in sorted(self.sources.items()))

    @property
    def root(self) -> str:
        """The folder that all of them share; none where some lie elsewhere, and paths in results are whole then."""
        roots = sorted({source.root for source in self.sources.values()})
        if len(roots) == 1:
            return roots[0]
        shared = "" if any(map(is_url, roots)) else os.path.commonpath(roots)
        return shared.rstrip("/")

    def count(self) -> int:
        return sum(source.count() for source in self._capped().values())

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        found = RecordList(ImageRecord)
        for name, source in self._capped().items():
            try:
                images = source(memo, ledger)
            except NoPictureError as error:
                log.warning("source: %s gives nothing: %s", name, error)
                continue
            log.info("source: %d pictures from %s", len(images), name)
            found.extend(images)
        if not found:
            raise NoPictureError(f"no picture of {', '.join(sorted(self.sources))} could be read")
        return _merged(found)

    def _capped(self) -> dict[str, Source]:
        """The sources by name, each with the most it may give."""
        names = sorted(self.sources)
        if self.num_images is None:
            return {name: self.sources[name] for name in names}
        shares = self.shares or dict.fromkeys(names, 1.0)
        caps = dict(zip(names, quotas(self.num_images, [shares[name] for name in names]), strict=True))
        return {name: _with_at_most(self.sources[name], cap) for name, cap in caps.items() if cap}


def _with_at_most(source: Any, cap: int) -> Source:
    own: int | None = source.num_images
    capped: Source = replace(source, num_images=cap if own is None else min(own, cap))
    return capped


def _merged(images: Iterable[ImageRecord]) -> RecordList[ImageRecord]:
    """Each picture once, sorted by path, with all its paths."""
    by_id = groupby(in_order(ImageRecord, images, key=lambda image: image.id), key=lambda image: image.id)
    joined = cache(_joined)
    merged = (_one(list(same), joined) for _, same in by_id)
    return in_order(ImageRecord, merged, key=lambda image: image.path)


def _joined(files: tuple[str, ...]) -> str | UnsetType:
    """One file of rows that has those of all `files`, written beside the first where there are several."""
    if len(files) < 2:
        return files[0] if files else UNSET
    joined = Path(files[0]).with_name(f"{digest(' '.join(files).encode())}.jsonl")
    with atomic_write(joined) as file:
        for one in files:
            with open_file(one) as rows:
                shutil.copyfileobj(rows, file)
    return str(joined)


def _one(same: Sequence[ImageRecord], joined: Callable[[tuple[str, ...]], str | UnsetType]) -> ImageRecord:
    if len(same) == 1:
        return same[0]
    first = min(same, key=lambda image: image.path)
    paths = sorted({path for image in same for path in _paths(image)} - {first.path})
    return msgspec.structs.replace(first, copies=tuple(paths), rows=joined(tuple(row_files(same))))


def _paths(image: ImageRecord) -> Iterator[str]:
    yield image.path
    yield from image.copies
