"""Complete runs by one word: what they are made of, what they would ask, and what may be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from forked import run_python
from omegaconf import OmegaConf
from PIL import Image

from dcvlr.config import build, compose
from dcvlr.identity import file_digest
from dcvlr.memo.recall import Recall
from dcvlr.records import BinCriteria, BinnedImage, ImageRecord
from dcvlr.runs.rehearsal import rehearse

PACK = "decontamination.packs=[packs/mine.jsonl]"


def composed(*words: str) -> Any:
    return OmegaConf.to_container(compose(["images_dir=x", *words]), resolve=True)


def test_contest_1k_is_a_complete_choice() -> None:
    made = composed("recipe=contest_1k", PACK)
    assert made["stages"] == ["filtering", "decontamination", "binning", "synthesis", "validation", "selection"]
    assert made["synthesis"]["generator"]["_target_"].endswith("WrittenQuestions")
    assert (made["dataset_size"], made["bins_ratio"], made["synthesis"]["rationale"]) == (1000, None, "solver")
    assert made["validation"]["checks"]["benchmarks"]["packs"] == ["packs/mine.jsonl"]
    assert {"solve", "blind", "consistency", "duplicates"} <= made["validation"]["checks"].keys()
    assert list(made["export"]) == ["parquet"]
    selection = made["selection"]
    assert (selection["max_per_kind"], selection["max_per_image"], selection["fill"]) == (40, 2, True)
    assert selection["teacher"]["samples"] == 4
    assert [band["share"] for band in selection["quotas"]] == [0.2, 0.5, 0.3]


def test_photos_10k_is_a_complete_choice() -> None:
    made = composed("recipe=photos_10k")
    assert (made["dataset_size"], made["synthesis"]["use_full_features"]) == (10000, False)
    assert (made["selection"]["max_per_kind"], made["selection"]["max_per_image"]) == (600, 3)
    assert made["selection"]["student"]["samples"] == 8


def test_documents_10k_is_a_complete_choice_that_asks_no_model() -> None:
    made = composed("recipe=documents_10k", "preset=quality")
    assert (made["dataset_size"], made["bins_ratio"], list(made["export"])) == (10000, None, ["parquet"])
    generator = made["synthesis"]["generator"]
    assert generator["_target_"].endswith("ComputedQuestions")
    assert (generator["qa_per_image"], generator["qa_per_photograph"]) == (12, 0)
    assert (made["selection"]["max_per_kind"], made["selection"]["student"]) == (500, None)
    assert made["binning"]["ocr"]["_target_"].endswith("RapidOcr")
    assert not {"solve", "blind", "judge"} & made["validation"]["checks"].keys()


@pytest.mark.slow
def test_documents_10k_gives_exactly_the_wanted_number(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="the embedded extra is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="the parquet extra is not installed")
    drawn = ["source=samples", "source.photographs=false", "num_images=12"]
    asked = ["dataset_size=50", "synthesis.generator.pictures_per_question=2", "export.parquet.pictures=several"]
    words = ["recipe=documents_10k", *drawn, *asked, f"output_dir={tmp_path}", "report=none"]
    done = run_python("-m", "dcvlr", *words)
    assert done.returncode == 0, done.stderr
    rows = parquet.read_table(tmp_path / "export/parquet/train.parquet").to_pylist()
    assert len(rows) == 50
    assert {len(row["images"]) for row in rows} == {1, 2}


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["embedded", "standard"])
def test_a_recipe_goes_before_a_preset_and_the_command_line_before_both(preset: str) -> None:
    made = composed("recipe=contest_1k", PACK, f"preset={preset}", "dataset_size=50", "selection/teacher=none")
    assert made["synthesis"]["generator"]["_target_"].endswith("WrittenQuestions")
    assert (made["dataset_size"], made["selection"]["teacher"]) == (50, None)
    gold = composed("recipe=contest_1k", PACK, f"preset={preset}", "synthesis/generator=gold")
    assert gold["synthesis"]["generator"]["_target_"].endswith("GoldReasoning")


def test_no_recipe_changes_nothing() -> None:
    made = composed()
    assert (made["dataset_size"], made["selection"]["max_per_kind"], made["selection"]["student"]) == (None, None, None)
    assert "recipe" not in made


@pytest.mark.slow
def test_what_a_recipe_asks_is_told_before_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (280, 280), "white").save(path)
    criteria = BinCriteria(num_text_boxes=0, text_area_ratio=0.0)
    image = ImageRecord(id=file_digest(path), path=str(path), dataset="made")
    words = ["images_dir=x", f"output_dir={tmp_path / 'out'}", "recipe=photos_10k"]
    record = BinnedImage(image=image, bin="C", criteria=criteria)
    found = rehearse(build(compose(words)), [record], Recall(tmp_path / "out/checkpoints"))
    assert found is not None
    roles = ["synthesis", "validation.solve", "validation.blind", "selection.student", "selection.blind"]
    assert (found.questions, list(found.costs)) == (3, roles)
