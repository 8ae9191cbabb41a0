from __future__ import annotations

from pathlib import Path

import pytest
from llm.local_models import drawn, model_in
from pictures import receipt, shapes
from tiny.llm import qwen2
from tiny.vlm import llava, qwen2_vl

from dcvlr.llm.transformers import Transformers
from dcvlr.records import ImageRecord


@pytest.fixture(scope="session")
def text_model(tiny_folder: Path) -> Transformers:
    return model_in(qwen2(tiny_folder))


@pytest.fixture(scope="session", params=[qwen2_vl, llava], ids=["qwen2_vl", "llava"])
def seeing_model(request: pytest.FixtureRequest, tiny_folder: Path) -> Transformers:
    return model_in(request.param(tiny_folder), sees_images=True)


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[ImageRecord]:
    folder = tmp_path_factory.mktemp("drawn")
    made = [receipt("CAFE", [("Tea", "1.80")]), shapes("red", 3), shapes("blue", 2).resize((90, 200))]
    return [drawn(folder, image, f"{index}.png") for index, image in enumerate(made)]
