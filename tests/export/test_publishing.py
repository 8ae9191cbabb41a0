"""A push to a hub on loopback, in a process of its own, since the hub's client reads its address when it is loaded."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from contracts.exporters import digests, picture, qa
from export.hub import Hub
from export.test_trainers import hf_datasets

from dcvlr.records import Qa

pytestmark = pytest.mark.slow

PUSH = """
import sys
from pathlib import Path
from dcvlr.errors import DcvlrError
from dcvlr.export.hf_datasets import HfDatasets
exporter = HfDatasets(
    rows_per_batch=2, max_shard_size="500MB", repo_id="me/set", private=True, token_env="DCVLR_TEST_HUB_KEY"
)
try:
    exporter.publish(Path(sys.argv[1]))
except DcvlrError as error:
    sys.exit(str(error))
"""
CARD = "---\nlicense: mit\n---\n\n# The card of the run\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("datasets", reason="export=hf_datasets needs datasets")
    red = picture(tmp_path / "red.png")
    qas: list[Qa] = [qa(red, index) for index in range(3)]
    hf_datasets()(qas, tmp_path / "out")
    (tmp_path / "out/README.md").write_text(CARD)
    return tmp_path / "out"


def push(folder: Path, hub: Hub) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))},
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder.parent / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DCVLR_TEST_HUB_KEY": "hf_the_key",
    }
    command = [sys.executable, "-c", PUSH, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_push_brings_data_and_card_with_the_key_of_the_variable(folder: Path) -> None:
    import pyarrow.parquet as pq

    with Hub() as hub:
        done = push(folder, hub)
    assert done.returncode == 0, done.stderr
    assert set(hub.files) == {"README.md", "data/train-00000-of-00001.parquet"}
    rows = pq.read_table(io.BytesIO(hub.files["data/train-00000-of-00001.parquet"])).to_pylist()
    assert [row["id"] for row in rows] == ["q0", "q1", "q2"]
    assert rows[0]["image"]["bytes"] == (folder.parent / "red.png").read_bytes()
    card = hub.files["README.md"].decode()
    assert "# The card of the run" in card
    assert "license: mit\n" in card
    assert "path: data/train-*" in card
    assert set(hub.private) == {"private"}
    assert "Bearer hf_the_key" in hub.keys
    assert not [path for path in folder.rglob("*") if path.is_file() and b"hf_the_key" in path.read_bytes()]


def test_a_push_that_fails_says_so_and_loses_nothing(folder: Path) -> None:
    before = digests(folder)
    with Hub(broken=True) as hub:
        done = push(folder, hub)
        assert done.returncode == 1
        assert "the push to me/set failed (" in done.stderr
        assert f"the dataset is whole in {folder}: mend it and run the same command again" in done.stderr
        assert "hf_the_key" not in done.stderr
        assert digests(folder) == before
        hub.broken = False
        assert push(folder, hub).returncode == 0
        assert "data/train-00000-of-00001.parquet" in hub.files
