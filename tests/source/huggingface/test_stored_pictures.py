"""What a row may name as its picture: files of the dataset and of the hub, never others of this machine."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dcvlr.errors import ConfigError
from dcvlr.source.huggingface.repository import Archives, NotThereError, Repository
from dcvlr.source.huggingface.stored_pictures import Reader
from dcvlr.source.huggingface.stored_rows import Rows
from dcvlr.source.huggingface.web import Web


def reader_of(folder: Path) -> Reader:
    rows = Rows(dataset=str(folder), config_name=None, split="train", revision=None, data_files=None, streaming=False)
    web = Web(timeout_s=1.0, max_bytes=1000, private_hosts=())
    return Reader(repository=Repository(rows), archives=None, web=web)


@pytest.mark.parametrize(
    "written", ["file://{}::hf://datasets/a/b", "local://{}::hf://x", "zip://x::file://{}::hf://x"]
)
def test_a_row_cannot_reach_a_file_of_this_machine_through_a_chain_of_addresses(tmp_path: Path, written: str) -> None:
    (tmp_path / "dataset").mkdir()
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG\r\n\x1a\n")
    name = written.format(os.path.relpath(secret))
    with pytest.raises(NotThereError, match="no file of the repository"):
        reader_of(tmp_path / "dataset").read(name)


def test_a_file_of_the_repository_is_read_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert reader_of(tmp_path).read("a.png").data == b"\x89PNG\r\n\x1a\n"


PNG = b"\x89PNG\r\n\x1a\n"


def outside(tmp_path: Path) -> tuple[Path, Path]:
    """A data set, and a picture beside it that is none of its business."""
    dataset, secret = tmp_path / "dataset", tmp_path / "secret.png"
    dataset.mkdir()
    secret.write_bytes(PNG)
    return dataset, secret


NAMES = [
    "../secret.png",
    "sub/../../secret.png",
    "{}",
    "//{}",
    "file://{}",
    "~/x.png",
    "..\\secret.png",
    "./../secret.png",
]
ADDRESSES = ["ftp://127.0.0.1/x.png", "s3://bucket/x.png", "memory://x.png", "github://a:b@c/x.png", "data:,x"]
OTHERS = ["hf://datasets/me/private/x.png", "zip://x.png::hf://datasets/me/private/a.zip", "hf://me/model/x.png"]


@pytest.mark.parametrize("written", [*NAMES, *ADDRESSES, *OTHERS])
def test_a_row_reaches_nothing_outside_its_dataset(tmp_path: Path, written: str) -> None:
    dataset, secret = outside(tmp_path)
    for value in (written.format(secret), {"bytes": None, "path": written.format(secret)}):
        with pytest.raises(NotThereError, match=r"no file of the repository|lies outside the dataset|cannot be read"):
            reader_of(dataset).read(value)


def test_a_link_in_a_dataset_does_not_lead_out_of_it(tmp_path: Path) -> None:
    dataset, secret = outside(tmp_path)
    (dataset / "link.png").symlink_to(secret)
    (dataset / "folder").symlink_to(tmp_path)
    (dataset / "own.png").write_bytes(PNG)
    (dataset / "near.png").symlink_to("own.png")
    reader = reader_of(dataset)
    assert reader.read("near.png").data == PNG
    for name in ("link.png", "folder/secret.png", str(dataset / "link.png"), str(dataset / "folder" / "secret.png")):
        with pytest.raises(NotThereError, match=r"link that leads out|lies outside|no file of the repository"):
            reader.read(name)


def test_members_of_an_archive_lead_nowhere(tmp_path: Path) -> None:
    """Absolute and climbing names, and links, are but names inside the archive: nothing is unpacked."""
    dataset, secret = outside(tmp_path)
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(dataset / "a.zip", "w") as archive:
        archive.writestr(link, str(secret))
        archive.writestr("../climbs.png", PNG + b"climbs")
        archive.writestr("/abs.png", PNG + b"abs")
    rows = reader_of(dataset).repository.rows
    repository = Repository(rows)
    reader = Reader(repository=repository, archives=Archives(repository, "*.zip"), web=reader_of(dataset).web)
    assert reader.read("link.png").data == str(secret).encode()
    assert reader.read("climbs.png").data == PNG + b"climbs"
    with pytest.raises(NotThereError, match="leads out of the archive"):
        reader.read("../climbs.png")
    with pytest.raises(NotThereError, match="cannot be read"):
        reader.read("/abs.png")
    reader.close()
    assert sorted(path.name for path in tmp_path.rglob("*.png")) == ["secret.png"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_an_archive_costs_itself_alone(tmp_path: Path, method: int) -> None:
    dataset, _ = outside(tmp_path)
    file = dataset / "a.zip"
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("damaged.png", PNG + bytes(range(256)) * 40)
        archive.writestr("sound.png", PNG + b"sound")
    whole = bytearray(file.read_bytes())
    start = 30 + len("damaged.png")
    whole[start + 6 : start + 40] = b"\xff" * 34
    file.write_bytes(whole)
    repository = Repository(reader_of(dataset).repository.rows)
    reader = Reader(repository=repository, archives=Archives(repository, "*.zip"), web=reader_of(dataset).web)
    with pytest.raises(NotThereError, match="damaged in its archive"):
        reader.read("damaged.png")
    assert reader.read("sound.png").data == PNG + b"sound"
    reader.close()


def test_an_encrypted_member_of_an_archive_is_named(tmp_path: Path) -> None:
    dataset, _ = outside(tmp_path)
    file = dataset / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("secret.png", PNG)
    whole = bytearray(file.read_bytes())
    whole[whole.index(b"PK\x01\x02") + 8] |= 1  # the flag in its list of members
    file.write_bytes(whole)
    repository = Repository(reader_of(dataset).repository.rows)
    reader = Reader(repository=repository, archives=Archives(repository, "*.zip"), web=reader_of(dataset).web)
    with pytest.raises(NotThereError, match="encrypted in its archive"):
        reader.read("secret.png")
    reader.close()


def test_an_archive_that_is_a_link_out_is_refused(tmp_path: Path) -> None:
    dataset, _ = outside(tmp_path)
    with zipfile.ZipFile(tmp_path / "private.zip", "w") as archive:
        archive.writestr("a.png", PNG)
    (dataset / "a.zip").symlink_to(tmp_path / "private.zip")
    repository = reader_of(dataset).repository
    with pytest.raises(ConfigError, match=r"a\.zip is a link that leads out of source\.dataset"):
        Archives(repository, "*.zip").read("a.png")


@pytest.mark.parametrize(
    "written", ["{}/private.csv", "../private.csv", "http://127.0.0.1:9/x.csv", "file://{}/private.csv"]
)
@pytest.mark.parametrize("card", ["README.md", ".huggingface.yaml"])
@pytest.mark.parametrize("form", ["{}", "[{{split: train, path: {}}}]"])
def test_the_card_of_a_dataset_does_not_send_readers_elsewhere(
    tmp_path: Path, written: str, card: str, form: str
) -> None:
    dataset, _ = outside(tmp_path)
    (tmp_path / "private.csv").write_text("image,answer\nx.png,secret\n")
    where = written.format(tmp_path)
    text = f"configs:\n- config_name: default\n  data_files: {form.format(repr(where))}\n"
    (dataset / card).write_text(f"---\n{text}---\n# A dataset\n" if card == "README.md" else text)
    rows = reader_of(dataset).repository.rows
    with pytest.raises(ConfigError, match=rf"{card} reads .*, outside of it; name the files you trust yourself"):
        rows.check()
    trusted = replace(rows, data_files=str(tmp_path / "private.csv"))
    assert [dict(row) for row in next(trusted.batches(0)).rows] == [{"image": "x.png", "answer": "secret"}]


def test_a_data_file_that_is_a_link_out_is_refused(tmp_path: Path) -> None:
    dataset, _ = outside(tmp_path)
    (tmp_path / "private.csv").write_text("image,answer\nx.png,secret\n")
    (dataset / "train.csv").symlink_to(tmp_path / "private.csv")
    with pytest.raises(ConfigError, match=r"train\.csv is a link that leads out of it"):
        reader_of(dataset).repository.rows.check()
