"""What a row may name as its picture: files of the dataset and of the hub, never others of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcvlr.source.huggingface.repository import NotThereError, Repository
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
