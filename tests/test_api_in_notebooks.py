"""What Python callers and notebooks see: files like those of the command line, records as tables and pictures."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import yaml
from omegaconf import OmegaConf
from pictures import make_pictures, receipt
from PIL import Image

from dcvlr import ConfigError, DataSynthesisPipeline, ImageBinner, compose
from dcvlr.notebook.record_table import RecordTable
from dcvlr.records import ImageRecord

WORDS = ["bins_ratio=null"]
IMAGE = ImageRecord(id="1", path="a.png", dataset="d")


@pytest.fixture(scope="module")
def run(text_read: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A finished run of small pictures: the pipeline and what it returned."""
    folder = tmp_path_factory.mktemp("run")
    out = copytree(text_read, folder / "out")
    pipeline = DataSynthesisPipeline(WORDS, images_dir=make_pictures(folder / "images"), output_dir=out)
    return pipeline, pipeline.run()


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "checkpoints" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_a_run_leaves_what_one_from_the_command_line_leaves(run: Any) -> None:
    _, results = run
    out = results.run_dir
    assert json.loads((out / "manifest.json").read_bytes())["status"] == "complete"
    kept = yaml.safe_load((out / ".hydra" / "config.yaml").read_text())
    assert (kept["output_dir"], kept["bins_ratio"]) == (str(out), None)
    words = yaml.safe_load((out / ".hydra" / "overrides.yaml").read_text())
    assert words == ["bins_ratio=null", f"images_dir='{out.parent / 'images'}'", f"output_dir='{out}'"]
    log = (out / "pipeline.log").read_text()
    assert "start: dcvlr" in log
    assert "end: after" in log
    again = DataSynthesisPipeline(config_path=out / ".hydra" / "config.yaml")
    assert again.run() == results


@pytest.mark.slow
def test_stages_after_a_run_leave_all_of_its_files_as_they_are(run: Any) -> None:
    pipeline, results = run
    before = digests(results.run_dir)
    pictures = pipeline.filter_stage()
    binned = pipeline.bin_stage(pictures[:2])
    assert (len(pictures), len(binned)) == (5, 2)
    assert len(pipeline.synthesis_stage(binned)) > 0
    assert digests(results.run_dir) == before
    other = DataSynthesisPipeline(
        ["filtering.min_resolution=500"], images_dir=results.run_dir.parent / "images", output_dir=results.run_dir
    )
    assert len(other.filter_stage()) < 5
    assert digests(results.run_dir) == before


@pytest.mark.slow
def test_records_are_shown_with_pictures_and_their_evidence(run: Any) -> None:
    pipeline, results = run
    pictures, binned, questions = pipeline.filter_stage(), pipeline.bin_stage(), results.questions
    assert repr(pictures) == "<5 pictures>"
    page = pictures._repr_html_()
    assert page.count('href="data:image/jpeg;base64,') == 5
    assert "receipt_2.png" in page
    assert "<b>bin A</b>" in binned._repr_html_()
    shown = questions.show(1)
    assert questions[0].question in repr(shown)
    boxes = sum(evidence.box is not None for evidence in questions[0].evidence)
    assert (shown._repr_html_().count("<rect "), boxes > 0) == (boxes, True)
    assert f"… {len(questions) - 1} more" in shown._repr_html_()
    assert results["filtered_count"] == 5
    assert "<td>filtered_count</td><td>5</td>" in results._repr_html_()
    assert "complete" in pipeline._repr_html_()
    assert questions[0].question in repr(results.explain(questions[0].id))
    with pytest.raises(ConfigError, match=r"show\(n=0\): a whole number above 0 is needed"):
        results.show(0)


@pytest.mark.slow
def test_records_become_frames_of_pandas(run: Any) -> None:
    pytest.importorskip("pandas", reason="to_pandas() needs pandas")
    pipeline, results = run
    frame = results.to_pandas()
    assert list(frame["question"]) == [qa.question for qa in results.questions]
    binned = pipeline.bin_stage().to_pandas()
    assert set(binned.columns) >= {"id", "path", "dataset", "bin", "num_text_boxes", "text_area_ratio"}
    assert len(binned) == 5


@pytest.mark.slow
def test_text_of_pictures_and_names_stays_text(tmp_path: Path) -> None:
    hostile = "a<img src=x onerror=alert(1)>\u202e.png"
    (tmp_path / "images").mkdir()
    receipt("CORNER CAFE", [("Tea", "1.80")]).save(tmp_path / "images" / hostile)
    words = ["stages=[filtering]", "filtering/nsfw=none", "report=none"]
    pictures = DataSynthesisPipeline(words, images_dir=tmp_path / "images", output_dir=tmp_path / "out").filter_stage()
    page = pictures._repr_html_()
    assert "a&lt;img src=x onerror=alert(1)&gt;\\u202e.png" in page
    assert "<img" not in page
    assert hostile not in repr(pictures.show(1))
    assert "\\u202e.png" in repr(pictures.show(1))


@pytest.mark.slow
def test_details_are_shown_as_a_table_beside_the_picture() -> None:
    binner = ImageBinner(compose(["binning.text_boxes_threshold=3"]))
    page = receipt("CORNER CAFE", [("Coffee", "3.50"), ("Bagel", "2.25"), ("Juice", "4.10")])
    (details,) = binner.categorize_images([page.convert("CMYK")])
    shown = details._repr_html_()
    assert "<b>bin A</b>" in shown
    assert "<td>A</td><td>Text boxes</td>" in shown
    assert 'href="data:image/jpeg;base64,' in shown
    assert list(details.to_pandas()["bin"])[:2] == ["A", "A"]


def test_a_file_of_keys_is_a_config(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("preset: light\nexport: [csv]\nimages_dir: it's here\nbinning: {text_boxes_threshold: 7}\n")
    pipeline = DataSynthesisPipeline(["seed=3"], config_path=file, output_dir=tmp_path / "out")
    config = pipeline._config
    assert (config.images_dir, config.seed, config.binning.text_boxes_threshold) == ("it's here", 3, 7)
    assert list(config.export) == ["csv"]
    assert config.binning.captioner._target_.endswith("Classifier") or "classifier" in str(config.binning.captioner)
    file.write_text("binning: {text_boxes_treshold: 7}\n")
    with pytest.raises(ConfigError, match="text_boxes_threshold"):
        DataSynthesisPipeline(config_path=file).run()
    for content in ("- 1\n", "a: [\n"):
        file.write_text(content)
        with pytest.raises(ConfigError, match=r"config_path='.*mine\.yaml'"):
            DataSynthesisPipeline(config_path=file)
    with pytest.raises(ConfigError, match=r"nowhere\.yaml' cannot be read"):
        DataSynthesisPipeline(config_path=tmp_path / "nowhere.yaml")


@pytest.mark.slow
def test_none_is_no_ratio_and_no_limit_and_what_is_left_out_stays(tmp_path: Path) -> None:
    words = ["num_images=2", "dataset_size=3", "stages=[filtering]", "filtering/nsfw=none", "report=none"]
    images = make_pictures(tmp_path / "images")
    pipeline = DataSynthesisPipeline(words, images_dir=images, output_dir=tmp_path / "out")
    assert pipeline.run()["filtered_count"] <= 2
    assert pipeline.run(num_images=None, bins_ratio=None, dataset_size=None)["filtered_count"] == 5
    kept = yaml.safe_load((tmp_path / "out" / ".hydra" / "config.yaml").read_text())
    assert (kept["num_images"], kept["bins_ratio"], kept["dataset_size"]) == (None, None, None)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: p.run(bins_ratio="abc"), "bins_ratio='abc': 3 shares for bins A, B, C"),
        (lambda p: p.run(bins_ratio=np.array([0.5, 0.5])), r"bins_ratio=.*: 3 shares for bins A, B, C"),
        (lambda p: p.run(num_images=object()), "num_images=<object .* is no value of a config"),
        (
            lambda p: p.bin_stage(["a.png"]),
            r"images: ImageRecord records are needed, as filter_stage\(\) gives them, not 'a",
        ),
        (lambda p: p.validation_stage(RecordTable([IMAGE], "pictures")), "questions: Qa records are needed"),
        (lambda p: p.synthesis_stage("a.png"), r"images: BinnedImage records are needed, as bin_stage\(\) gives them"),
        (
            lambda p: p.validation_stage([1]),
            r"questions: Qa records are needed, as synthesis_stage\(\) gives them, not 1",
        ),
        (lambda p: DataSynthesisPipeline(config={"seed": 1}), r"config=\{'seed': 1\}: what compose"),
        (lambda p: DataSynthesisPipeline(5), r"overrides=5: a list such as"),
        (lambda p: ImageBinner().categorize_images("a.png"), "pictures='a.png': a list is needed"),
        (lambda p: ImageBinner(OmegaConf.create({"seed": 1})), "this config has no binning"),
    ],
)
def test_wrong_arguments_say_what_is_expected(call: Any, message: str, tmp_path: Path) -> None:
    pipeline = DataSynthesisPipeline(images_dir=tmp_path, output_dir=tmp_path / "out")
    with pytest.raises(ConfigError, match=message):
        call(pipeline)
    assert not (tmp_path / "out").exists()


def test_a_picture_that_is_gone_is_shown_as_such(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "red").save(tmp_path / "p.png")
    words = ["stages=[filtering]", "filtering/nsfw=none", "report=none", "filtering.min_sharpness=0"]
    pictures = DataSynthesisPipeline(words, images_dir=tmp_path, output_dir=tmp_path / "out")._run.images()
    (tmp_path / "p.png").unlink()
    assert "p.png: no picture to show" in RecordTable(pictures, "pictures")._repr_html_()
