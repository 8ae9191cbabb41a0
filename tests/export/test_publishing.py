"""A push to a hub on loopback, in a process of its own, since the hub's client reads its address when it is loaded."""

from __future__ import annotations

import io
import os
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest
from contracts.exporters import digests, picture, qa
from export.hub import Hub
from export.test_hf_datasets import hf_datasets
from forked import run_python

from dcvlr.records import Qa

pytestmark = pytest.mark.slow

PUSH = """
import sys
from pathlib import Path
from subprocess import CompletedProcess
from dcvlr.errors import DcvlrError
from dcvlr.export.hf_datasets import HfDatasets
exporter = HfDatasets(
    rows_per_group=1, max_group_mb=256, max_shard_size="1KB", compression="snappy",
    repo_id="me/set", private=True, token_env="DCVLR_TEST_HUB_KEY",
)
try:
    exporter.publish(Path(sys.argv[1]))
except DcvlrError as error:
    sys.exit(str(error))
"""
CARD = "---\nlicense: mit\n---\n\n# The card of the run\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("huggingface_hub", reason="a push needs huggingface-hub")
    red = picture(tmp_path / "red.png")
    qas: list[Qa] = [qa(red, index, reasoning="1. " + "x" * 999) for index in range(3)]
    hf_datasets(rows_per_group=1, max_shard_size="1KB")(qas, tmp_path / "out")
    (tmp_path / "out/README.md").write_text(CARD)
    return tmp_path / "out"


def push(folder: Path, hub: Hub) -> CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))},
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder.parent / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DCVLR_TEST_HUB_KEY": "hf_the_key",
    }
    return run_python("-c", PUSH, str(folder), env=environment)


SHARDS = [f"train-0000{index}-of-00003.parquet" for index in range(3)]


def test_a_push_brings_data_and_card_with_the_key_of_the_variable(folder: Path) -> None:
    with Hub() as hub:
        done = push(folder, hub)
    assert done.returncode == 0, done.stderr
    assert hub.files.keys() == {"README.md", *SHARDS}
    rows = [row for name in SHARDS for row in pq.read_table(io.BytesIO(hub.files[name])).to_pylist()]
    assert [row["id"] for row in rows] == ["q0", "q1", "q2"]
    assert rows[0]["image"]["bytes"] == (folder.parent / "red.png").read_bytes()
    assert hub.files["README.md"].decode() == CARD
    assert set(hub.private) == {"private"}
    assert "Bearer hf_the_key" in hub.keys
    assert not [path for path in folder.rglob("*") if path.is_file() and b"hf_the_key" in path.read_bytes()]


def test_a_push_that_breaks_off_loses_nothing_and_the_next_one_sends_the_rest_alone(folder: Path) -> None:
    before = digests(folder)
    with Hub() as hub:
        hub.takes = 2
        done = push(folder, hub)
        assert done.returncode == 1
        assert "the push to me/set failed (" in done.stderr
        assert f"the dataset is whole in {folder}: mend it and run the same command again" in done.stderr
        assert "hf_the_key" not in done.stderr
        assert digests(folder) == before
        assert (hub.files, len(hub.objects), len(hub.received)) == ({}, 2, 2)
        hub.takes = 99
        assert push(folder, hub).returncode == 0
        assert hub.files.keys() == {"README.md", *SHARDS}
        assert len(hub.received) == 3
        assert push(folder, hub).returncode == 0
        assert len(hub.received) == 3


def test_files_of_an_earlier_push_that_are_no_more_are_deleted_and_others_stay(folder: Path) -> None:
    with Hub() as hub:
        hub.files = {"data/train-00000-of-00001.parquet": b"old", "notes.txt": b"mine"}
        assert push(folder, hub).returncode == 0
        assert hub.files.keys() == {"README.md", "notes.txt", *SHARDS}
