"""Every preset is a complete choice; `standard` runs the whole pipeline on tiny models, by the command a user types."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from forked import run_python
from omegaconf import OmegaConf
from pictures import RECEIPT, receipt, shapes
from tiny.blip import blip
from tiny.blip2 import blip2
from tiny.open_clip import open_clip
from tiny.paddle_ocr import paddle_ocr
from tiny.vit import vit
from tiny.yolo import yolo

from dcvlr.config import build, compose

pytestmark = pytest.mark.slow

# filtering/nsfw, filtering/watermark, binning/ocr, binning/detector, binning/captioner, binning/similarity's images
CHOICES = {
    "embedded": ["NudeNetScore", None, "RapidOcr", "SalientRegions", "ComposedCaption", None],
    "light": ["OpenNsfw", None, "RapidOcr", "OnnxDetector", "ClassifierCaption", "OnnxClipImages"],
    "standard": ["ImageClassifier", None, "PaddleOcr", "Yolo", "Blip", "OpenClipImages"],
    "standard_apache": ["ImageClassifier", None, "PaddleOcr", "Detr", "Blip", "OpenClipImages"],
    "deepseek_unified": [
        *("ImageClassifier", None, "DeepseekText", "DeepseekObjects", "DeepseekCaption"),
        "OpenClipImages",
    ],
    "quality": ["ImageClassifier", None, "PaddleOcr", "Yolo", "Blip2", "OpenClipImages"],
    "api": ["ImageClassifier", None, "RapidOcr", "Detr", "Moondream", "OpenClipImages"],
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
    return OmegaConf.to_container(compose(["images_dir=somewhere", *overrides]), resolve=True)


def chosen(config: Any) -> list[str | None]:
    nodes = [config[stage][kind] for stage, kind in (group.split(".") for group in PLACES)]
    nodes.append(config["binning"]["similarity"] and config["binning"]["similarity"]["images"])
    return [node and node["_target_"].rpartition(".")[2] for node in nodes]


def test_these_are_all_presets() -> None:
    folder = Path(__file__).parents[1] / "conf" / "preset"
    assert {path.stem for path in folder.glob("*.yaml")} == set(CHOICES)


@pytest.mark.parametrize("preset", CHOICES)
def test_a_preset_chooses_and_builds_every_back_end(preset: str) -> None:
    assert chosen(composed(f"preset={preset}")) == CHOICES[preset]
    assert build(compose(["images_dir=somewhere", f"preset={preset}"])).stages.keys() >= {"filtering", "binning"}


@pytest.mark.parametrize("preset", ["light", "standard_apache", "deepseek_unified", "api"])
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
    names = ["ImageClassifier", None, "RapidOcr", "Detr", "Moondream", "OpenClipImages"]
    assert chosen(config) == names
    assert classes(config).isdisjoint(AGPL)
    assert config["synthesis"]["captioner"]["_target_"].endswith(".Moondream")


def test_the_readme_line_composes() -> None:
    config = composed("preset=standard", "binning/captioner=blip2", "synthesis.use_full_features=false")
    assert chosen(config) == ["ImageClassifier", None, "PaddleOcr", "Yolo", "Blip2", "OpenClipImages"]
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


needs_all = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("paddleocr", "rapidocr", "ultralytics", "open_clip", "transformers")),
    reason="preset=standard needs the extras paddleocr, rapidocr (for its weights), yolo and clip",
)


def dcvlr(home: Path, *overrides: str, code: int = 0) -> str:
    """What one run printed; caches are in an empty home and nobody is asked."""
    places = {"HF_HOME": str(home / "hub"), "PADDLE_PDX_CACHE_HOME": str(home / "paddle")}
    env = {**os.environ, **places, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    env.pop("HF_HUB_CACHE", None)
    done = run_python("-m", "dcvlr", "preset=standard", "device=cpu", *overrides, env=env)
    output = done.stdout + done.stderr
    assert done.returncode == code, output
    assert "Traceback" not in output
    return output


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> dict[str, list[str]]:
    """The settings that point preset=standard at tiny models, by place, and limits that put discs into bin C."""
    finds, reads = paddle_ocr(tiny_folder)
    similarity = "binning.similarity.images"
    return {
        "filtering.nsfw": [f"filtering.nsfw.model={vit(tiny_folder)}", "filtering.nsfw_threshold=1.0"],
        "binning.ocr": [
            f"binning.ocr.detection_model_dir={finds}",
            f"binning.ocr.recognition_model_dir={reads}",
        ],
        "binning.detector": [f"binning.detector.model={yolo(tiny_folder)}", "binning.detector.min_score=0.1"],
        "binning.captioner": [f"binning.captioner.model={blip(tiny_folder)}"],
        similarity: [f"{similarity}.model=local-dir:{open_clip(tiny_folder)}", f"{similarity}.pretrained=null"],
        "limits": [
            *("binning.unique_objects_threshold=1000", "binning.object_count_threshold=1000"),
            *("binning.spatial_dispersion_threshold=1", "binning.clip_similarity_threshold=-1", "bins_ratio=null"),
        ],
    }


def words(tiny: dict[str, list[str]], *without: str) -> list[str]:
    return [word for group, overrides in tiny.items() if group not in without for word in overrides]


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


@pytest.fixture(scope="session")
def first(tiny: dict[str, list[str]], images: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The run directory of preset=standard, and what the run output."""
    home = tmp_path_factory.mktemp("standard")
    out = home / "out"
    return out, dcvlr(home, f"images_dir={images}", f"output_dir={out}", *words(tiny))


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def signals(out: Path) -> dict[str, int]:
    """How many signals each model left; the last line of a chunk is its digest."""
    return {
        folder.name.rpartition("-")[0]: sum(len(records(chunk)) - 1 for chunk in folder.glob("*.jsonl"))
        for folder in (out / "checkpoints").iterdir()
    }


@needs_all
def test_standard_runs_the_whole_pipeline_with_every_model(first: tuple[Path, str]) -> None:
    out, _ = first
    models = {"statistics": 4, "classifier": 4, "paddleocr": 4}
    without_text = {"yolo": 2, "blip": 2, "open_clip_images": 2, "open_clip_texts": 2}
    assert signals(out).items() >= {**models, **without_text}.items()
    bins = {kind: records(out / "intermediate" / "stage2_binning" / f"bin_{kind}.jsonl") for kind in "ABC"}
    assert {kind: sorted(Path(record["path"]).stem for record in bins[kind]) for kind in bins} == {
        "A": ["receipt_1", "receipt_2"],
        "B": [],
        "C": ["blue", "red"],
    }
    dataset = (out / "synthetic_qa_dataset.jsonl").read_text(encoding="utf-8")
    assert "receipt_1.png" in dataset
    assert "receipt_2.png" in dataset
    assert "16.25" in dataset  # read by PaddleOCR


@needs_all
def test_another_threshold_asks_no_model_again(
    first: tuple[Path, str], tiny: dict[str, list[str]], images: Path, tmp_path: Path
) -> None:
    out, _ = first
    stricter = ["binning.clip_similarity_threshold=1", "filtering.nsfw_threshold=0.9999"]
    output = dcvlr(tmp_path, f"images_dir={images}", f"output_dir={out}", *words(tiny), *stricter)
    for model in ("classifier", "paddleocr", "yolo", "blip", "open_clip_images", "open_clip_texts"):
        assert f"{model}: 0 model calls needed" in output
    assert "loading" not in output
    assert " computed in " not in output
    summary = json.loads((out / "intermediate" / "stage2_binning" / "summary.json").read_text(encoding="utf-8"))
    assert summary["bin_distribution"] == {"A": 2, "B": 0, "C": 0}  # the captions of bin C match no picture that well


@needs_all
def test_with_blip2_only_the_captions_are_new(
    first: tuple[Path, str], tiny: dict[str, list[str]], tiny_folder: Path, images: Path, tmp_path: Path
) -> None:
    out, _ = first
    other = ["binning/captioner=blip2", f"binning.captioner.model={blip2(tiny_folder)}"]
    output = dcvlr(
        tmp_path,
        *(f"images_dir={images}", f"output_dir={out}"),
        *words(tiny, "binning.captioner"),
        *other,
    )
    assert "blip2: 2 computed" in output
    for model in ("classifier", "paddleocr", "yolo", "open_clip_images"):
        assert f"{model}: 0 model calls needed" in output
    assert signals(out)["blip2"] == 2
    (captions,) = [path for path in (out / "checkpoints").iterdir() if path.name.startswith("blip2-")]
    assert len({line["signal"]["text"] for chunk in captions.glob("*.jsonl") for line in records(chunk)[:-1]}) > 1


MISSING = {
    "filtering.nsfw": ("AdamCodd/vit-base-nsfw-detector", "'main'", "CACHE/hub"),
    "binning.ocr": ("PP-OCRv6_medium_det", "CACHE/paddle"),
    "binning.detector": ("yolo11s.pt", "binning.detector.download=true"),
    "binning.captioner": (
        "Salesforce/blip-image-captioning-base",
        "'9cfcdbcaccbcadb2b53b36d4b50042c4eeaa0c25'",
        "CACHE/hub",
    ),
    "binning.similarity.images": ("vit_base_patch32_clip_224", "'main'", "CACHE/hub"),
}


@needs_all
@pytest.mark.parametrize("group", MISSING)
def test_weights_that_are_missing_stop_the_run_before_it_begins(
    group: str, tiny: dict[str, list[str]], images: Path, tmp_path: Path
) -> None:
    where = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}"]
    output = dcvlr(tmp_path, *where, *words(tiny, group), code=2)
    for part in (*MISSING[group], "preset=embedded"):
        assert part.replace("CACHE", str(tmp_path)) in output
    assert not (tmp_path / "out").exists()
