"""Exports in a real S3 store on loopback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from s3 import S3, Fault

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.export.uploads import LISTING, check_target, upload
from dcvlr.remote import RemoteAccess, remote_files

URL = "s3://bucket/sets/jsonl"


@pytest.fixture
def folder(s3: S3, tmp_path: Path) -> Path:
    s3.put("bucket", "other/file", b"of somebody else")
    remote_files.use(
        RemoteAccess(attempts=2, timeout_s=20.0, threads=2, private_hosts=[], cache_folder=None, cache_mb=0)
    )
    (tmp_path / "jsonl/images").mkdir(parents=True)
    (tmp_path / "jsonl/dataset.jsonl").write_text("abc")
    (tmp_path / "jsonl/images/a.png").write_bytes(b"a")
    return tmp_path / "jsonl"


def listing(s3: S3) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(s3.get("bucket", f"sets/jsonl/{LISTING}"))
    return found


def sent(s3: S3) -> list[str]:
    return [path.removeprefix("/bucket/sets/jsonl/") for method, path, _ in s3.requests if method == "PUT"]


@pytest.mark.slow
def test_every_file_goes_up_and_the_list_of_them_last(s3: S3, folder: Path) -> None:
    upload(folder, URL)
    assert s3.keys("bucket") == [
        "other/file",
        "sets/jsonl/dataset.jsonl",
        f"sets/jsonl/{LISTING}",
        "sets/jsonl/images/a.png",
    ]
    assert s3.get("bucket", "sets/jsonl/dataset.jsonl") == b"abc"
    assert listing(s3) == {
        "complete": True,
        "files": {
            "dataset.jsonl": {
                "size": 3,
                "blake3": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
            },
            "images/a.png": {"size": 1, "blake3": "17762fddd969a453925d65717ac3eea21320b66b54342fde15128d6caf21215f"},
        },
    }
    assert (sent(s3)[0], sent(s3)[-1]) == (LISTING, LISTING)


def test_what_is_there_is_not_sent_again_and_what_is_stale_goes(s3: S3, folder: Path) -> None:
    upload(folder, URL)
    s3.requests.clear()
    upload(folder, URL)
    assert sent(s3) == []
    (folder / "images/a.png").rename(folder / "images/b.png")
    upload(folder, URL)
    assert sent(s3) == [LISTING, "images/b.png", LISTING]
    assert "sets/jsonl/images/a.png" not in s3.keys("bucket")


def test_an_upload_that_broke_off_says_so_and_is_gone_on_with(s3: S3, folder: Path) -> None:
    s3.faults["sets/jsonl/images/a.png"] = [Fault(status=500, code="InternalError", method="PUT")] * 2
    with pytest.raises(DcvlrError, match=r"the export is whole in .* and the same command sends what is missing"):
        upload(folder, URL)
    assert listing(s3) == {"complete": False, "files": {"dataset.jsonl": None, "images/a.png": None}}
    (folder / "images/a.png").rename(folder / "images/b.png")  # the next run has another picture
    upload(folder, URL)
    assert listing(s3)["complete"]
    assert s3.keys("bucket")[-1] == "sets/jsonl/images/b.png"


@pytest.mark.slow
def test_a_large_file_appears_whole_in_parts(s3: S3, folder: Path) -> None:
    content = bytes(range(256)) * (102 << 12)  # 102 MiB, above what goes up in one piece
    (folder / "dataset.jsonl").write_bytes(content)
    upload(folder, URL)
    assert s3.get("bucket", "sets/jsonl/dataset.jsonl") == content
    assert any(method == "POST" for method, path, _ in s3.requests if path.endswith("dataset.jsonl"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://host/sets", "s3://, gs://, hf:// can be written to"),
        ("/data/sets", "for a folder of this machine set output_dir"),
        ("s3://bucket", "s3://bucket/other holds files that no run has put there"),
        ("s3://nowhere/sets", "s3://nowhere is not there; correct the address, or make the bucket"),
        ("s3://No_Bucket!/sets", "s3://No_Bucket! is no address of a file: .*; correct the address"),
    ],
)
def test_where_no_export_can_go_is_refused_before_work_starts(folder: Path, url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"export_to.*{words}"):
        check_target(url, ["other"], None)


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("s3://me:sesame@bucket/sets", []),
        ("https://me:sesame@host/sets", ["jsonl"]),
        ("https://host/sets?signature=sesame", ["jsonl"]),
        ("ftp://me:sesame@host/sets", ["jsonl"]),
    ],
)
def test_an_address_that_is_refused_is_shown_without_its_secrets(folder: Path, url: str, names: list[str]) -> None:
    with pytest.raises(ConfigError, match="export_to=") as error:
        check_target(url, names, None)
    assert "sesame" not in str(error.value)


@pytest.mark.parametrize("name", ["../../other/file", "/other/file", "images/../../x"])
def test_a_list_that_names_what_lies_elsewhere_removes_nothing(s3: S3, folder: Path, name: str) -> None:
    s3.put("bucket", f"sets/jsonl/{LISTING}", json.dumps({"complete": True, "files": {name: None}}).encode())
    with pytest.raises(DcvlrError, match=r"is none of a run \(it lists '.*'\): remove it"):
        upload(folder, URL)
    assert not [path for method, path, _ in s3.requests if method in ("PUT", "DELETE")]


def test_without_exports_there_is_nothing_to_send(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"sends exports, and there are none: add export=\[jsonl\]"):
        check_target("s3://bucket/sets", [], None)


def test_an_export_of_an_earlier_run_may_be_replaced(folder: Path) -> None:
    check_target("s3://bucket/sets", ["jsonl"], None)
    upload(folder, URL)
    check_target("s3://bucket/sets", ["jsonl"], None)


def test_refused_keys_are_named(s3: S3, folder: Path) -> None:
    s3.faults["bucket"] = [Fault(status=403, code="AccessDenied")]
    with pytest.raises(ConfigError, match=r"export_to: .*AccessDenied of a test.*renew the keys"):
        check_target("s3://bucket/sets", ["jsonl"], None)
