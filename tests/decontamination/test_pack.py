from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.decontamination.pack import Header, Item, Pack, read_pack, write_pack
from dcvlr.errors import ConfigError

PACK = Pack(
    Header(name="bench", words=3, statistics="0123456789abcdef"),
    [Item(id="b", shingles=b"\x01\x00\x00\x00"), Item(id="a", phash="00000000000000ff")],
)


def test_a_pack_reads_back_sorted(tmp_path: Path) -> None:
    write_pack(tmp_path / "p", PACK)
    read = read_pack(tmp_path / "p")
    assert read.header == PACK.header
    assert [item.id for item in read.items] == ["a", "b"]


def test_the_format_is_as_documented(tmp_path: Path) -> None:
    write_pack(tmp_path / "p", PACK)
    *lines, footer = (tmp_path / "p").read_bytes().splitlines()
    assert lines == [
        b'{"format":"dcvlr pack","version":2,"name":"bench","words":3,"statistics":"0123456789abcdef"}',
        b'{"id":"a","phash":"00000000000000ff"}',
        b'{"id":"b","shingles":"AQAAAA=="}',
    ]
    assert footer.startswith(b'{"lines":3,"blake3":"')


def test_the_order_of_items_does_not_change_a_byte(tmp_path: Path) -> None:
    write_pack(tmp_path / "p", PACK)
    write_pack(tmp_path / "q", Pack(PACK.header, PACK.items[::-1]))
    assert (tmp_path / "p").read_bytes() == (tmp_path / "q").read_bytes()


def test_what_is_no_whole_pack_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p"
    with pytest.raises(ConfigError, match=r"cannot be read: No such file.*; build it again"):
        read_pack(path)
    write_pack(path, PACK)
    content = path.read_bytes()
    for wrong, message in {
        b"": "is no pack",
        b"PK\x03\x04 something else\n": "is no pack",
        b'{"id":"a"}\n': "is no pack",
        content[:-40]: "is damaged",
        content.replace(b"00ff", b"01ff"): "is damaged",
        content.replace(b'"version":2', b'"version":3'): "has version 3, not 2",
    }.items():
        path.write_bytes(wrong)
        with pytest.raises(ConfigError, match=message):
            read_pack(path)
