"""Pictures of a dataset of the Hugging Face hub: downloaded once into the folder layout, then read like any folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from dcvlr.errors import ConfigError, require_package
from dcvlr.metadata.columns import require_columns
from dcvlr.metadata.download_lines import DownloadNote, Lost
from dcvlr.protocols import Remembering
from dcvlr.records import Finding, ImageRecord
from dcvlr.rundir.ledger import Ledger
from dcvlr.settings import Count, SettingError, checked
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import choose, read_images
from dcvlr.source.huggingface.download_folder import DownloadFolder
from dcvlr.source.huggingface.download_rows import Download
from dcvlr.source.huggingface.stored_rows import EXTRA, Rows
from dcvlr.source.huggingface.web import Web

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class HuggingFace:
    """One split of `dataset`, a repository of the hub or a folder with a copy of one.

    Its pictures are written to `<folder>/<org__name>/train/`, with what their rows know in `metadata.jsonl`; their
    bytes are those of the dataset. Rows without a picture are counted and left out, pictures that cannot be had go to
    the ledger, pictures that look broken are written all the same, so that the filters report them.
    """

    dataset: str | None
    config_name: str | None
    split: str
    dataset_revision: str | None
    data_files: str | None
    streaming: bool
    image_column: str | None
    question_column: str | None
    answer_column: str | None
    choices_column: str | None
    archive: str | None
    licence: str | None
    max_rows: Count | None
    folder: str
    overwrite: bool
    threads: Count
    url_timeout_s: Annotated[float, Meta(gt=0)]
    url_max_bytes: Count
    url_private_hosts: list[str]
    num_images: Count | None
    seed: int
    digest: FileDigest

    @property
    def location(self) -> str:
        """All that decides which pictures these are: `huggingface: org/name at main, split train, …`."""
        revision = "" if self._rows.is_folder else f" at {self.dataset_revision or 'main'}"
        settings = {name: getattr(self, name) for name in ("config_name", "data_files", "image_column", "archive")}
        parts = [f"{self._rows.path}{revision}", f"split {self.split}"]
        parts += [f"{name} {value}" for name, value in settings.items() if value is not None]
        parts += [f"first {self.max_rows} rows"] if self.max_rows is not None else []
        return f"huggingface: {', '.join(parts)}"

    @property
    def root(self) -> str:
        return os.path.abspath(self.folder)  # noqa: PTH100  links are not resolved here

    def check_ready(self) -> None:
        """Raise `ConfigError` if the download must still be made and cannot: package, repository, split, folder.

        Reads the repository's description at most; a download that is there needs neither package nor network.
        """
        self._layout.check(overwrite=self.overwrite)
        note = self._layout.note()
        if note is None or not note.suffices(self.max_rows):
            self._rows.check()
            if columns := self._rows.known_columns():
                require_columns(self._named, columns, self._rows.dataset)

    def count(self) -> int:
        """How many pictures the download has, or before it is made, how many rows may have one; 0 if nothing tells."""
        note = self._layout.note()
        if note is not None and note.suffices(self.max_rows):
            count = len(self._layout.found(self.max_rows).paths)
        else:
            self._rows.check()
            known = self._rows.known_number()
            if known is None and self.max_rows is None:
                log.warning("%s does not tell how many rows it has: they are counted as they are read", self.dataset)
            count = min((n for n in (known, self.max_rows) if n is not None), default=0)
        return count if self.num_images is None else min(count, self.num_images)

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        note = self.download()
        for lost in note.lost:
            if self.max_rows is None or lost.row < self.max_rows:
                self._report(lost, ledger)
        found = self._layout.found(self.max_rows)
        if not found.paths:
            raise ConfigError(
                f"no row of {self.dataset}, split {self.split}, gave a picture: {note.without_image} of {note.rows} "
                f"have none in column {note.columns['image']!r}, {len(note.lost)} could not be had"
            )
        return read_images(found, choose(found, self.num_images, self.seed), self.digest, memo, ledger)

    def download(self) -> DownloadNote:
        """Write the pictures and metadata that are not there yet."""
        note = self._layout.note()
        download = Download(
            rows=self._rows,
            layout=self._layout,
            named=self._named,
            archive=self.archive,
            web=Web(
                timeout_s=self.url_timeout_s,
                max_bytes=self.url_max_bytes,
                private_hosts=tuple(self.url_private_hosts),
            ),
            licence=self.licence,
            max_rows=self.max_rows,
            threads=self.threads,
            overwrite=self.overwrite,
        )
        if note is None or not note.suffices(self.max_rows):
            require_package("datasets", extra=EXTRA, owner="source=huggingface", instead="source=folder needs none")
        return download.run()

    @property
    def _named(self) -> dict[str, str | None]:
        return {part: getattr(self, f"{part}_column") for part in ("image", "question", "answer", "choices")}

    @cached_property
    def _rows(self) -> Rows:
        if not self.dataset:
            wanted = "give source.dataset=<org/name of the hub, or a folder with a copy>"
            raise SettingError("source.dataset", self.dataset, wanted)
        return Rows(
            dataset=self.dataset,
            config_name=self.config_name,
            split=self.split,
            revision=self.dataset_revision,
            data_files=self.data_files,
            streaming=self.streaming,
        )

    @cached_property
    def _layout(self) -> DownloadFolder:
        name = Path(self._rows.path).name if self._rows.is_folder else self._rows.dataset
        columns = ("image_column", "question_column", "answer_column", "choices_column")
        revision = None if self._rows.is_folder else self.dataset_revision
        made_from: dict[str, str | None] = {"dataset": self._rows.path, "dataset_revision": revision}
        for key in ("config_name", "split", "data_files", *columns, "archive", "licence"):
            made_from[key] = getattr(self, key)
        return DownloadFolder(folder=Path(self.folder) / name.replace("/", "__"), dataset=name, made_from=made_from)

    def _report(self, lost: Lost, ledger: Ledger) -> None:
        leave_out = ledger.unmeasured if lost.passing else ledger.reject
        name = "unreachable" if lost.passing else "missing"
        message = f"row {lost.row} of split {self.split} names {lost.value!r}: {lost.message}"
        image = ImageRecord(id="", path=lost.value, dataset=self._layout.dataset)
        leave_out(image, [Finding(name=name, passed=False, reason=message)])
