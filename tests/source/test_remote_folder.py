"""Pictures in a real S3 store on loopback, which misbehaves where it is told to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fakes import Brightness
from image_files import png
from ledgers import run_source as run
from s3 import S3, Fault

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError, MissingPackageError
from dcvlr.execution.runtime import Need
from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.memo import Memo
from dcvlr.memo.measuring import Measuring
from dcvlr.records import Decode, Failure
from dcvlr.remote import RemoteAccess, remote_files
from dcvlr.runs.outlook import look_ahead
from dcvlr.source.digest import FileDigest, FileState
from dcvlr.source.folder import ImageFolder, folder_of

KEYS = [f"shop/receipts/{name}.png" for name in "abcdef"]


def access(tmp_path: Path, *, cache_mb: int = 100, timeout_s: float = 20.0, attempts: int = 3) -> RemoteAccess:
    return RemoteAccess(
        attempts=attempts,
        timeout_s=timeout_s,
        threads=4,
        private_hosts=[],
        cache_folder=str(tmp_path / "cache"),
        cache_mb=cache_mb,
    )


def memo_of(tmp_path: Path, how: RemoteAccess | None = None) -> Memo:
    return Memo(tmp_path / "checkpoints", remote=how or access(tmp_path))


def folder(url: str, num_images: int | None = None) -> ImageFolder:
    digests = FileDigest(batch_size=8, threads=2)
    return ImageFolder(images_dir=url, layout="auto", num_images=num_images, seed=0, digest=digests)


@pytest.fixture
def shop(s3: S3) -> S3:
    for key, colour in zip(KEYS, ("red", "green", "blue", "red", "white", "black"), strict=True):
        s3.put("bucket", key, png(colour))
    return s3


def test_a_bucket_is_read_like_a_folder(shop: S3, tmp_path: Path) -> None:
    shop.put("bucket", "shop/signs/train/one.png", png("yellow"))
    shop.put("bucket", "shop/signs/val/two.png", png("pink"))
    shop.put("bucket", "shop/beside.png", png("grey"))
    shop.put("bucket", "shop/notes.txt", b"milk, eggs")
    images, entries = run(folder("s3://bucket/shop/"), memo_of(tmp_path))
    assert [(image.path, image.dataset, image.copies) for image in images] == [
        ("s3://bucket/shop/beside.png", "shop", ()),
        ("s3://bucket/shop/receipts/a.png", "receipts", ("s3://bucket/shop/receipts/d.png",)),
        ("s3://bucket/shop/receipts/b.png", "receipts", ()),
        ("s3://bucket/shop/receipts/c.png", "receipts", ()),
        ("s3://bucket/shop/receipts/e.png", "receipts", ()),
        ("s3://bucket/shop/receipts/f.png", "receipts", ()),
        ("s3://bucket/shop/signs/train/one.png", "signs", ()),
    ]
    assert [image.id for image in images[:2]] == [digest(png("grey")), digest(png("red"))]
    assert [(entry.path, entry.findings[0].value) for entry in entries] == [
        ("s3://bucket/shop/notes.txt", ".txt"),
        ("s3://bucket/shop/signs/val", "beside train"),
    ]


def test_keys_that_cannot_be_listed_are_warned_of(shop: S3, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shop.put("bucket", "shop/receipts/", b"")  # what a console leaves of a folder
    shop.put("bucket", "shop/signs//one.png", png("yellow"))
    images, entries = run(folder("s3://bucket/shop/"), memo_of(tmp_path))
    assert (len(images), entries) == (5, [])
    assert [record.getMessage() for record in caplog.records if record.name == "dcvlr.remote.stores"] == [
        "s3://bucket/shop/signs: keys with // behind it cannot be listed: they are not read"
    ]


def test_what_was_read_once_is_neither_read_nor_measured_again(shop: S3, tmp_path: Path) -> None:
    memo = memo_of(tmp_path)
    images, _ = run(folder("s3://bucket/shop"), memo)
    assert len(shop.gets(".png")) == 6
    first = memo.measure(Brightness(), images)
    assert [first[image.id].value for image in images[:2]] == [0.3333, 0.1673]  # type: ignore[union-attr]
    again = memo_of(tmp_path)
    images, _ = run(folder("s3://bucket/shop"), again)
    again.measure(Brightness(), images)
    assert len(shop.gets(".png")) == 6
    assert sum(again.computed.values()) == 0


def test_a_changed_object_alone_is_read_again(shop: S3, tmp_path: Path) -> None:
    run(folder("s3://bucket/shop"), memo_of(tmp_path))
    shop.put("bucket", KEYS[2], png("cyan"))
    images, _ = run(folder("s3://bucket/shop"), memo_of(tmp_path))
    assert [path for path, _ in shop.gets(".png")[6:]] == [f"/bucket/{KEYS[2]}"]
    assert digest(png("cyan")) in {image.id for image in images}
    assert digest(png("blue")) not in {image.id for image in images}


def test_without_a_cache_pictures_come_from_the_store_ahead_of_the_model(shop: S3, tmp_path: Path) -> None:
    how = access(tmp_path, cache_mb=0)
    images, _ = run(folder("s3://bucket/shop"), memo_of(tmp_path, how))
    signals = memo_of(tmp_path, how).measure(Brightness(), images)
    assert len(shop.gets(".png")) == 11  # six for the digests, five for the model: one is a copy
    assert [round(signals[image.id].value, 2) for image in images] == [0.33, 0.17, 0.33, 1.0, 0.0]  # type: ignore[union-attr]
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(status=500, code="InternalError")] * 2,
        [Fault(status=503, code="SlowDown")],
        [Fault(reset=True)],
        [Fault(delay_s=0.3)],
    ],
    ids=["500", "slow down", "reset", "slow"],
)
def test_what_passes_is_tried_again(shop: S3, tmp_path: Path, faults: list[Fault]) -> None:
    shop.faults[KEYS[0]] = list(faults)
    images, entries = run(folder("s3://bucket/shop"), memo_of(tmp_path))
    assert (len(images), entries, shop.faults[KEYS[0]]) == (5, [], [])


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault(status=404, code="NoSuchKey"), "missing", "is not there"),
        (Fault(status=403, code="ExpiredToken"), "io", "ExpiredToken of a test"),
        (Fault(status=403, code="RequestTimeTooSkewed"), "io", "is refused"),
        (Fault(status=500, code="InternalError"), "server", "InternalError of a test"),
        pytest.param(Fault(delay_s=3), "timeout", "no answer in time", marks=pytest.mark.slow),
    ],
    ids=["404", "expired token", "expired signature", "500", "slow"],
)
def test_what_does_not_pass_is_unmeasured_and_read_by_the_next_run(
    shop: S3, tmp_path: Path, fault: Fault, kind: str, words: str
) -> None:
    shop.faults[KEYS[1]] = [fault] * 50
    how = access(tmp_path, attempts=2, timeout_s=1.5)
    images, entries = run(folder("s3://bucket/shop"), memo_of(tmp_path, how))
    assert len(images) == 4
    (entry,) = entries
    assert (entry.path, entry.verdict, entry.reasons) == (f"s3://bucket/{KEYS[1]}", "unmeasured", (kind,))
    assert words in (entry.findings[0].reason or "")
    shop.faults.clear()
    images, entries = run(folder("s3://bucket/shop"), memo_of(tmp_path))
    assert (len(images), entries) == (5, [])


def test_an_object_that_vanished_or_changed_after_it_was_found_is_weather(shop: S3, tmp_path: Path) -> None:
    how = access(tmp_path, cache_mb=0)
    images, _ = run(folder("s3://bucket/shop"), memo_of(tmp_path, how))
    shop.delete("bucket", KEYS[2])
    shop.put("bucket", KEYS[4], png("cyan"))
    failures = {image.path: read_picture(image, Decode(max_side=None)) for image in images}
    gone, changed = (failures[f"s3://bucket/{key}"] for key in (KEYS[2], KEYS[4]))
    assert isinstance(gone, Failure)
    assert isinstance(changed, Failure)
    assert (gone.kind, changed.kind) == ("missing", "changed")
    assert not gone.remembered


def test_a_copy_stands_in_for_an_object_that_is_gone(shop: S3, tmp_path: Path) -> None:
    how = access(tmp_path, cache_mb=0)
    images, _ = run(folder("s3://bucket/shop"), memo_of(tmp_path, how))
    shop.delete("bucket", KEYS[0])
    assert images[0].copies == (f"s3://bucket/{KEYS[3]}",)
    assert not isinstance(read_picture(images[0], Decode(max_side=None)), Failure)


def test_a_plan_lists_a_store_once(shop: S3, tmp_path: Path) -> None:
    words = ["images_dir=s3://bucket/shop", f"output_dir={tmp_path / 'out'}"]
    plan = build(compose([*words, "stages=[filtering]", "filtering/nsfw=none"]))
    memo_of(tmp_path)
    folder("s3://bucket/shop").found()
    listing = list(shop.requests)
    outlook = look_ahead(plan)
    assert (outlook.files, outlook.datasets, outlook.unread) == (6, {"receipts": 6}, 6)
    assert shop.requests == listing * 2


def test_a_number_of_pictures_is_chosen_before_any_is_read(shop: S3, tmp_path: Path) -> None:
    images, _ = run(folder("s3://bucket/shop", num_images=2), memo_of(tmp_path))
    assert len(images) == len(shop.gets(".png")) == 2


def test_another_process_reaches_the_store_as_the_run_does(shop: S3, tmp_path: Path) -> None:
    remote_files.use(access(tmp_path, attempts=1))
    how, state = access(tmp_path, attempts=2), FileState(id="state", path=f"s3://bucket/{KEYS[0]}")
    work = Measuring((FileDigest(batch_size=8, threads=2),), 64, how, has_urls=True)
    ((_, (found,)),) = work.run([(Need(chunk=0, item=state, models=(0,)), {None: state})])
    assert (found.id, remote_files.access) == (digest(png("red")), how)


@pytest.mark.parametrize(
    ("location", "root"),
    [
        ("s3://my.bucket", "s3://my.bucket"),
        ("s3://my.bucket/shop", "s3://my.bucket/shop"),
        ("https://host/lists/a.txt", "https://host/lists"),
    ],
)
def test_a_dot_in_the_name_of_a_bucket_makes_it_no_file(location: str, root: str) -> None:
    assert folder_of(location) == root


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://nowhere/shop", "images_dir: s3://nowhere/shop is not there; correct the address"),
        ("ftp://host/x", "an address that begins with s3://, gs://, hf://, http://, https:// is needed"),
        ("s3://", "is needed"),
        ("s3://No_Bucket!/shop", "s3://No_Bucket!/shop is no address of a file: "),
    ],
)
def test_a_wrong_address_is_refused_by_its_key(s3: S3, tmp_path: Path, url: str, words: str) -> None:
    memo_of(tmp_path)
    with pytest.raises(ConfigError, match="images_dir") as raised:
        folder(url).count()
    assert words in str(raised.value)


def test_a_picture_in_place_of_a_folder_says_what_to_give(shop: S3, tmp_path: Path) -> None:
    memo_of(tmp_path)
    with pytest.raises(ConfigError, match=r"it holds nothing; for a file give the folder that it lies in"):
        folder(f"s3://bucket/{KEYS[0]}").count()


def test_refused_keys_are_named_with_what_to_do(shop: S3, tmp_path: Path) -> None:
    memo_of(tmp_path)
    shop.faults["bucket"] = [Fault(status=403, code="AccessDenied")]
    with pytest.raises(ConfigError, match=r"images_dir: .*AWS_ACCESS_KEY_ID.*FSSPEC_S3_ANON=true"):
        folder("s3://bucket/shop").count()


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(MissingPackageError, match=r'images_dir=gs://bucket/x needs gcsfs: pip install "dcvlr\[gcs\]"'):
        folder("gs://bucket/x").check_ready()
