"""Weights are found, or the run stops before work and says where was looked and what to do."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from forked import run_python
from stable_names import models

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.models.weights import (
    digest_of_version,
    folder_digest,
    local_config,
    require_weights,
    torch_dtype,
    weights_folder,
)

pytestmark = pytest.mark.skipif(find_spec("transformers") is None, reason="the transformers extra is not installed")


def filled(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("{}")
    return folder


def test_a_folder_with_its_weights_will_do(tmp_path: Path) -> None:
    folder = filled(tmp_path / "blip", "config.json", "model.safetensors")
    require_weights(str(folder), "main", owner="binning/captioner=blip")
    assert weights_folder(str(folder), "main") == str(folder)


def test_a_folder_that_lacks_a_shard_is_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path / "blip", "config.json", "a.safetensors")
    shards = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(shards))
    with pytest.raises(
        ConfigError, match=r"binning/captioner=blip: .*holds no config.json with all of its .safetensors"
    ):
        require_weights(str(folder), "main", owner="binning/captioner=blip")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path / "old", "config.json", "pytorch_model.bin")
    with pytest.raises(ConfigError, match="pickled weights are not loaded"):
        require_weights(str(folder), "main", owner="binning/captioner=blip")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no folder '.*nowhere'"):
        require_weights(str(tmp_path / "nowhere"), "main", owner="binning/captioner=blip")


def in_another_process(code: str, **environment: str) -> str:
    import os

    done = run_python("-c", f"from dcvlr.models.weights import *\n{code}", env={**os.environ, **environment})
    return done.stdout + done.stderr


@pytest.mark.slow
def test_offline_the_model_the_revision_the_cache_and_the_ways_out_are_named(tmp_path: Path) -> None:
    code = "require_weights('org/name', 'v1', owner='binning/captioner=blip')"
    output = in_another_process(code, HF_HUB_OFFLINE="1", HF_HUB_CACHE=str(tmp_path))
    for part in ("'org/name'", "'v1'", str(tmp_path), "HF_HUB_OFFLINE is set", "preset=embedded"):
        assert part in output


@pytest.mark.slow
def test_a_hub_that_cannot_be_reached_is_told_before_any_work(tmp_path: Path) -> None:
    code = "require_weights('org/name', 'v1', owner='binning/captioner=blip')"
    output = in_another_process(code, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="0")
    assert "the weights of 'org/name' at revision 'v1' are not in" in output
    assert "cannot be fetched (ConnectError" in output


@pytest.mark.slow
def test_the_cache_of_the_hub_is_used_without_asking_the_hub(tmp_path: Path) -> None:
    commit = "0123456789012345678901234567890123456789"
    names = ("config.json", "model.safetensors", "preprocessor_config.json")
    folder = filled(tmp_path / "models--org--name/snapshots" / commit, *names)
    refs = tmp_path / "models--org--name/refs"
    refs.mkdir()
    (refs / "v1").write_text(commit)
    code = "require_weights('org/name', 'v1', owner='x'); print(weights_folder('org/name', 'v1'))"
    output = in_another_process(code, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="0")
    assert output.strip() == str(folder)


@pytest.mark.slow
def test_a_cache_that_holds_the_network_alone_is_not_taken_for_the_model(tmp_path: Path) -> None:
    commit = "0123456789012345678901234567890123456789"
    filled(tmp_path / "models--org--name/snapshots" / commit, "config.json", "model.safetensors")
    code = f"require_weights('org/name', '{commit}', owner='x')"
    output = in_another_process(code, HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="1")
    assert "the weights of 'org/name'" in output
    assert "HF_HUB_OFFLINE is set" in output


@pytest.mark.slow
def test_a_cpu_computes_in_full_precision_unless_told_otherwise() -> None:
    import torch

    assert torch_dtype("auto", torch.device("cpu")) is torch.float32
    assert torch_dtype("bfloat16", torch.device("cpu")) is torch.bfloat16


def test_the_digest_of_a_folder_is_that_of_its_weights_and_settings(tmp_path: Path) -> None:
    folder = filled(tmp_path / "blip", "config.json", "model.safetensors")
    before = folder_digest(str(folder))
    assert len(before) == 32
    (folder / "notes.md").write_text("read me")
    assert folder_digest(str(folder)) == before
    (folder / "model.safetensors").write_text("{ }")
    assert folder_digest(str(folder)) != before


def test_a_repository_and_a_missing_folder_have_no_digest(tmp_path: Path) -> None:
    assert folder_digest("org/name") == folder_digest(str(tmp_path / "nowhere")) == ""


def test_the_config_of_weights_that_are_here_is_read(tmp_path: Path) -> None:
    folder = filled(tmp_path / "vit", "config.json", "model.safetensors")
    assert local_config(str(folder), "main") == {}
    (folder / "config.json").write_text('{"id2label": {"0": "cat"}}')
    assert local_config(str(folder), "main") == {"id2label": {"0": "cat"}}
    (folder / "config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"config.json' is not JSON"):
        local_config(str(folder), "main")


def test_weights_that_must_be_fetched_have_no_config_yet(tmp_path: Path) -> None:
    assert local_config("nobody/nothing", "v9") is None
    assert local_config(str(tmp_path / "nowhere"), "main") is None


def test_a_folder_that_eight_parts_name_is_read_once_and_only_for_their_identities(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights" * 100_000)
    keys = ("filtering.nsfw", "filtering.watermark", "binning.detector", "binning.captioner")
    chosen = ["filtering/nsfw=vit", "filtering/watermark=classifier", "binning/detector=detr", "binning/captioner=blip"]
    clip = ["binning/similarity=clip", f"binning.similarity.images.model={tmp_path}"]
    before = digest_of_version.cache_info().misses
    plan = build(compose([*chosen, *clip, *(f"{key}.model={tmp_path}" for key in keys), "images_dir=somewhere"]))
    assert digest_of_version.cache_info().misses == before, "construction reads no weights"
    names = {"classifier", "detr", "blip", "clip_images", "clip_texts"}
    named = [model for model in models(plan) if model.name in names]
    assert len(named) == 8
    assert {model.weights_digest for model in named} == {folder_digest(str(tmp_path))}
    assert digest_of_version.cache_info().misses == before + 2, "config.json and model.safetensors, once each"


def test_a_file_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    os.utime(tmp_path / "model.safetensors", ns=(1, 1))
    before = folder_digest(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"two")
    os.utime(tmp_path / "model.safetensors", ns=(2, 2))
    assert folder_digest(str(tmp_path)) != before
