"""Tar shards in the WebDataset convention, https://github.com/webdataset/webdataset: files of one stem are a sample."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import ClassVar

from dcvlr.export.encoded_pictures import with_pictures
from dcvlr.export.record_columns import images_of, row_of
from dcvlr.export.rendering import Solution, problem_text, solution_text, with_escaped_texts
from dcvlr.export.sizes import in_files, size_in_bytes
from dcvlr.records import Qa, to_json
from dcvlr.settings import checked

Member = tuple[str, bytes]

_END = 2 * tarfile.BLOCKSIZE  # of zeros, and then up to a whole record
_EMPTY = _END + tarfile.RECORDSIZE  # bytes of a shard beside its members, at most


@dataclass(frozen=True, kw_only=True)
@checked
class Webdataset:
    """`train-000000.tar` and so on, at most `max_shard_size` each unless one sample is larger.

    The sample of a QA is its picture, `<id>.jpg` or `<id>.png` (`<id>.1.png`, `<id>.2.png` where it has two), and
    `<id>.json`: the whole record with every key, and beside it `problem` and `solution` as trainers read them. Members
    carry no time and no owner.
    """

    name: ClassVar[str] = "webdataset"

    solution: Solution
    max_shard_size: str

    def __post_init__(self) -> None:
        _ = self._max_bytes

    def __call__(self, qas: Iterable[Qa], folder: Path) -> None:
        folder.mkdir(parents=True)
        samples = ((members, _in_tar(members)) for members in _samples(qas, self.solution))
        for index, of_shard in enumerate(in_files(samples, self._max_bytes - _EMPTY)):
            with (folder / f"train-{index:06d}.tar").open("wb") as shard:
                for name, content in chain.from_iterable(of_shard):
                    shard.write(_entry(name, content))
                shard.write(bytes(_END + -(shard.tell() + _END) % tarfile.RECORDSIZE))

    @property
    def _max_bytes(self) -> int:
        return size_in_bytes(self.max_shard_size)


def _samples(qas: Iterable[Qa], form: Solution) -> Iterator[list[Member]]:
    for qa, pictures in with_pictures(qas):
        texts = {"problem": problem_text(qa), "solution": solution_text(qa, form)}
        names = _names(qa, [picture.suffix for picture in pictures])
        record = row_of(with_escaped_texts(qa)) | {"image": names[0], "images": images_of(qa, names)} | texts
        shown = [(name, picture.content) for name, picture in zip(names, pictures, strict=True)]
        yield [*shown, (f"{qa.id}.json", to_json(record))]


def _names(qa: Qa, suffixes: list[str]) -> list[str]:
    """`<id>.png`, or `<id>.1.png` and so on: what follows the first point is the key of a member."""
    if len(suffixes) == 1:
        return [f"{qa.id}.{suffixes[0]}"]
    return [f"{qa.id}.{number}.{suffix}" for number, suffix in enumerate(suffixes, start=1)]


def _entry(name: str, content: bytes) -> bytes:
    """A header, the content and its padding. (A `TarFile` would keep every member in memory.)"""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _in_tar(members: list[Member]) -> int:
    """Bytes of a header each, and of contents padded to whole blocks."""
    return sum(tarfile.BLOCKSIZE * (1 - (-len(content) // tarfile.BLOCKSIZE)) for _, content in members)
