from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.embeddings import ImageEmbeddingsContract
from contracts.image_models import drawn_images, picture_of
from contracts.similarities import SimilarityContract
from tiny.clip import clip
from tiny.onnx_clip import onnx_clip

from dcvlr.binning.similarity.cosines import EmbeddingCosine
from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.models.embeddings import text_item
from dcvlr.models.onnx_clip import OnnxClipImages, prepared
from dcvlr.settings.parts import check_ready

pytestmark = pytest.mark.slow

pytest.importorskip("onnx", reason="the extra test is not installed")
pytest.importorskip("transformers", reason="the transformers extra is not installed")

TEXTS = ("a red bus", "A cup of coffee, steaming", "", "word " * 300)


def images(folder: Path, **changes: Any) -> OnnxClipImages:
    files = {"images_file": "onnx/vision_model.onnx", "texts_file": "onnx/text_model.onnx"}
    speed = {"batch_size": 3, "threads": 1}
    model = OnnxClipImages(
        model=str(folder), model_revision="main", engine="onnxruntime", max_side=640, **files, **speed
    )
    return dataclasses.replace(model, **changes)


class TestOnnxClip(ImageEmbeddingsContract):
    @pytest.fixture(scope="class")
    def model(self, tiny_folder: Path) -> OnnxClipImages:
        return images(onnx_clip(tiny_folder))

    def test_settings_that_change_a_result_are_part_of_both_identities(self, model: Any) -> None:
        for change in ({"engine": "openvino"}, {"model_revision": "another"}):
            other = dataclasses.replace(model, **change)
            assert identity(other) != identity(model)
            assert identity(other.texts(4)) != identity(model.texts(4))


class TestOnnxClipSimilarity(SimilarityContract):
    @pytest.fixture
    def similarity(self, tiny_folder: Path) -> EmbeddingCosine:
        return EmbeddingCosine(images=images(onnx_clip(tiny_folder)), text_batch_size=4)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_cosines_are_those_of_transformers(tiny_folder: Path, engine: str) -> None:
    """The cosine of every picture with every text is what CLIPModel itself gives, its temperature taken off."""
    import torch
    from PIL import Image
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    if engine == "openvino":
        pytest.importorskip("openvino", reason="the openvino extra is not installed")
    folder = clip(tiny_folder)
    model = images(onnx_clip(tiny_folder), engine=engine)
    pictures = [picture_of(one, model.decode) for one in drawn_images()]
    ours = unit(model.vectors(pictures)) @ unit(model.texts(4).vectors([text_item(text) for text in TEXTS])).T

    pair = CLIPModel.from_pretrained(folder).eval()
    pixels = CLIPImageProcessorPil.from_pretrained(folder)(
        [Image.fromarray(one.pixels) for one in pictures], return_tensors="pt"
    )
    tokens = CLIPTokenizer.from_pretrained(folder)(
        list(TEXTS), padding="max_length", max_length=77, truncation=True, return_tensors="pt"
    )
    with torch.inference_mode():
        theirs = pair(**pixels, **tokens).logits_per_image / pair.logit_scale.exp()
    assert np.abs(ours - theirs.numpy()).max() <= 1e-4
    assert ours.max() - ours.min() > 0.1


def unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_picture_is_stretched_where_the_preprocessor_crops_nothing() -> None:
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 20:] = 255
    siglip = {"size": {"height": 8, "width": 8}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "resample": 0}
    values = prepared(pixels, siglip)
    assert values.shape == (3, 8, 8)
    assert (values[:, :, :4] == -1).all()
    assert (values[:, :, 4:] == 1).all()


def test_other_weights_or_words_in_the_same_folder_are_another_model(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(onnx_clip(tiny_folder), tmp_path / "mine")
    before = identity(images(folder)), identity(images(folder).texts(1))
    (folder / "onnx" / "vision_model.onnx").write_bytes(b"trained on")
    assert identity(images(folder)) != before[0]
    assert identity(images(folder).texts(1)) == before[1]
    (folder / "tokenizer.json").write_text(json.dumps({}))
    assert identity(images(folder).texts(1)) != before[1]


def test_what_is_missing_is_named_before_any_work(tiny_folder: Path, tmp_path: Path) -> None:
    cfg = compose(["images_dir=x", "binning/similarity=onnx", f"binning.similarity.images.model={tmp_path}/nowhere"])
    with pytest.raises(ConfigError, match=r"onnx clip embeddings: there is no '.*nowhere/onnx/vision_model.onnx'"):
        check_ready(make(cfg, "binning").similarity)
    whole = images(onnx_clip(tiny_folder), texts_file="config.json")
    with pytest.raises(ConfigError, match="onnxruntime cannot load"):
        whole.check_ready()
    with pytest.raises(ConfigError, match="HF_HUB_OFFLINE is set"):
        images(tmp_path, model="Nobody/nothing").check_ready()
