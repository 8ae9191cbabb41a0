"""`gs://` through gcsfs, against a server of Google's JSON API on loopback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from fakes import Brightness
from gcs import GCS
from image_files import png
from ledgers import run_source
from s3 import Fault

from dcvlr.errors import ConfigError
from dcvlr.export.uploads import LISTING, check_target, upload
from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.memo import Memo
from dcvlr.records import Decode, Failure, ImageRecord, LedgerEntry
from dcvlr.remote import RemoteAccess, remote_files
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import ImageFolder

_MISSING = [name for name in ("gcsfs", "gcp_storage_emulator") if find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(_MISSING), reason=f'not installed: {_MISSING}; pip install "gcsfs" gcp-storage-emulator'),
    pytest.mark.filterwarnings("ignore"),
]

KEYS = [f"shop/receipts/{name}.png" for name in "abc"]


@pytest.fixture(scope="module")
def server() -> Iterator[GCS]:
    with GCS() as server:
        before = dict(os.environ)
        os.environ.update(server.environment)
        from fsspec.config import conf, set_conf_env

        set_conf_env(conf)
        yield server
        conf.pop("gs")
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def shop(server: GCS) -> GCS:
    server.clear()
    for key, colour in zip(KEYS, ("red", "green", "blue"), strict=True):
        server.put("bucket", key, png(colour))
    return server


def memo_of(tmp_path: Path, *, attempts: int = 2, timeout_s: float = 20.0, cache_mb: int = 100) -> Memo:
    cache = str(tmp_path / "cache")
    how = RemoteAccess(
        attempts=attempts, timeout_s=timeout_s, threads=4, private_hosts=[], cache_folder=cache, cache_mb=cache_mb
    )
    return Memo(tmp_path / "checkpoints", remote=how)


def run(memo: Memo, url: str = "gs://bucket/shop") -> tuple[Sequence[ImageRecord], list[LedgerEntry]]:
    digests = FileDigest(batch_size=8, threads=2)
    return run_source(ImageFolder(images_dir=url, layout="auto", num_images=None, seed=0, digest=digests), memo)


def test_a_bucket_is_read_like_a_folder_and_only_once(shop: GCS, tmp_path: Path) -> None:
    shop.put("bucket", "shop/signs/train/ä #1?.png", png("yellow"))
    shop.put("bucket", "shop/notes.txt", b"milk, eggs")
    images, entries = run(memo_of(tmp_path))
    assert [(image.path, image.dataset, image.id) for image in images] == [
        ("gs://bucket/shop/receipts/a.png", "receipts", digest(png("red"))),
        ("gs://bucket/shop/receipts/b.png", "receipts", digest(png("green"))),
        ("gs://bucket/shop/receipts/c.png", "receipts", digest(png("blue"))),
        ("gs://bucket/shop/signs/train/ä #1?.png", "signs", digest(png("yellow"))),
    ]
    assert [(entry.path, entry.findings[0].value) for entry in entries] == [("gs://bucket/shop/notes.txt", ".txt")]
    signals = memo_of(tmp_path).measure(Brightness(), images)
    assert signals[images[0].id].value == 0.3333  # type: ignore[union-attr]
    run(memo_of(tmp_path))
    assert len(shop.gets("alt=media")) == 4


def test_parts_are_read_by_range(shop: GCS, tmp_path: Path) -> None:
    memo_of(tmp_path)
    shop.put("bucket", "shop/data.bin", bytes(range(100)))
    assert remote_files.read("gs://bucket/shop/data.bin", 10, 5) == bytes(range(10, 15))
    assert shop.gets("alt=media")[-1][1] == "bytes=10-14"


def test_another_generation_alone_is_read_again(shop: GCS, tmp_path: Path) -> None:
    run(memo_of(tmp_path))
    shop.put("bucket", KEYS[2], png("cyan"))  # of the same size
    images, _ = run(memo_of(tmp_path))
    assert [path for path, _ in shop.gets("alt=media")[3:]] == [f"{KEYS[2]}?alt=media"]
    assert images[2].id == digest(png("cyan"))


def test_an_object_that_vanished_or_changed_after_it_was_found_is_weather(shop: GCS, tmp_path: Path) -> None:
    images, _ = run(memo_of(tmp_path, cache_mb=0))
    shop.delete("bucket", KEYS[0])
    shop.put("bucket", KEYS[1], png("cyan"))
    failures = [read_picture(image, Decode(max_side=None)) for image in images[:2]]
    assert [one.kind for one in failures if isinstance(one, Failure)] == ["missing", "changed"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, code="backendError"),
        Fault(status=429, code="slow down"),
        Fault(reset=True),
        Fault(delay_s=0.3),
    ],
    ids=["500", "429", "reset", "slow"],
)
def test_what_passes_is_tried_again(shop: GCS, tmp_path: Path, fault: Fault) -> None:
    shop.faults[KEYS[0]] = [fault]
    images, entries = run(memo_of(tmp_path))
    assert (len(images), entries, shop.faults[KEYS[0]]) == (3, [], [])


@pytest.mark.parametrize(
    ("fault", "kind", "words", "most_requests"),
    [
        (Fault(status=404, code="notFound"), "missing", "is not there", 1),
        (Fault(status=403, code="forbidden"), "io", "is refused (OSError: Forbidden", 1),
        (Fault(status=400, code="invalid"), "io", "is refused (ValueError: Bad Request", 1),
        (Fault(delay_s=3), "timeout", "no answer in time", 2),
        (Fault(status=503, code="backendError"), "timeout", "no answer in time", 4),  # gcsfs waits longer to try again
    ],
    ids=["404", "403", "400", "slow", "503"],
)
def test_what_does_not_pass_is_unmeasured(
    shop: GCS, tmp_path: Path, fault: Fault, kind: str, words: str, most_requests: int
) -> None:
    shop.faults[KEYS[1]] = [fault] * 50
    images, entries = run(memo_of(tmp_path, timeout_s=1.5))
    (entry,) = entries
    assert (len(images), entry.verdict, entry.reasons) == (2, "unmeasured", (kind,))
    assert words in (entry.findings[0].reason or "")
    assert len(shop.gets(f"{KEYS[1]}?alt=media")) <= most_requests


def test_refused_keys_are_named_with_what_to_do(shop: GCS, tmp_path: Path) -> None:
    memo_of(tmp_path)
    with pytest.raises(ConfigError, match="images_dir: gs://nowhere/shop is not there; correct the address"):
        run(memo_of(tmp_path), "gs://nowhere/shop")
    shop.faults["/storage/v1/b/bucket/o"] = [Fault(status=403, code="forbidden")]
    with pytest.raises(ConfigError, match=r"GOOGLE_APPLICATION_CREDENTIALS.*FSSPEC_GS_TOKEN=anon"):
        run(memo_of(tmp_path))


def test_an_export_goes_there_file_by_file_and_its_list_last(shop: GCS, tmp_path: Path) -> None:
    memo_of(tmp_path)
    folder = tmp_path / "jsonl"
    (folder / "images").mkdir(parents=True)
    (folder / "dataset.jsonl").write_bytes(bytes(9 << 20))  # above what goes up in one piece
    (folder / "images/a.png").write_bytes(b"a")
    check_target("gs://bucket/sets", ["jsonl"], None)
    shop.faults["/upload/storage/v1/b/bucket/o"] = [Fault(status=503, code="backendError", method="POST")]
    upload(folder, "gs://bucket/sets/jsonl")
    assert shop.keys("bucket")[:3] == [f"sets/jsonl/{name}" for name in ("dataset.jsonl", LISTING, "images/a.png")]
    assert any("upload_id=" in path for _, path, _ in shop.requests)  # in parts
    assert shop.get("bucket", "sets/jsonl/dataset.jsonl") == bytes(9 << 20)
    assert json.loads(shop.get("bucket", f"sets/jsonl/{LISTING}"))["complete"]
    sent = len(shop.requests)
    upload(folder, "gs://bucket/sets/jsonl")
    assert {method for method, _, _ in shop.requests[sent:]} == {"GET"}
    (folder / "images/a.png").unlink()
    upload(folder, "gs://bucket/sets/jsonl")
    assert "sets/jsonl/images/a.png" not in shop.keys("bucket")
    shop.put("bucket", "other/jsonl/mine.txt", b"of somebody else")
    with pytest.raises(ConfigError, match="holds files that no run has put there"):
        check_target("gs://bucket/other", ["jsonl"], None)
