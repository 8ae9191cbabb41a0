"""Every preset is a complete choice; `standard` runs the whole pipeline on tiny models, by the command a user types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pictures import RECEIPT, receipt, shapes
from tiny.blip import blip
from tiny.blip2 import blip2
from tiny.open_clip import open_clip
from tiny.paddle_ocr import paddle_ocr
from tiny.vit import vit
from tiny.yolo import yolo

from dcvlr.config import build, compose

# filtering/nsfw, filtering/watermark, binning/ocr, binning/detector, binning/captioner, binning/similarity
CHOICES = {
    "embedded": ["NudeNetScore", "CornerEdges", "RapidOcr", "SalientRegions", "ComposedCaption", None],
    "standard": ["ImageClassifier", "CornerEdges", "PaddleOcr", "Yolo", "Blip", "OpenClipSimilarity"],
    "standard_apache": ["ImageClassifier", "CornerEdges", "PaddleOcr", "Detr", "Blip", "OpenClipSimilarity"],
    "deepseek_unified": [
        *("ImageClassifier", "CornerEdges", "DeepseekText", "DeepseekObjects", "DeepseekCaption"),
        "OpenClipSimilarity",
    ],
    "quality": ["ImageClassifier", "CornerEdges", "PaddleOcr", "Yolo", "Blip2", "OpenClipSimilarity"],
    "api": ["ImageClassifier", "CornerEdges", "RapidOcr", "Detr", "Moondream", "OpenClipSimilarity"],
}
PLACES = [*("filtering.nsfw", "filtering.watermark"), *("binning.ocr", "binning.detector", "binning.captioner")]
AGPL = ("Yolo", "NudeNet", "NudeNetScore", "Faces")


def classes(node: Any) -> set[str]:
    """Names of all classes that a config names."""
    if isinstance(node, dict):
        own = {str(node["_target_"]).rpartition(".")[2]} if "_target_" in node else set()
        return own.union(*(classes(value) for value in node.values()))
    return set().union(*(classes(value) for value in node)) if isinstance(node, list) else set()


def composed(*overrides: str) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.to_container(compose(["images_dir=somewhere", *overrides]), resolve=True)


def chosen(config: Any) -> list[str | None]:
    nodes = [config[stage][kind] for stage, kind in (place.split(".") for place in [*PLACES, "binning.similarity"])]
    return [node and node["_target_"].rpartition(".")[2] for node in nodes]


def test_these_are_all_presets() -> None:
    folder = Path(__file__).parents[1] / "conf" / "preset"
    assert {path.stem for path in folder.glob("*.yaml")} == set(CHOICES)


@pytest.mark.parametrize("preset", CHOICES)
def test_a_preset_chooses_and_builds_every_back_end(preset: str) -> None:
    assert chosen(composed(f"preset={preset}")) == CHOICES[preset]
    assert build(compose(["images_dir=somewhere", f"preset={preset}"])).stages.keys() >= {"filtering", "binning"}


@pytest.mark.parametrize("preset", ["standard_apache", "deepseek_unified", "api"])
def test_a_preset_that_says_so_has_nothing_under_the_agpl(preset: str) -> None:
    assert classes(composed(f"preset={preset}")).isdisjoint(AGPL)


def test_every_preset_names_each_group_itself() -> None:
    folder = Path(__file__).parents[1] / "conf" / "preset"
    named = {
        path.stem: [line.split()[2] for line in path.read_text().splitlines() if line.startswith("  - override ")]
        for path in folder.glob("*.yaml")
    }
    assert set(map(tuple, named.values())) == {tuple(named["embedded"])}
    assert len(named["embedded"]) == 8


@pytest.mark.parametrize("swapped", [False, True])
def test_what_the_user_chooses_wins_over_the_preset(swapped: bool) -> None:
    words = ["preset=quality", "binning/captioner=moondream", "binning/ocr=rapidocr", "binning/detector=detr"]
    config = composed(*(reversed(words) if swapped else words))
    names = ["ImageClassifier", "CornerEdges", "RapidOcr", "Detr", "Moondream", "OpenClipSimilarity"]
    assert chosen(config) == names
    assert classes(config).isdisjoint(AGPL)
    assert config["synthesis"]["captioner"]["_target_"].endswith(".Moondream")


def test_the_readme_line_composes() -> None:
    config = composed("preset=standard", "binning/captioner=blip2", "synthesis.use_full_features=false")
    assert chosen(config) == ["ImageClassifier", "CornerEdges", "PaddleOcr", "Yolo", "Blip2", "OpenClipSimilarity"]
    assert config["synthesis"]["captioner"] == config["binning"]["captioner"]
    assert config["synthesis"]["use_full_features"] is False


def test_quality_reads_and_finds_with_the_large_models() -> None:
    binning = composed("preset=quality")["binning"]
    assert (binning["ocr"]["detection_model"], binning["ocr"]["recognition_model"]) == (
        "PP-OCRv5_server_det",
        "PP-OCRv5_server_rec",
    )
    assert (binning["detector"]["model"], binning["detector"]["image_size"]) == ("yolo11x", 960)


def test_deepseek_looks_once_for_all_three() -> None:
    binning = composed("preset=deepseek_unified")["binning"]
    assert binning["ocr"]["reading"] == binning["detector"]["reading"] == binning["captioner"]["reading"]


MODELS = {"classifier", "ocr", "yolo", "blip", "open_clip_images"}  # folders of checkpoints begin with these

needs_all = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("paddleocr", "rapidocr", "ultralytics", "open_clip", "transformers")),
    reason="preset=standard needs the extras paddleocr, rapidocr (for its weights), yolo and clip",
)


def dcvlr(home: Path, *overrides: str, code: int = 0) -> str:
    """What one run printed; caches are in an empty home and nobody is asked."""
    places = {"HF_HOME": str(home / "hub"), "PADDLE_PDX_CACHE_HOME": str(home / "paddle")}
    env = {**os.environ, **places, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    env.pop("HF_HUB_CACHE", None)
    command = [sys.executable, "-m", "dcvlr", "preset=standard", "device=cpu", *overrides]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=env)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    return said


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> dict[str, str]:
    """The settings that point preset=standard at tiny models, by what they are for."""
    finds, reads = paddle_ocr(tiny_folder)
    return {
        "nsfw": f"filtering.nsfw.model={vit(tiny_folder)} filtering.nsfw_threshold=1.0",
        "ocr": f"binning.ocr.detection_model_dir={finds} binning.ocr.recognition_model_dir={reads}",
        "detector": f"binning.detector.model='{yolo(tiny_folder)}' binning.detector.image_size=160",
        "objects": "binning.detector.min_score=0.1 binning.clip_similarity_threshold=-1 bins_ratio=null",
        "captioner": f"binning.captioner.model={blip(tiny_folder)}",
        "similarity": f"binning.similarity.images.model=local-dir:{open_clip(tiny_folder)} "
        "binning.similarity.images.pretrained=null",
    }


def words(tiny: dict[str, str], *without: str) -> list[str]:
    """Overrides of the command line; only a path with a space in it is quoted, and it is one word."""
    joined = " ".join(value for key, value in tiny.items() if key not in without)
    parts = joined.split("'")
    return " ".join(parts[:1] + [part.replace(" ", "\0") if i % 2 == 0 else part for i, part in enumerate(parts[1:])]
    ).replace("\0", "?").split()


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    train = folder / "drawn" / "train"
    train.mkdir(parents=True)
    receipt("CORNER CAFE", RECEIPT).save(train / "receipt_1.png")
    receipt("GREEN LEAF", [("Tea", "1.80"), ("Toast", "2.05"), ("Total:", "3.85")]).save(train / "receipt_2.png")
    shapes("red", 3).save(train / "red.png")
    shapes("blue", 1).save(train / "blue.png")
    return folder
