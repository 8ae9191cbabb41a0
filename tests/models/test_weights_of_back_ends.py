"""Every back end whose weights come from the hub: without them, the run stops before work and says what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conf_options import CONF, OPTIONS, SHARED, overrides

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError, MissingPackageError

pytestmark = pytest.mark.slow

constants = pytest.importorskip("huggingface_hub.constants", reason="the transformers extra is not installed")


def needs_the_hub(option: Path) -> bool:
    """Whether an option, or a file of conf/models that it is composed of, names the revision of a model."""
    text = (CONF / option).with_suffix(".yaml").read_text()
    return "model_revision:" in text or any(f"- /{model}@" in text and needs_the_hub(model) for model in SHARED)


# Presets are made of other options; open_clip has names of its own, and tests/test_open_clip.py.
FROM_THE_HUB = [
    option for option in OPTIONS if option.parts[0] != "preset" and option.name != "open_clip" and needs_the_hub(option)
]


def models(part: Any) -> Iterator[Any]:
    """Every model with a revision inside a stage, however deep."""
    if dataclasses.is_dataclass(part):
        if hasattr(part, "model_revision"):
            yield part
        for field in dataclasses.fields(part):
            yield from models(getattr(part, field.name))
    elif isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from models(inner)


@pytest.mark.parametrize("option", FROM_THE_HUB, ids=str)
def test_missing_weights_stop_the_run_and_name_the_model_the_cache_and_the_ways_out(option: Path) -> None:
    plan = build(compose([*overrides(option), "images_dir=somewhere"]))
    found = list(models(plan.stages))
    assert found
    for model in found:
        with pytest.raises(ConfigError) as refused:
            dataclasses.replace(model, model="nobody/nothing", model_revision="v9").check_ready()
        if isinstance(refused.value, MissingPackageError):
            pytest.skip(str(refused.value))
        for part in ("'nobody/nothing'", "'v9'", constants.HF_HUB_CACHE, "HF_HUB_OFFLINE", "preset=embedded"):
            assert part in str(refused.value)


def test_the_known_families_are_among_them() -> None:
    names = {str(option) for option in FROM_THE_HUB}
    detectors = {f"binning/detector/{name}" for name in ("detr", "grounding_dino", "sam")}
    assert names >= detectors | {"filtering/nsfw/vit", "filtering/watermark/classifier"}
