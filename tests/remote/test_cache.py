from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from dcvlr.identity import digest
from dcvlr.remote.cache import PictureCache


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_put_is_there_for_others_too(tmp_path: Path) -> None:
    PictureCache(str(tmp_path), 1000).put(digest(b"a"), b"a")
    assert PictureCache(str(tmp_path), 1000).get(digest(b"a")) == b"a"
    assert PictureCache(str(tmp_path), 1000).get(digest(b"b")) is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = PictureCache(str(tmp_path), 100)
    contents = [bytes([n]) * 40 for n in range(3)]
    for n, content in enumerate(contents[:2]):
        cache.put(digest(content), content)
        os.utime(next(path for path in files(tmp_path) if path.name == digest(content)), (n + 1, n + 1))
    assert cache.get(digest(contents[0])) == contents[0]  # used again, so the other one is older now
    cache.put(digest(contents[2]), contents[2])
    assert [cache.get(digest(content)) is not None for content in contents] == [True, False, True]


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    PictureCache(str(tmp_path), 10).put(digest(bytes(11)), bytes(11))
    assert files(tmp_path) == []


def test_damaged_bytes_are_no_answer_and_go(tmp_path: Path) -> None:
    cache = PictureCache(str(tmp_path), 1000)
    cache.put(digest(b"good"), b"good")
    files(tmp_path)[0].write_bytes(b"evil")
    assert cache.get(digest(b"good")) is None
    assert files(tmp_path) == []


@pytest.mark.parametrize(("folder", "most"), [(None, 1000), ("x", 0)])
def test_without_a_folder_or_room_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None, most: int
) -> None:
    monkeypatch.chdir(tmp_path)
    cache = PictureCache(folder, most)
    cache.put(digest(b"a"), b"a")
    assert cache.get(digest(b"a")) is None
    assert files(tmp_path) == []


def test_a_folder_that_takes_nothing_costs_the_copies_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = PictureCache(str(tmp_path / "file"), 1000)
    with caplog.at_level(logging.WARNING):
        cache.put(digest(b"a"), b"a")
        cache.put(digest(b"b"), b"b")
    assert [record.message for record in caplog.records] == [
        f"remote.cache_folder={tmp_path}/file takes nothing more: Not a directory"
    ]
