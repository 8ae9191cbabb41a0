"""What is read off signals and kept beside their segments: the same as read anew, whatever happens to the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fakes import Brightness, greys

from dcvlr.memo import Memo
from dcvlr.memo.readings import Reading, SignalReadings
from dcvlr.records import Failure, ImageRecord, Record, Score


class Percent(Record, frozen=True, array_like=True):
    value: int


LEVELS = [Percent(value=value) for value in (24, 24, 24, 25, 25, 25, 26, 26, 27, 27)]  # of grey levels from 60 on


def percents(scores: Sequence[Score]) -> list[Percent]:
    return [Percent(value=round(score.value * 100)) for score in scores]


def nothing(scores: Sequence[Score]) -> list[Percent]:
    raise AssertionError(f"{len(scores)} signals were read")


def readings(
    folder: Path, images: Sequence[ImageRecord], read: Callable[[Sequence[Score]], list[Percent]] = percents
) -> SignalReadings[Score, Percent]:
    memo = Memo(folder / "m", chunk_size=4, merge_after=2)
    reading = Reading(name="percent", revision=1, record=Percent, read=read)
    return SignalReadings(memo.measure(Brightness(), images), reading)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("m/*/segments/*.percent-1"))


def test_what_was_read_once_is_kept_for_items_in_any_order(tmp_path: Path) -> None:
    images = greys(tmp_path, 10)
    ids = [image.id for image in images]
    for read in (percents, nothing):
        found = readings(tmp_path, images, read)
        assert found.many(ids) == LEVELS
        assert found.many(ids[::-3]) == LEVELS[::-3]
        assert found.many([]) == []
        assert found[ids[3]] == LEVELS[3]
    assert len(kept(tmp_path)) == 1


def test_what_is_in_no_segment_is_read_each_time(tmp_path: Path) -> None:
    images = greys(tmp_path, 10)
    readings(tmp_path, images[:8])
    absent = tmp_path / "absent.png"
    found = readings(tmp_path, [*images, ImageRecord(id="f" * 32, path=str(absent), dataset="d")])
    *levels, failure = found.many([*(image.id for image in images), "f" * 32])
    assert levels == LEVELS
    assert isinstance(failure, Failure)
    assert failure.kind == "missing"


def test_nothing_is_kept_of_few_chunks(tmp_path: Path) -> None:
    images = greys(tmp_path, 4)
    assert readings(tmp_path, images).many([image.id for image in images]) == LEVELS[:4]
    assert kept(tmp_path) == []


def cut(content: bytes) -> bytes:
    return content[:10]


def another_value(content: bytes) -> bytes:
    return content.replace(b"[24]", b"[42]", 1)


@pytest.mark.parametrize("harm", [cut, another_value, lambda _: b"", lambda content: content * 2])
def test_a_damaged_file_is_set_aside_and_written_anew(
    harm: Callable[[bytes], bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images = greys(tmp_path, 10)
    readings(tmp_path, images)
    (path,) = kept(tmp_path)
    content = path.read_bytes()
    path.write_bytes(harm(content))
    assert readings(tmp_path, images).many([image.id for image in images]) == LEVELS
    assert f"{path} is set aside" in caplog.text
    assert path.read_bytes() == content


def test_a_file_of_another_segment_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images, other = greys(tmp_path, 10), tmp_path / "other"
    other.mkdir()
    readings(tmp_path, images)
    readings(other, images[::-1])
    (path,), (own,) = kept(tmp_path), kept(other)
    path.rename(own)
    assert readings(other, images).many([image.id for image in images]) == LEVELS
    assert f"{own} is set aside" in caplog.text


def test_a_file_that_is_cut_while_it_is_read_is_done_without(tmp_path: Path) -> None:
    images = greys(tmp_path, 10)
    found = readings(tmp_path, images)
    (path,) = kept(tmp_path)
    with path.open("r+b") as file:
        file.truncate(5)
    assert found.many([image.id for image in images]) == LEVELS


@pytest.mark.parametrize(("was", "becomes"), [(b"[24],", b"     "), (b"[24],", b'"\xff",')])
def test_a_file_that_is_changed_while_it_is_read_is_done_without(was: bytes, becomes: bytes, tmp_path: Path) -> None:
    images = greys(tmp_path, 10)
    found = readings(tmp_path, images)
    (path,) = kept(tmp_path)
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(content.replace(was, becomes, 1)[: len(content)])
    assert found.many([image.id for image in images]) == LEVELS


def test_where_nothing_can_be_kept_it_is_read_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = greys(tmp_path, 10)
    readings(tmp_path, images)
    (path,) = kept(tmp_path)
    path.unlink()
    monkeypatch.setattr("os.fsync", full_disk)
    assert readings(tmp_path, images).many([image.id for image in images]) == LEVELS
    assert kept(tmp_path) == []


def full_disk(_: int) -> None:
    raise OSError(28, "No space left on device")
