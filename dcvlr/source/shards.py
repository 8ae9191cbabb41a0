"""What lies in tar archives: where each picture's bytes are, their ids, the JSON beside them; nothing is unpacked."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO, ClassVar

from dcvlr.identity import digest, speed
from dcvlr.images.disk import opened_in_parts
from dcvlr.images.formats import HEAD_BYTES, SUFFIXES, begins_like_a_picture
from dcvlr.images.located import keep, why
from dcvlr.metadata.rows import from_json
from dcvlr.records import Failure, Record
from dcvlr.remote import MAX_FILE_BYTES
from dcvlr.source.digest import FileState
from dcvlr.source.shard_files import shard_state
from dcvlr.source.walk import printable

_ENDINGS = tuple(sorted(SUFFIXES))
_BROKEN = (tarfile.TarError, EOFError, ValueError, OverflowError)


class ShardPicture(Record, frozen=True):
    """A picture in an archive: `size` bytes from `start`, with the id that they give."""

    name: str
    start: int
    size: int
    id: str


class Shard(Record, frozen=True):
    """The pictures of one archive, the JSON objects by the key of their sample, and why other members are none.

    `damage` says where the archive ends before its end; "" for a sound one.
    """

    members: tuple[ShardPicture, ...]
    rows: dict[str, dict[str, Any]]
    passed_over: tuple[tuple[str, str], ...]
    damage: str = ""


@dataclass(frozen=True, kw_only=True)
class ShardIndex:
    """Reads archives from beginning to end, once; what is fetched on the way is kept as the cache has room."""

    name: ClassVar[str] = "shard_index"
    revision: ClassVar[int] = 2
    signal: ClassVar[type] = Shard

    batch_size: int = speed()
    threads: int = speed()

    def check_ready(self) -> None:
        """Archives are read by Python itself: always ready."""

    def __call__(self, items: Sequence[FileState], /) -> list[Shard | Failure]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(_shard, items))


def sample_key(name: str) -> str:
    """What files of one sample share: the name up to the first dot behind the last slash."""
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}{file.partition('.')[0]}"


def _shard(item: FileState) -> Shard | Failure:
    try:
        with opened_in_parts(item.path) as file:
            found = _Reading(item.path, file).shard()
        if shard_state(item.path).id != item.id:
            return Failure(kind="changed", message=f"{item.path} changed while it was read")
    except OSError as error:
        return why(error, item.path)
    return found


@dataclass
class _Reading:
    """One archive on its way from beginning to end."""

    url: str
    file: BinaryIO
    members: list[ShardPicture] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    passed_over: list[tuple[str, str]] = field(default_factory=list)

    def shard(self) -> Shard:
        damage = ""
        try:
            archive = tarfile.open(fileobj=self.file, mode="r:")  # noqa: SIM115  it closes no file that it was given
            while (entry := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # else it keeps a million of them
                if not entry.isdir():
                    self._take(printable(entry.name), entry)
            damage = _rest(self.file, archive.offset)
        except _BROKEN as error:
            damage = f"it is no tar archive, or damaged behind {len(self.members)} pictures: {error}"
        return Shard(members=tuple(self.members), rows=self.rows, passed_over=tuple(self.passed_over), damage=damage)

    def _take(self, name: str, entry: tarfile.TarInfo) -> None:
        if not entry.isreg() or entry.sparse is not None:
            self.passed_over.append((name, "no plain file"))
        elif entry.size > MAX_FILE_BYTES:
            self.passed_over.append((name, f"it has more than {MAX_FILE_BYTES} bytes"))
        elif name.lower().endswith(".json"):
            self._row(name, _content(self.file, entry))
        else:
            self._picture(name, entry.offset_data, _content(self.file, entry))

    def _row(self, name: str, content: bytes) -> None:
        try:
            row = from_json(content)
        except ValueError:
            row = None
        if isinstance(row, dict):
            self.rows[sample_key(name)] = row
        else:
            self.passed_over.append((name, "no JSON object"))

    def _picture(self, name: str, start: int, content: bytes) -> None:
        if not (name.lower().endswith(_ENDINGS) or begins_like_a_picture(content[:HEAD_BYTES])):
            self.passed_over.append((name, "it does not begin like a picture of a format that is read"))
            return
        found = digest(content)
        self.members.append(ShardPicture(name=name, start=start, size=len(content), id=found))
        keep(found, self.url, content)


def _content(file: BinaryIO, entry: tarfile.TarInfo) -> bytes:
    """The member's bytes, as they lie in the archive. Raises `EOFError` where it ends before."""
    file.seek(entry.offset_data)
    parts, left = [], entry.size
    while left and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    if left:
        raise EOFError(f"{left} bytes of {printable(entry.name)} are missing")
    return b"".join(parts)


def _rest(file: BinaryIO, offset: int) -> str:
    """Why what follows the last member is no end: `tarfile` passes over it."""
    file.seek(offset)
    rest = file.read(tarfile.BLOCKSIZE)
    return f"it is damaged at byte {offset}" if rest.strip(b"\0") else ""
