"""Pictures in tar shards (the WebDataset convention), here or at URLs: read where they lie, never unpacked."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dcvlr.errors import NoPictureError
from dcvlr.protocols import Remembering
from dcvlr.records import Failure, ImageRecord
from dcvlr.remote import Locator
from dcvlr.rundir.files import JsonLinesFile
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList
from dcvlr.settings import Count, checked
from dcvlr.source.folder import absolute, choose, folder_of, public_location, require_images_dir
from dcvlr.source.joined import Known, joined, known_of
from dcvlr.source.rows_file import open_rows, rows_file
from dcvlr.source.shard_files import dataset_of_shard, file_of, finding, shard_files, shard_states, url_of
from dcvlr.source.shards import Shard, ShardIndex, sample_key
from dcvlr.source.walk import FoundFiles

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
@checked
class WebdatasetShards:
    """The pictures of one `.tar`, of all below a folder, or of those that a list names; the first `max_shards` of them.

    A shard is read once from beginning to end, for ids and offsets; from then on pictures are read by range. The JSON
    of a sample is what gold questions are read from. Datasets are folders of shards.
    """

    images_dir: str | None
    max_shards: Count | None
    folder: str
    num_images: Count | None
    seed: int
    index: ShardIndex

    @property
    def location(self) -> str:
        first = "" if self.max_shards is None else f", first {self.max_shards} shards"
        return f"shards of {public_location(self.images_dir)}{first}"

    @property
    def root(self) -> str:
        return url_of(folder_of(public_location(self.images_dir)))

    def check_ready(self) -> None:
        require_images_dir(self.images_dir)

    def count(self) -> int:
        """How many shards a run would read: what is in them, only reading tells."""
        return len(self._shards())

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        states = list(shard_states(self._shards(), ledger))
        shards = memo.compute(self.index, states)
        file = rows_file(self.folder, self.location)
        found, known = FoundFiles(rows=str(file)), RecordList(Known)
        with open_rows(file) as rows:
            for state in states:
                shard = shards[state.id]
                if isinstance(shard, Failure):
                    ledger.unmeasured(file_of(state.path), [finding(shard.kind, shard.message)])
                else:
                    known.extend(_taken(found, state.path, shard, rows))
                    _report(state.path, shard, ledger)
        found.sort()
        chosen = known_of(choose(found, self.num_images, self.seed), known)
        images = joined(found, chosen)
        log.info(
            "source: %d pictures in %d shards in %d datasets",
            len(images),
            len(states),
            len(set(found.datasets.values())),
        )
        if not images:
            raise NoPictureError(f"images_dir={self.location!r}: no shard has a picture")
        return images

    def _shards(self) -> list[str]:
        self.check_ready()
        return shard_files(absolute(self.images_dir), ".tar", self.max_shards)


def _taken(found: FoundFiles, url: str, shard: Shard, rows: JsonLinesFile) -> Iterator[Known]:
    """Locator and id of the pictures of one shard; a row is written for each whose sample has one."""
    in_sample = Counter(sample_key(member.name) for member in shard.members)
    for member in shard.members:
        path, key = (
            str(Locator(url=url, start=member.start, size=member.size, name=member.name)),
            sample_key(member.name),
        )
        found.add(path, dataset_of_shard(url))
        yield Known(path=path, id=member.id)
        if key in shard.rows:
            row: dict[str, Any] = {"row_id": key, **shard.rows[key], "pictures": in_sample[key], "file_name": path}
            rows.write(row)


def _report(url: str, shard: Shard, ledger: Ledger) -> None:
    for name, reason in shard.passed_over:
        ledger.reject(file_of(f"{url}#name={name}"), [finding("passed_over", reason)])
    for key in sorted(shard.rows.keys() - {sample_key(member.name) for member in shard.members}):
        ledger.reject(file_of(f"{url}#name={key}.json"), [finding("passed_over", "there is no picture of its name")])
    if shard.damage:
        ledger.reject(file_of(url), [finding("unreadable", f"{shard.damage}; its pictures before that are read")])
