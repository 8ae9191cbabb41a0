from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.errors import ConfigError
from dcvlr.rundir.reader import RunDirectory


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / ".hydra").mkdir()
    return RunDirectory(tmp_path)


def test_what_a_run_did_not_keep_is_empty(run: RunDirectory) -> None:
    assert (run.config, run.overrides) == ({}, [])


@pytest.mark.parametrize("content", [b"a: [1", b"\xff\xfe\x00", b"", b"7"])
def test_a_damaged_yaml_of_a_run_is_named(run: RunDirectory, content: bytes) -> None:
    for name in ("config", "overrides"):
        (run.path / ".hydra" / f"{name}.yaml").write_bytes(content)
        with pytest.raises(ConfigError, match=rf"\.hydra/{name}\.yaml is damaged: repeat the run's command"):
            getattr(run, name)
