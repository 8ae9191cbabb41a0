from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from contracts.embeddings import ImageEmbeddingsContract, is_near
from tiny.clip import clip, siglip

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.identity import identity
from dcvlr.models.clip import ClipImages
from dcvlr.models.embeddings import text_item

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


def images(folder: Path, **changes: Any) -> ClipImages:
    model = ClipImages(model=str(folder), model_revision="main", dtype="auto", max_side=640, batch_size=3, device="cpu")
    return dataclasses.replace(model, **changes)


class TestClip(ImageEmbeddingsContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> ClipImages:
        return images(clip(tiny_folder))


class TestSiglip(ImageEmbeddingsContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> ClipImages:
        return images(siglip(tiny_folder))


class TestHalfPrecision(ImageEmbeddingsContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> ClipImages:
        return images(siglip(tiny_folder), dtype="float16")

    def is_same(self, first: Any, second: Any) -> bool:
        return is_near(first, second)


def test_the_embeddings_are_those_of_the_librarys_own_pairing(tiny_folder: Path) -> None:
    """The cosine of picture and text is what CLIPModel itself gives, its temperature taken off."""
    import torch
    from contracts.image_models import drawn_images, picture_of
    from PIL import Image
    from transformers import CLIPModel, CLIPProcessor

    from dcvlr.models.embeddings import cosine
    from dcvlr.records import Embedding

    folder = clip(tiny_folder)
    model = images(folder)
    picture = picture_of(drawn_images()[1], model.decode)
    (seen,), (read,) = model([picture]), model.texts(1)([text_item("A red bus")])
    assert isinstance(seen, Embedding)
    assert isinstance(read, Embedding)
    pair = CLIPModel.from_pretrained(folder).eval()
    inputs = CLIPProcessor.from_pretrained(folder)(
        text=["A red bus"], images=[Image.fromarray(picture.pixels)], return_tensors="pt"
    )
    with torch.inference_mode():
        expected = float(pair(**inputs).logits_per_image[0, 0] / pair.logit_scale.exp())
    assert cosine(seen, read) == pytest.approx(expected, abs=0.001)


def test_other_weights_in_the_same_folder_are_another_model(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clip(tiny_folder), tmp_path / "mine")

    def identities() -> tuple[str, str]:
        return identity(images(folder)), identity(images(folder).texts(1))

    before = identities()
    assert identities() == before
    (folder / "model.safetensors").write_bytes(b"trained on")
    assert all(now != then for now, then in zip(identities(), before, strict=True))


def test_a_model_that_does_not_compare_is_refused_by_name(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    tiny = {"vocab_size": 8, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    BertModel(BertConfig(**tiny)).save_pretrained(tmp_path / "bert")
    model = images(tmp_path / "bert")
    with pytest.raises(ConfigError, match="is of type 'bert', which does not compare pictures with texts"):
        model.check_ready()
    with pytest.raises(DcvlrError, match="is a BertModel, which does not compare pictures with texts"):
        model.texts(1)([text_item("a bus")])


def test_missing_weights_are_named_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"clip embeddings: there is no folder '.*nowhere'"):
        images(tmp_path / "nowhere").check_ready()


@pytest.mark.parametrize(("key", "value"), [("dtype", "int8"), ("max_side", 100), ("batch_size", 0)])
def test_a_setting_out_of_range_is_refused_by_name(tmp_path: Path, key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        images(tmp_path, **{key: value})


def test_every_reader_of_the_default_model_shares_its_embeddings() -> None:
    chosen = ["binning/similarity=clip", "filtering/scores=[aesthetic,image_text]"]
    cfg = compose(["images_dir=somewhere", *chosen])
    scores = make(cfg, "filtering").scores
    assert make(cfg, "binning").similarity.images == scores["aesthetic"].model.embeddings
    assert scores["image_text"].model.embeddings == scores["aesthetic"].model.embeddings
