"""What may happen to the files of a store: by accident, by a full disk, by a person, by a stranger."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from dcvlr.identity import digest
from dcvlr.memo.chunks import closed
from dcvlr.rundir.processes import this_process

Harm = Callable[[Path, st.DataObject], None]  # of a chunk


def in_its_place(make: Callable[[Path], object]) -> Harm:
    """Something else under the name of the file."""

    def harm(path: Path, _: st.DataObject) -> None:
        path.unlink()
        make(path)

    return harm


def cut(path: Path, data: st.DataObject) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])


def flipped(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)


def rubbish(path: Path, data: st.DataObject) -> None:
    path.write_bytes(data.draw(st.binary(max_size=300)))


def zeros(path: Path, _: st.DataObject) -> None:
    path.write_bytes(bytes(path.stat().st_size))  # as file systems leave it after a power cut


def moved(path: Path, _: st.DataObject) -> None:
    path.rename(path.with_name(f"000099-{digest(path.name.encode())[:12]}.jsonl"))


def copied(path: Path, _: st.DataObject) -> None:
    whole = [
        other for other in sorted(path.parent.glob("*.jsonl")) if other.is_file() and other.stat().st_size < 1 << 20
    ]
    path.write_bytes(next((other.read_bytes() for other in whole if other != path), b""))


def foreign(path: Path, _: st.DataObject) -> None:
    body = path.read_bytes().rpartition(b"\n{")[0] + b"\n"
    path.write_bytes(closed(body.replace(b'"value":0', b'"value":9'), model="brightness-of-another", name=path.name))


def forged(path: Path, _: st.DataObject) -> None:
    """Other values under the old footer."""
    path.write_bytes(path.read_bytes().replace(b'"value":0.', b'"value":9.').replace(b"say ", b"lie "))


def signed(path: Path, data: st.DataObject) -> None:
    """What is no record, under the digest that belongs to it."""
    text = st.sampled_from(
        [b"", b"{}", b"[]", b"null", b'{"id":1}', b'{"id":"a"}', b'{"id":"', b"\xff\xfe", b'{"a":' * 900]
    )
    body = b"".join(line + b"\n" for line in data.draw(st.lists(text, min_size=1, max_size=3)))
    path.write_bytes(closed(body, model=path.parent.name, name=path.name))


def unreadable(path: Path, _: st.DataObject) -> None:
    path.chmod(0)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 42)


CHUNKS: dict[str, Harm] = {
    **{harm.__name__: harm for harm in (cut, flipped, rubbish, zeros, copied, foreign, forged, signed, unreadable)},
    "empty": in_its_place(Path.touch),
    "huge": in_its_place(sparse),
    "pipe": in_its_place(os.mkfifo),
    "folder": in_its_place(Path.mkdir),
    "full folder": in_its_place(lambda path: (path / "a" / "b").mkdir(parents=True)),
    "dangling link": in_its_place(lambda path: path.symlink_to("nowhere")),
    "link in a circle": in_its_place(lambda path: path.symlink_to(path.name)),
    "link to a device": in_its_place(lambda path: path.symlink_to("/dev/zero")),
    "link to memory": in_its_place(lambda path: path.symlink_to("/proc/self/mem")),
}
"""Something stands under the name of a chunk that is none; it is to be named."""

ANY_FILE = {name: harm for name, harm in CHUNKS.items() if harm not in (copied, foreign, forged, signed)}
"""What may happen to any file of a run directory."""

GONE: dict[str, Harm] = {"gone": in_its_place(lambda _: None), "moved": moved}

_HERE = this_process().partition("-")[0]


def beside(path: Path, suffix: str, data: st.DataObject) -> Path:
    """A name beside a chunk: its lock's, or one of a journal."""
    if suffix == ".journal":
        return path.with_name(f"{_HERE}-{data.draw(st.sampled_from(['999999999', '9' * 30, 'x', '-1']))}-0.journal")
    return path.with_name(path.name + suffix)


def leftover(suffix: str, make: Callable[[Path, st.DataObject], object]) -> Harm:
    """The chunk is gone, and something is left beside it."""

    def harm(path: Path, data: st.DataObject) -> None:
        path.unlink()
        other = beside(path, suffix, data)
        if not other.exists() and not other.is_symlink():
            make(other, data)

    return harm


def of_a_process(path: Path, data: st.DataObject) -> None:
    pid = data.draw(st.sampled_from(["999999999", "9" * 30, "9" * 5000, "0", "-1", "1", "x", "\u0663", ""]))
    host = data.draw(st.sampled_from([_HERE, "00000000", ""]))
    path.write_text(f"{host}-{pid} 00", encoding="utf-8")
    far = data.draw(st.sampled_from([0, 2_000_000_000, 4_000_000_000]))
    os.utime(path, (far, far))


def journalled(path: Path, data: st.DataObject) -> None:
    """Lines of which some have their digest and no record."""
    lines = data.draw(
        st.lists(st.sampled_from([b"{}", b"[1]", b'{"id":"a b","signal":1}', b"\xff", b'{"id":1}']), max_size=3)
    )
    path.write_bytes(b"".join(line + b"\t" + digest(line).encode() + b"\n" for line in lines) + data.draw(st.binary()))


LEFTOVERS: dict[str, Harm] = {
    f"{word} as {suffix}": leftover(suffix, make)
    for suffix in (".lock", ".journal")
    for word, make in {
        "rubbish": rubbish,
        "nothing": lambda path, _: path.touch(),
        "a folder": lambda path, _: path.mkdir(),
        "a pipe": lambda path, _: os.mkfifo(path),
        "a dangling link": lambda path, _: path.symlink_to("nowhere"),
        "a link to a device": lambda path, _: path.symlink_to("/dev/zero"),
        "something unreadable": lambda path, _: path.touch(mode=0),
        "the name of a process": of_a_process,
        "lines without records": journalled,
    }.items()
}

HARMS = CHUNKS | GONE | LEFTOVERS


@contextmanager
def without_root() -> Iterator[None]:
    """Permissions count, also where root runs the tests: this thread and those it starts lose the right to override."""
    if os.geteuid():
        yield
        return
    libc, head = ctypes.CDLL(None, use_errno=True), struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    held = ctypes.create_string_buffer(24)
    assert libc.capget(head, held) == 0
    effective, *rest = struct.unpack("6I", held.raw)
    assert libc.capset(head, struct.pack("6I", effective & ~0b110, *rest)) == 0  # CAP_DAC_OVERRIDE, _READ_SEARCH
    try:
        yield
    finally:
        assert libc.capset(head, held) == 0
