"""The pages of PDF documents and of TIFF files with several pages."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dcvlr.errors import ConfigError, NoPictureError, require_package
from dcvlr.identity import digest
from dcvlr.protocols import Remembering
from dcvlr.records import Finding, ImageRecord, Record
from dcvlr.rundir.files import atomic_write, read_regular, remove_stale_temporaries, set_aside, write_json
from dcvlr.rundir.ledger import Ledger
from dcvlr.settings import Count, checked
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import choose, read_images, report_passed_over
from dcvlr.source.pages import DOCUMENTS, UnreadableDocumentError, page_count, pages
from dcvlr.source.walk import RESULTS, FoundFiles, PassedOver, holds_results, printable

log = logging.getLogger(__name__)

_KNOWN = ".documents"  # what was drawn of each document


class Drawn(Record, frozen=True):
    """What became of a document of this size and time: files of pages, and reasons for what is missing."""

    size: int
    mtime_ns: int
    files: tuple[str, ...]
    lost: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
@checked
class Pdf:
    """Documents (.pdf, .tif, .tiff) anywhere below `images_dir`, or that one; a page is a picture, drawn into `folder`.

    A dataset is the folder that documents lie in. A document that did not change is not drawn again. Links that lead
    out of `images_dir` are not followed. What cannot be drawn is a ledger line.
    """

    images_dir: str | None
    folder: str
    dpi: Annotated[int, Meta(ge=36, le=1200)]
    max_pages: Count | None
    num_images: Count | None
    seed: int
    digest: FileDigest

    @property
    def location(self) -> str:
        """The absolute path with the resolution: other pixels are other pictures."""
        return f"{self._given} at {self.dpi} dpi"

    @property
    def root(self) -> str:
        return os.path.abspath(self.folder)  # noqa: PTH100  links are not resolved here

    def check_ready(self) -> None:
        require_package("pypdfium2", extra="pdf", owner="source=pdf")
        if not self._given.is_dir() and not self._is_document:
            raise ConfigError(f"images_dir={self.images_dir!r} is neither a folder nor one of {', '.join(DOCUMENTS)}")

    def count(self) -> int:
        """Pages that a run would read; documents are opened, none is drawn."""
        total = 0
        for path in self._documents(FoundFiles()):
            try:
                pages_there = page_count(path)
            except UnreadableDocumentError:
                continue
            total += min(pages_there, self.max_pages or pages_there)
        return total if self.num_images is None else min(total, self.num_images)

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        found = FoundFiles()
        documents = self._documents(found)
        if not documents:
            raise ConfigError(f"images_dir={str(self._root)!r} holds no documents ({', '.join(DOCUMENTS)})")
        for folder in {Path(self.folder) / _KNOWN, *map(self._train, documents)}:
            remove_stale_temporaries(folder)
        report_passed_over(found, ledger)
        for path in documents:
            drawn, train = self._drawn(path), self._train(path)
            found.datasets[str(train)] = self._dataset(path)
            found.paths.extend(str(train / name) for name in drawn.files)
            for page, reason in drawn.lost:
                finding = Finding(name="unreadable", passed=False, reason=reason)
                ledger.reject(ImageRecord(id="", path=printable(page), dataset=self._dataset(path)), [finding])
        found.sort()
        images = read_images(found, choose(found, self.num_images, self.seed), self.digest, memo, ledger)
        if not images:
            raise NoPictureError(f"no page in {self._root} could be drawn")
        return images

    @property
    def _given(self) -> Path:
        if self.images_dir is None:
            raise ConfigError("images_dir is not set: give images_dir=<folder of documents>")
        return Path(os.path.abspath(Path(self.images_dir).expanduser()))  # noqa: PTH100  links are not resolved here

    @property
    def _is_document(self) -> bool:
        return self._given.is_file() and self._given.name.lower().endswith(DOCUMENTS)

    @property
    def _root(self) -> Path:
        return self._given.parent if self._given.is_file() else self._given

    def _documents(self, found: FoundFiles) -> list[Path]:
        """Sorted, so that every worker sees the same; `found` has passed over the other files."""
        self.check_ready()
        if self._is_document:
            return [self._given]
        documents = sorted(self._below(self._root, found))
        found.passed_over.sort()
        return documents

    def _below(self, root: Path, found: FoundFiles) -> Iterator[Path]:
        inside = root.resolve()
        for folder, folders, names in os.walk(root):
            for results in [one for one in folders if holds_results(os.path.join(folder, one))]:  # noqa: PTH118
                folders.remove(results)
                found.passed_over.append(PassedOver(str(Path(folder, results)), "results", RESULTS))
            for name in names:
                path = Path(folder, name)
                if not name.lower().endswith(DOCUMENTS):
                    kind = printable(path.suffix.lower()) or "no suffix"
                    found.passed_over.append(
                        PassedOver(str(path), kind, f"no document: {', '.join(DOCUMENTS)} are read")
                    )
                elif not path.is_file():
                    found.passed_over.append(
                        PassedOver(str(path), "no file", "a link to nothing, or no file of a disk")
                    )
                elif path.resolve().is_relative_to(inside):
                    yield path
                else:
                    reason = f"a link that leads out of {printable(str(root))}"
                    found.passed_over.append(PassedOver(str(path), "link", reason))

    def _dataset(self, path: Path) -> str:
        inner = path.parent.relative_to(self._root).as_posix()
        return printable(self._root.name if inner == "." else inner)

    def _train(self, path: Path) -> Path:
        return Path(self.root, self._dataset(path).replace("/", "__"), "train")

    def _drawn(self, path: Path) -> Drawn:
        """The document's pages as files, made now unless they are there."""
        relative, status = path.relative_to(self._root), path.stat()
        key = digest(f"{relative}\x00{self.dpi}\x00{self.max_pages}".encode("utf-8", "surrogateescape"))
        record = Path(self.folder) / _KNOWN / f"{key}.json"
        known = _known(record)
        if known is not None and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
            return known
        drawn = self._draw(path, status)
        write_json(record, drawn)
        return drawn

    def _draw(self, path: Path, status: os.stat_result) -> Drawn:
        files, lost = [], []
        try:
            for page in pages(path, dpi=self.dpi, max_pages=self.max_pages):
                if page.content is None:
                    lost.append((printable(f"{path}#page={page.number}"), page.reason))
                    continue
                name = printable(f"{path.name}-{self.dpi}dpi-p{page.number:05d}.png")
                with atomic_write(self._train(path) / name) as file:
                    file.write(page.content)
                    file.flush()
                    # The document's own time, so that workers that draw the same page agree on it.
                    os.utime(file.fileno(), ns=(status.st_mtime_ns, status.st_mtime_ns))
                files.append(name)
        except UnreadableDocumentError as error:
            lost.append((printable(str(path)), str(error)))
        log.info("%s: %d pages", printable(path.name), len(files))
        return Drawn(size=status.st_size, mtime_ns=status.st_mtime_ns, files=tuple(files), lost=tuple(lost))


def _known(record: Path) -> Drawn | None:
    """What an earlier run drew of a document; a damaged record is set aside, and the document drawn anew."""
    try:
        content = read_regular(record)
        if isinstance(content, bytes):
            return msgspec.json.decode(content, type=Drawn)
        reason = content
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        reason = str(error)
    set_aside(record, reason)
    return None
