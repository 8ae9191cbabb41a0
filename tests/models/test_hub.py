"""A file of the hub is found, or the run stops before work and says where was looked and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from forked import run_python
from hub_cache import cache_with

pytest.importorskip("huggingface_hub", reason="the transformers extra is not installed")

ASK = "require_file('org/name', ('a.safetensors', 'a.bin'), 'v1', owner='binning/similarity=open_clip')"


def in_another_process(code: str, **environment: str) -> str:
    done = run_python("-c", f"from dcvlr.models.hub import *\n{code}", env={**os.environ, **environment})
    return done.stdout + done.stderr


@pytest.mark.slow
def test_offline_the_file_the_repository_the_revision_the_cache_and_the_ways_out_are_named(tmp_path: Path) -> None:
    output = in_another_process(ASK, HF_HUB_OFFLINE="1", HF_HUB_CACHE=str(tmp_path))
    for part in (
        *("binning/similarity=open_clip", "a.safetensors or a.bin", "'org/name'", "'v1'", str(tmp_path)),
        *("HF_HUB_OFFLINE is set", "preset=embedded"),
    ):
        assert part in output


@pytest.mark.slow
def test_a_hub_that_cannot_be_reached_is_told_before_any_work(tmp_path: Path) -> None:
    output = in_another_process(ASK, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="0")
    assert f"is not in {tmp_path} and cannot be fetched (ConnectError" in output


@pytest.mark.slow
def test_the_first_name_in_the_cache_is_taken_without_asking_the_hub(tmp_path: Path) -> None:
    snapshot = cache_with(tmp_path, "org/name", "a.bin")
    code = f"{ASK}; print(fetched_file('org/name', ('a.safetensors', 'a.bin'), 'v1'))"
    output = in_another_process(code, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="0")
    assert output.strip() == str(snapshot / "a.bin")


@pytest.mark.slow
def test_what_is_no_repository_is_refused(tmp_path: Path) -> None:
    code = "require_file('a/b/c', ('x',), 'main', owner='x')"
    assert "'a/b/c' is no repository of the hub" in in_another_process(code, HF_HUB_CACHE=str(tmp_path))
