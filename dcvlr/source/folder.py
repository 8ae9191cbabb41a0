"""Pictures in a folder of datasets."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from urllib.parse import urlsplit

from dcvlr.errors import ConfigError, NoPictureError
from dcvlr.identity import digest
from dcvlr.images.located import why
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, Finding, ImageRecord
from dcvlr.remote import (
    MAX_FILE_BYTES,
    RemoteFile,
    is_url,
    remote_files,
    require_reachable,
    with_plain_scheme,
    without_query,
)
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList
from dcvlr.settings import Count, checked
from dcvlr.source.digest import FileDigest, FileState, file_state, located_state
from dcvlr.source.joined import Known, joined
from dcvlr.source.listed import found_in_list, is_list
from dcvlr.source.remote_walk import walk_remote
from dcvlr.source.walk import WAYS, FolderLayout, FoundFiles, printable, walk

log = logging.getLogger(__name__)

_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
@checked
class ImageFolder:
    """Pictures wherever they lie below `images_dir`, a folder, a URL or a list; equal bytes are one with several paths.

    `walk` says what a dataset is; a `__` in its folder's name stands for `/`. With `num_images`, that many files are
    chosen by `seed` and by their dataset and name, before any is read.
    """

    images_dir: str | None
    layout: FolderLayout
    num_images: Count | None
    seed: int
    digest: FileDigest

    @property
    def location(self) -> str:
        """The absolute folder, list or URL; links are not resolved. Raises `ConfigError` if none was given."""
        return public_location(self.images_dir)

    def check_ready(self) -> None:
        require_images_dir(self.images_dir)
        path = absolute(self.images_dir)
        if not is_url(path) and not Path(path).exists():
            raise ConfigError(f"images_dir={path!r} does not exist; {WAYS}")

    def found(self) -> FoundFiles:
        """Everything that may be read; files of a folder of this machine are looked at where no suffix tells."""
        path = absolute(self.images_dir)
        self.check_ready()
        if is_list(path):
            return found_in_list(path)
        return walk_remote(path, self.layout) if is_url(path) else walk(path, self.layout)

    @property
    def root(self) -> str:
        return folder_of(self.location)

    def count(self) -> int:
        """How many files a run would read; none is opened."""
        return len(choose(self.found(), self.num_images, self.seed))

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        found = self.found()
        _report_layout(found, self.location)
        report_passed_over(found, ledger)
        images = read_images(found, choose(found, self.num_images, self.seed), self.digest, memo, ledger)
        if not images:
            raise NoPictureError(f"no picture in {self.location} could be read")
        return images


def absolute(images_dir: str | None) -> str:
    """A folder or file of this machine as an absolute path, a URL as it is but for slashes at its end."""
    if images_dir is None:
        raise ConfigError(f"images_dir is not set: {WAYS}")
    if is_url(images_dir):
        scheme, _, rest = with_plain_scheme(images_dir).partition("://")
        return f"{scheme}://{rest.rstrip('/')}"
    return os.path.abspath(Path(images_dir).expanduser())  # noqa: PTH100  Path.resolve would follow links


def public_location(images_dir: str | None) -> str:
    """`absolute`, without what stands behind the `?` of a URL, which may be a signature."""
    return without_query(absolute(images_dir))


def require_images_dir(images_dir: str | None) -> None:
    """Raise `ConfigError` where none is set, or a URL that cannot be reached in this way."""
    path = absolute(images_dir)
    if is_url(path):
        require_reachable(path, "images_dir")


def folder_of(location: str) -> str:
    """The folder or URL itself, or that which a file of rows, a list or a shard lies in."""
    is_file = bool(Path(urlsplit(location).path).suffix) if is_url(location) else not Path(location).is_dir()
    return location.rpartition("/")[0] if is_file else location


def _report_layout(found: FoundFiles, location: str) -> None:
    counts = Counter(map(found.dataset, found.paths))
    shown = ", ".join(f"{name} {count}" for name, count in counts.most_common(_SHOWN))
    more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    log.info("source: %s: %d files; datasets: %s%s", location, len(found.paths), shown or "none", more)


def report_passed_over(found: FoundFiles, ledger: Ledger) -> None:
    """Every file that is not read in the ledger, and how many there are of each kind in the log."""
    for one in found.passed_over:
        name = "unreadable" if one.kind == "unreadable" else "passed_over"
        finding = Finding(name=name, passed=False, value=one.kind, reason=one.reason)
        ledger.reject(_unidentified(found, one.path), [finding])
    kinds = Counter(one.kind for one in found.passed_over)
    if kinds:
        counts = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        log.warning("source: %d files and folders passed over (%s); see rejected.jsonl", kinds.total(), counts)


def choose(found: FoundFiles, num_images: int | None, seed: int) -> Sequence[str]:
    """`num_images` of the files, sorted: which ones rests on `seed` and on their dataset and name alone.

    The query of a URL, which may be a signature that is renewed, only tells apart names that are equal without it.
    """
    if num_images is None or num_images >= len(found.paths):
        return found.paths

    def named(path: str, shown: str) -> str:
        return digest(f"{seed}/{found.dataset(path)}/{shown.rpartition(os.sep)[2]}".encode())

    def tie_break(path: str) -> tuple[str, str]:
        bare = without_query(path) if is_url(path) else path
        return named(path, bare), "" if bare == path else named(path, path)

    return sorted(nsmallest(num_images, found.paths, key=tie_break))


def read_images(
    found: FoundFiles, paths: Sequence[str], model: FileDigest, memo: Remembering, ledger: Ledger
) -> RecordList[ImageRecord]:
    """Every picture among `paths` once; files that cannot be read are unmeasured in the ledger."""
    images = joined(found, _identified(found, paths, model, memo, ledger))
    files = sum(1 + len(image.copies) for image in images)
    log.info("source: %d pictures in %d files in %d datasets", len(images), files, len(set(found.datasets.values())))
    return images


def _identified(
    found: FoundFiles, paths: Sequence[str], model: FileDigest, memo: Remembering, ledger: Ledger
) -> Iterator[Known]:
    """Every file that can be read."""
    states = RecordList(FileState)
    for path, state in _states(found, paths):
        if isinstance(state, FileState):
            states.append(state)
        else:
            _leave_out(_unidentified(found, path), state, ledger)
    signals = memo.compute(model, states)
    for item in states:
        signal = signals[item.id]
        if isinstance(signal, Failure):
            _leave_out(_unidentified(found, item.path), signal, ledger)
        else:
            yield Known(path=item.path, id=signal.id)


def _leave_out(file: ImageRecord, failure: Failure, ledger: Ledger) -> None:
    finding = Finding(name=failure.kind, passed=False, reason=failure.message)
    (ledger.reject if failure.remembered else ledger.unmeasured)(file, [finding])


def _states(found: FoundFiles, paths: Sequence[str]) -> Iterator[tuple[str, FileState | Failure]]:
    """What tells whether a file was read before, in order; a store is asked only about files it has not listed."""
    asked = dict(remote_files.states(path for path in paths if is_url(path) and path not in found.versions))
    for path in paths:
        try:
            if path in asked:
                yield path, _located(path, asked[path])
            elif path in found.versions:
                yield path, located_state(path, found.versions[path])
            else:
                yield path, file_state(path, os.stat(path))  # noqa: PTH116  a million Path objects
        except OSError as error:
            yield path, why(error, path)


def _located(path: str, state: RemoteFile | OSError) -> FileState | Failure:
    if isinstance(state, OSError):
        raise state
    if (state.size or 0) > MAX_FILE_BYTES:
        return Failure(kind="too_large", message=f"it has more than {MAX_FILE_BYTES} bytes")
    return located_state(path, state.version)


def _unidentified(found: FoundFiles, path: str) -> ImageRecord:
    """A file of which nothing but its path is known."""
    return ImageRecord(id="", path=printable(path), dataset=printable(found.dataset(path)))
