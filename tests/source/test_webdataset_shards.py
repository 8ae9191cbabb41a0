"""Pictures in tar shards, written by `tarfile` and by the webdataset package, here and in a real S3 store."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from contracts.sources import SourceContract
from fakes import Brightness
from image_files import png
from ledgers import run_source as run
from s3 import S3, Fault

from dcvlr.errors import ConfigError
from dcvlr.identity import digest
from dcvlr.images import read_bytes
from dcvlr.memo import Memo
from dcvlr.metadata.gold import gold_questions
from dcvlr.protocols import Source
from dcvlr.records import ImageRecord
from dcvlr.remote import RemoteAccess
from dcvlr.source.shard_files import shard_files
from dcvlr.source.shards import ShardIndex
from dcvlr.source.webdataset import WebdatasetShards


def tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


SHARD = {
    "a.png": png("red"),
    "a.json": b'{"question": "Which colour?", "answer": "red"}',
    "deep/er/b.v2.png": png("blue"),
    "c.PNG": png("red"),
    "d.cls": b"7",
    "e.json": b"[1]",
}


def memo_of(tmp_path: Path, *, cache_mb: int = 0) -> Memo:
    remote = RemoteAccess(
        attempts=3,
        timeout_s=20.0,
        threads=4,
        private_hosts=[],
        cache_folder=str(tmp_path / "cache"),
        cache_mb=cache_mb,
    )
    return Memo(tmp_path / "checkpoints", remote=remote)


def shards(
    images_dir: Path | str, tmp_path: Path, *, most: int | None = None, num: int | None = None
) -> WebdatasetShards:
    return WebdatasetShards(
        images_dir=str(images_dir),
        max_shards=most,
        folder=str(tmp_path / "rows"),
        num_images=num,
        seed=0,
        index=ShardIndex(batch_size=2, threads=2),
    )


class TestWebdatasetShards(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> WebdatasetShards:
        (tmp_path / "in").mkdir()
        (tmp_path / "in/x-0.tar").write_bytes(tar(SHARD))
        return shards(tmp_path / "in", tmp_path)

    def test_count_is_the_number_of_files_with_copies(self, source: Source, images: list[ImageRecord]) -> None:
        """But the files are shards here: what is in them, only reading tells."""
        assert (source.count(), len(images)) == (1, 2)


def test_pictures_are_read_where_they_lie_in_the_archive(tmp_path: Path) -> None:
    folder = tmp_path / "in/my shards"
    folder.mkdir(parents=True)
    (folder / "x-0.tar").write_bytes(tar(SHARD))
    images, entries = run(shards(tmp_path / "in", tmp_path), memo_of(tmp_path))
    url = f"file://{tmp_path}/in/my%20shards/x-0.tar"
    size = len(png("red"))
    assert [(image.path, image.dataset, len(image.copies)) for image in images] == [
        (f"{url}#bytes=2560+{len(png('blue'))}&name=deep%2Fer%2Fb.v2.png", "my shards", 0),
        (f"{url}#bytes=3584+{size}&name=c.PNG", "my shards", 1),
    ]
    assert [read_bytes(image) for image in images] == [png("blue"), png("red")]
    assert [(entry.path.rpartition("#")[2], entry.findings[0].reason) for entry in entries] == [
        ("name=d.cls", "it does not begin like a picture of a format that is read"),
        ("name=e.json", "no JSON object"),
    ]
    assert sorted(path.name for path in tmp_path.rglob("*.png")) == []


def test_the_json_of_a_sample_gives_its_gold_question(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(tar({"a.png": png("red"), "a.json": SHARD["a.json"], "b.png": png("blue")}))
    images, _ = run(shards(tmp_path / "x.tar", tmp_path), memo_of(tmp_path))
    golds = gold_questions(images)
    assert [(gold.question, gold.answer, gold.row) for own in golds.values() for gold in own] == [
        ("Which colour?", "red", "a")
    ]


def test_json_behind_a_byte_order_mark_is_read_and_that_of_no_picture_is_a_ledger_line(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + SHARD["a.json"]
    (tmp_path / "x.tar").write_bytes(tar({"a.png": png("red"), "a.json": content, "lost.json": SHARD["a.json"]}))
    images, entries = run(shards(tmp_path / "x.tar", tmp_path), memo_of(tmp_path))
    assert [gold.answer for own in gold_questions(images).values() for gold in own] == ["red"]
    assert [(entry.path.rpartition("#")[2], entry.findings[0].reason) for entry in entries] == [
        ("name=lost.json", "there is no picture of its name")
    ]


@pytest.mark.slow
def test_shards_that_the_webdataset_package_writes_are_read(tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset", reason="writing as others do needs webdataset")
    (tmp_path / "in").mkdir()
    with webdataset.ShardWriter(f"{tmp_path}/in/s-%06d.tar", maxcount=2, verbose=0) as writer:
        for index, colour in enumerate(("red", "green", "blue")):
            writer.write({"__key__": f"{index:04d}", "png": png(colour), "json": {"question": "Q?", "answer": colour}})
    images, entries = run(shards(tmp_path / "in", tmp_path), memo_of(tmp_path))
    assert entries == []
    assert [image.id for image in images] == [digest(png(colour)) for colour in ("red", "green", "blue")]
    assert sorted(gold.answer for own in gold_questions(images).values() for gold in own) == ["blue", "green", "red"]


@pytest.mark.slow
def test_shards_in_a_store_are_read_once_and_then_by_range(s3: S3, tmp_path: Path) -> None:
    s3.put("bucket", "set/x-0.tar", tar({f"{n:03}.png": png("red", width=8 + n) for n in range(20)}))
    s3.put("bucket", "set/x-1.tar", tar({"z.png": png("blue")}))
    memo = memo_of(tmp_path)
    images, _ = run(shards("s3://bucket/set", tmp_path), memo)
    assert (len(images), len(s3.gets(".tar"))) == (21, 2)
    memo.measure(Brightness(), images)
    ranges = [part for _, part in s3.gets(".tar")[2:]]
    assert len(ranges) == 21
    assert f"bytes=512-{511 + len(png('red'))}" in ranges
    run(shards("s3://bucket/set", tmp_path), memo_of(tmp_path))
    assert len(s3.gets(".tar")) == 23


def test_what_was_fetched_for_the_index_is_not_fetched_again(s3: S3, tmp_path: Path) -> None:
    s3.put("bucket", "x.tar", tar({"a.png": png("red"), "b.png": png("blue")}))
    memo = memo_of(tmp_path, cache_mb=10)
    images, _ = run(shards("s3://bucket/x.tar", tmp_path), memo)
    memo.measure(Brightness(), images)
    assert len(s3.gets(".tar")) == 1


def test_numbers_in_braces_are_each_of_the_shards(s3: S3, tmp_path: Path) -> None:
    for number, colour in enumerate(("red", "blue", "green")):
        s3.put("bucket", f"set/x-{number + 8:03}.tar", tar({f"{colour}.png": png(colour)}))
    images, entries = run(shards("s3://bucket/set/x-{008..011}.tar", tmp_path, most=4), memo_of(tmp_path))
    assert [image.path.rpartition("=")[2] for image in images] == ["red.png", "blue.png", "green.png"]
    assert [(entry.path, entry.verdict) for entry in entries] == [("s3://bucket/set/x-011.tar", "unmeasured")]
    (tmp_path / "in").mkdir()
    for number in (1, 2):
        (tmp_path / "in" / f"{number}.tar").write_bytes(tar({"a.png": png("red", width=8 + number)}))
    assert len(run(shards(tmp_path / "in" / "{1..2}.tar", tmp_path), memo_of(tmp_path))[0]) == 2


@pytest.mark.parametrize("pattern", ["s3://bucket/set/*.tar", "s3://bucket/set/{a,b}.tar", "/nowhere/set/*.tar"])
def test_other_patterns_say_what_to_give_instead(pattern: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is not expanded, only numbers as in \{000\.\.099\}; give the folder"):
        shards(pattern, tmp_path).count()
    (tmp_path / "a*{b,c}").mkdir()
    (tmp_path / "a*{b,c}" / "x.tar").write_bytes(tar({"a.png": png("red")}))
    assert shards(tmp_path / "a*{b,c}", tmp_path).count() == 1


def test_a_shard_that_cannot_be_read_now_is_unmeasured(s3: S3, tmp_path: Path) -> None:
    for name in ("a", "b"):
        s3.put("bucket", f"set/{name}.tar", tar({f"{name}.png": png("red" if name == "a" else "blue")}))
    s3.faults["set/a.tar"] = [Fault(status=500, code="InternalError")] * 9
    images, entries = run(shards("s3://bucket/set", tmp_path), memo_of(tmp_path))
    assert [image.path.rpartition("=")[2] for image in images] == ["b.png"]
    assert [(entry.path, entry.verdict, entry.reasons) for entry in entries] == [
        ("s3://bucket/set/a.tar", "unmeasured", ("server",))
    ]


@pytest.mark.parametrize("kept", [512 * 6, 512 * 5 + 50], ids=["at a border", "within a picture"])
def test_a_shard_that_is_cut_off_gives_what_stands_before(tmp_path: Path, kept: int) -> None:
    whole = tar({f"{colour}.png": png(colour) for colour in ("red", "green", "blue", "pink")})
    (tmp_path / "x.tar").write_bytes(whole[:kept] + (b"" if kept % 512 else b"\x07" * 512))
    images, entries = run(shards(tmp_path / "x.tar", tmp_path), memo_of(tmp_path))
    assert len(images) == (3 if kept == 512 * 6 else 2)
    (entry,) = entries
    assert entry.reasons == ("unreadable",)
    assert "damaged" in (entry.findings[0].reason or "")


def test_a_shard_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar({"a.png": png("red")}))
    first, _ = run(shards(path, tmp_path), memo_of(tmp_path))
    path.write_bytes(tar({"a.png": png("blue")}))
    os.utime(path, (1, 1))
    second, _ = run(shards(path, tmp_path), memo_of(tmp_path))
    assert [first[0].id, second[0].id] == [digest(png("red")), digest(png("blue"))]


def test_links_and_devices_in_an_archive_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name, kind in (("b.png", tarfile.SYMTYPE), ("c.png", tarfile.LNKTYPE), ("d.png", tarfile.CHRTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("a.png")
        entry.size = len(png("red"))
        archive.addfile(entry, io.BytesIO(png("red")))
    images, entries = run(shards(tmp_path / "x.tar", tmp_path), memo_of(tmp_path))
    assert [image.path.rpartition("=")[2] for image in images] == ["a.png"]
    assert [entry.findings[0].reason for entry in entries] == ["no plain file"] * 3


def test_the_first_shards_alone_and_so_many_pictures(tmp_path: Path) -> None:
    for index in range(3):
        (tmp_path / f"{index}.tar").write_bytes(
            tar({f"{n}.png": png("red", width=8 + 5 * index + n) for n in range(5)})
        )
    assert shards(tmp_path, tmp_path).count() == 3
    assert len(run(shards(tmp_path, tmp_path, most=2), memo_of(tmp_path))[0]) == 10
    assert len(run(shards(tmp_path, tmp_path, most=2, num=4), memo_of(tmp_path))[0]) == 4


def test_shards_come_by_their_names_whatever_the_folder_gives_first(tmp_path: Path) -> None:
    names = [f"{index * 7 % 30:02d}.tar" for index in range(30)]
    for name in names:
        (tmp_path / name).touch()
    assert [url.rpartition("/")[2] for url in shard_files(str(tmp_path), ".tar", 9)] == sorted(names)[:9]


def test_a_folder_without_shards_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"holds no \.tar files; compressed archives cannot be read by range"):
        shards(tmp_path, tmp_path).count()
    with pytest.raises(ConfigError, match=r"neither a \.tar file nor a folder"):
        shards(tmp_path / "nowhere", tmp_path).count()
