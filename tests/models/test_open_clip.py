from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from contracts.embeddings import ImageEmbeddingsContract
from hub_cache import cache_with
from tiny.open_clip import open_clip

from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.models.embeddings import text_item
from dcvlr.models.open_clip import OpenClipImages
from dcvlr.models.open_clip_weights import checkpoint

pytestmark = pytest.mark.slow

pytest.importorskip("open_clip", reason="the clip extra is not installed")


def images(model: str, pretrained: str | None = None, **changes: Any) -> OpenClipImages:
    made = OpenClipImages(
        model=model,
        pretrained=pretrained,
        model_revision="main",
        dtype="auto",
        max_side=640,
        batch_size=3,
        device="cpu",
    )
    return dataclasses.replace(made, **changes)


class TestOpenClip(ImageEmbeddingsContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> OpenClipImages:
        return images(f"local-dir:{open_clip(tiny_folder)}")


class TestHalfPrecision(ImageEmbeddingsContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> OpenClipImages:
        return images(f"local-dir:{open_clip(tiny_folder)}", dtype="bfloat16")


def test_other_weights_at_the_same_place_are_another_model(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(open_clip(tiny_folder), tmp_path / "mine")
    file = folder / "open_clip_model.safetensors"

    def identities() -> tuple[str, str]:
        return identity(images(f"local-dir:{folder}")), identity(images("ViT-B-32", str(file)).texts(1))

    before = identities()
    assert identities() == before
    file.write_bytes(b"trained on")
    assert all(now != then for now, then in zip(identities(), before, strict=True))


def test_weights_are_never_left_random(tmp_path: Path, tiny_folder: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text((open_clip(tiny_folder) / "open_clip_config.json").read_text())
    with pytest.raises(ConfigError, match=r"does not hold both open_clip_config\.json and weights"):
        images(f"local-dir:{tmp_path}").check_ready()
    with pytest.raises(RuntimeError, match="could not be loaded"):
        images(f"local-dir:{tmp_path}").texts(1)([text_item("a bus")])


@pytest.mark.parametrize(
    ("model", "pretrained", "message"),
    [
        ("ViT-B-33", "openai", "open_clip knows no architecture 'ViT-B-33'; near are .*ViT-B-32"),
        ("ViT-B-32", "opneai", "open_clip knows no weights 'opneai' of 'ViT-B-32'; there are openai, laion400m_e31"),
        ("ViT-B-32", "here/w.safetensors", "there is no checkpoint 'here/w.safetensors'"),
        ("local-dir:/nowhere", None, "there is no folder '/nowhere'"),
    ],
)
def test_what_is_not_there_is_named_with_what_there_is(model: str, pretrained: str | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        images(model, pretrained).check_ready()


@pytest.mark.parametrize(
    ("model", "pretrained", "message"),
    [
        ("ViT-B-32", None, "^pretrained=null: a tag of open_clip, such as openai"),
        ("hf-hub:org/name", "openai", "^pretrained='openai': null is allowed"),
    ],
)
def test_weights_are_named_once(model: str, pretrained: str | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        images(model, pretrained)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty; tests have no network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_a_tag_whose_weights_are_not_there_stops_with_all_that_was_looked_for(cache: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        images("ViT-B-32", "openai").check_ready()
    for part in (
        "open_clip_model.safetensors or open_clip_pytorch_model.bin of 'timm/vit_base_patch32_clip_224.openai'",
        *("at revision 'main'", str(cache), "HF_HUB_OFFLINE is set", "preset=embedded"),
    ):
        assert part in str(refused.value)


def test_a_tag_is_loaded_from_the_cache_as_its_weights_were_trained(cache: Path) -> None:
    repository = "timm/vit_base_patch32_clip_224.openai"
    snapshot = cache_with(cache, repository, "open_clip_model.safetensors", revision="main")
    images("ViT-B-32", "openai").check_ready()
    found = checkpoint("ViT-B-32", "openai", "main")
    assert (found.name, found.file) == ("ViT-B-32", str(snapshot / "open_clip_model.safetensors"))
    assert found.quick_gelu
    assert found.preprocessing["mean"] == (0.48145466, 0.4578275, 0.40821073)


def test_a_tokenizer_of_another_repository_is_looked_for_too(cache: Path) -> None:
    cache_with(cache, "timm/ViT-L-16-SigLIP-256", "open_clip_model.safetensors", revision="main")
    with pytest.raises(ConfigError, match=r"tokenizer_config\.json or tokenizer\.json of 'timm/ViT-B-16-SigLIP'"):
        images("ViT-L-16-SigLIP-256", "webli").check_ready()


def test_a_repository_of_the_hub_is_the_folder_it_is_in_the_cache(cache: Path, tiny_folder: Path) -> None:
    names = ("open_clip_config.json", "open_clip_model.safetensors")
    snapshot = cache_with(cache, "org/name", *names, revision="v2")
    for name in names:
        shutil.copy(open_clip(tiny_folder) / name, snapshot / name)
    model = images("hf-hub:org/name", model_revision="v2")
    model.check_ready()
    local = images(f"local-dir:{open_clip(tiny_folder)}")
    assert model.texts(1)([text_item("a bus")]) == local.texts(1)([text_item("a bus")])
