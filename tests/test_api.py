from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pictures import make_pictures, receipt

from dcvlr import ConfigError, DataSynthesisPipeline, DcvlrError, ImageBinner, compose


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def measured(text_read: Path, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder that has the signal of every model for every picture."""
    out = shutil.copytree(text_read, tmp_path_factory.mktemp("measured") / "out")
    DataSynthesisPipeline(["report=none"], images_dir=images, output_dir=out).run()
    return out


@pytest.fixture
def out(measured: Path, tmp_path: Path) -> Path:
    """One of its own with these signals, and nothing else."""
    shutil.copytree(measured / "checkpoints", tmp_path / "out" / "checkpoints")
    return tmp_path / "out"


@pytest.mark.slow
def test_a_pipeline_returns_its_counts_and_resumes(text_read: Path, images: Path, tmp_path: Path) -> None:
    shutil.copytree(text_read, tmp_path / "out")
    pipeline = DataSynthesisPipeline(images_dir=images, output_dir=tmp_path / "out", device="cpu")
    counts = pipeline.run(num_images=8, bins_ratio=(0.5, 0.3, 0.2), dataset_size=3)
    assert counts.keys() == {"filtered_count", "bins", "generated_qa", "validated_qa", "selected_qa"}
    assert counts["selected_qa"] == 3
    again = DataSynthesisPipeline(images_dir=images, output_dir=tmp_path / "out")
    assert again.run(num_images=8, bins_ratio=(0.5, 0.3, 0.2), dataset_size=3) == counts


@pytest.mark.slow
def test_stages_one_by_one_give_what_a_run_gives(images: Path, out: Path) -> None:
    pipeline = DataSynthesisPipeline(["bins_ratio=null"], images_dir=images, output_dir=out)
    kept = pipeline.filter_stage()
    binned = pipeline.bin_stage(kept)
    questions = pipeline.synthesis_stage(binned)
    vetted = pipeline.validation_stage(questions)
    assert len(kept) == 5
    assert [image.image for image in binned] == kept
    assert list(DataSynthesisPipeline(["bins_ratio=null"], images_dir=images, output_dir=out).bin_stage()) == binned
    assert 0 < len(vetted) <= len(questions)


@pytest.mark.slow
def test_a_composed_config_does_what_overrides_do(images: Path, out: Path) -> None:
    config = compose(["stages=[filtering]"])
    counts = DataSynthesisPipeline(config=config, images_dir=images, output_dir=out).run()
    assert counts == {"filtered_count": 5}
    with pytest.raises(ConfigError, match="overrides, config_path or config, not two of them"):
        DataSynthesisPipeline(["seed=1"], config=config)


@pytest.mark.slow
def test_one_config_serves_two_pipelines_and_arguments_of_a_run_do_not_stay(images: Path, tmp_path: Path) -> None:
    config = compose(["stages=[filtering]"])
    first = DataSynthesisPipeline(config=config, images_dir=images, output_dir=tmp_path / "first")
    DataSynthesisPipeline(config=config, images_dir=images, output_dir=tmp_path / "second")
    assert first.run(num_images=2)["filtered_count"] <= 2
    assert first.run() == {"filtered_count": 5}
    assert not (tmp_path / "second").exists()


@pytest.mark.slow
def test_questions_of_an_earlier_call_can_still_be_read(images: Path, out: Path) -> None:
    pipeline = DataSynthesisPipeline(["bins_ratio=null"], images_dir=images, output_dir=out)
    binned = pipeline.bin_stage()
    questions = pipeline.synthesis_stage(binned)
    last = questions[-1]
    pipeline.synthesis_stage(binned[:1])
    assert questions[-1] == last
    assert list(questions)[-1] == last


def test_a_stage_that_the_config_leaves_out_is_said(images: Path, tmp_path: Path) -> None:
    pipeline = DataSynthesisPipeline(["stages=[filtering]"], images_dir=images, output_dir=tmp_path / "out")
    with pytest.raises(ConfigError, match="leaves out binning"):
        pipeline.bin_stage()
    with pytest.raises(ConfigError, match="dry_run=true is for the command line"):
        DataSynthesisPipeline(["dry_run=true"], images_dir=images, output_dir=tmp_path / "out").run()


def test_a_wrong_setting_is_said_before_any_work(images: Path, tmp_path: Path) -> None:
    pipeline = DataSynthesisPipeline(images_dir=images, output_dir=tmp_path / "out")
    with pytest.raises(ConfigError, match="bins_ratio"):
        pipeline.run(bins_ratio=(0.9, 0.9, 0.9))
    with pytest.raises(ConfigError, match="colour"):
        DataSynthesisPipeline(["colour=red"])
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_one_picture_is_categorized_with_its_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "receipt.png"
    receipt("CORNER CAFE", [("Tea", "1.80"), ("Toast", "2.05")]).save(path)
    binner = ImageBinner()
    assert binner.categorize_image(path) == "A"
    details = binner.categorize_image(path, return_details=True)
    assert isinstance(details, dict)
    assert details["bin_a_criteria"]["num_text_boxes"] == 5
    assert details["bin_a_criteria"]["text_boxes_passes"] is True
    binner.display_image_results(details, {"mine": lambda d: d["filename"] == "receipt.png"})
    assert "mine: ✓ PASS" in capsys.readouterr().out
    assert (
        ImageBinner(["binning.text_boxes_threshold=9", "binning.text_area_threshold=1"]).categorize_image(path) != "A"
    )


def test_a_picture_that_cannot_be_read_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(DcvlrError, match=r"nowhere.png cannot be read: No such file"):
        ImageBinner().categorize_image(tmp_path / "nowhere.png")
    (tmp_path / "empty.png").touch()
    with pytest.raises(DcvlrError, match=r"empty.png cannot be read as a picture"):
        ImageBinner().categorize_image(tmp_path / "empty.png")


@pytest.mark.slow
def test_single_stages_after_a_run_leave_its_manifest_as_it_is(images: Path, tmp_path: Path) -> None:
    words = ["stages=[filtering]", "filtering/nsfw=none", "report=none"]
    DataSynthesisPipeline(words, images_dir=images, output_dir=tmp_path / "out").run()
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    pipeline = DataSynthesisPipeline(words, images_dir=images, output_dir=tmp_path / "out")
    assert len(pipeline.filter_stage()) == 5
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert (
        repr(pipeline) == f"DataSynthesisPipeline(output_dir={str(tmp_path / 'out')!r}, stages=['filtering'], seed=0)"
    )


@pytest.mark.slow
def test_a_run_that_is_refused_leaves_older_results_their_config(images: Path, tmp_path: Path) -> None:
    others, out = shutil.copytree(images, tmp_path / "images"), tmp_path / "out"
    receipt("OTHER", [("Bread", "2.00")]).save(min(others.rglob("*.png")))
    words = ["stages=[filtering]", "filtering/nsfw=none", "report=none"]
    DataSynthesisPipeline([*words, "seed=1"], images_dir=images, output_dir=out).run()
    with pytest.raises(ConfigError, match="there are other pictures"):
        DataSynthesisPipeline([*words, "seed=2"], images_dir=others, output_dir=out).run()
    assert "seed: 1\n" in (out / ".hydra" / "config.yaml").read_text()
    assert "- seed=1\n" in (out / ".hydra" / "overrides.yaml").read_text()
    DataSynthesisPipeline([*words, "seed=2", "overwrite=true"], images_dir=others, output_dir=out).run()
    assert "seed: 2\n" in (out / ".hydra" / "config.yaml").read_text()


@pytest.mark.slow
def test_a_picture_may_be_a_path_bytes_or_a_pil_image(tmp_path: Path) -> None:
    page = receipt("CORNER CAFE", [("Coffee", "3.50"), ("Bagel", "2.25"), ("Juice", "4.10")])
    page.save(tmp_path / "page.png")
    binner = ImageBinner(compose(["binning.text_boxes_threshold=3"]))
    given = [tmp_path / "page.png", (tmp_path / "page.png").read_bytes(), page]
    assert [details["assigned_bin"] for details in binner.categorize_images(given)] == ["A", "A", "A"]
    assert repr(binner).startswith("ImageBinner(text_boxes=3, ")


def test_wrong_arguments_are_errors_that_name_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a path, the bytes of a picture file or a PIL image is needed"):
        ImageBinner().categorize_image(7)
    with pytest.raises(ConfigError, match=r"overrides='seed=1': a list such as \['seed=1'"):
        DataSynthesisPipeline("seed=1")
