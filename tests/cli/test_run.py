"""The command line as a user types it, in processes of its own, with the real embedded back ends."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from cli.commands import RESULTS, dcvlr, lines, results
from pictures import make_pictures
from PIL import Image

pytestmark = pytest.mark.slow


def again(finished: Path, images: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    return dcvlr(f"images_dir={images}", f"output_dir={finished}", "bins_ratio=null", *overrides)


def computed(folder: Path) -> dict[str, int]:
    """Items computed by the last run, by model name, where any were."""
    counts = json.loads((folder / "manifest.json").read_text())["computed"]
    return {name.rpartition("-")[0]: count for name, count in counts.items() if count}


def test_a_folder_becomes_a_dataset(finished: Path) -> None:
    counts = json.loads((finished / "pipeline_results.json").read_text())
    dataset = lines(finished / "synthetic_qa_dataset.jsonl")
    assert counts["filtered_count"] == 5
    assert counts["bins"]["A"] == 2
    assert sum(counts["bins"].values()) == 5
    assert counts["validated_qa"] == len(dataset) > 5
    assert {qa["dataset"] for qa in dataset} == {"drawn/by"}
    root = json.loads((finished / "manifest.json").read_text())["root"]
    for qa in dataset:
        assert qa["answer"] in (qa["options"] or [qa["answer"]])
        assert qa["evidence"]
        assert qa["image"].startswith("drawn__by/train/")
        assert Path(root, qa["image"]).is_file()


def test_every_file_of_a_run_is_there(finished: Path) -> None:
    names = {str(path.relative_to(finished)) for path in finished.rglob("*") if path.is_file()}
    expected = {
        *RESULTS,
        "pipeline.log",
        "manifest.json",
        ".hydra/config.yaml",
        "intermediate/stage1_filtering/filtered_images.jsonl",
        "intermediate/stage1_filtering/summary.json",
        *(f"intermediate/stage2_binning/{name}.jsonl" for name in ("bin_A", "bin_B", "bin_C", "all_binned_images")),
        "intermediate/stage2_binning/summary.json",
        "intermediate/stage3_synthesis/generated_qa_pairs.jsonl",
        *(f"intermediate/stage3_synthesis/bin_{name}_qa_pairs.jsonl" for name in "ABC"),
        "intermediate/stage3_synthesis/summary.json",
        "intermediate/stage4_validation/validated_qa_pairs.jsonl",
        "intermediate/stage4_validation/summary.json",
    }
    assert expected <= names
    assert {path.name for path in (finished / "export").iterdir()} == {"jsonl", "csv", "parquet"}
    assert not [name for name in names if Path(name).name.startswith(".") and not name.startswith(".hydra")]
    assert not [name for name in names if name.endswith(".lock")]


def test_the_ledger_says_why_each_picture_was_dropped(finished: Path) -> None:
    reasons = {Path(e["path"]).name: e["reasons"] for e in lines(finished / "rejected.jsonl") if e["kind"] == "image"}
    assert reasons["broken.jpg"] == ["unreadable"]
    assert reasons["tiny.png"] == ["min_resolution"]
    near = [name for name, why in reasons.items() if why == ["duplicate"]]
    assert near in (["receipt_1_again.jpg"], ["receipt_1.png"])


def test_a_rerun_calls_no_model_and_gives_the_same_bytes(finished: Path, images: Path) -> None:
    before = results(finished)
    done = again(finished, images)
    assert results(finished) == before
    assert computed(finished) == {}
    assert "rapidocr: 0 model calls needed" in done.stdout
    assert " computed in " not in done.stdout


def test_a_changed_threshold_calls_no_model(finished: Path, images: Path, tmp_path: Path) -> None:
    again(
        finished,
        images,
        "filtering.phash_threshold=1",
        "binning.text_boxes_threshold=99",
        "binning.text_area_threshold=1",
    )
    models = {"rapidocr", "rapidocr_lines", "nudenet", "named_colours", "regions"}
    assert set(computed(finished)) <= models, "a near copy is new to them"
    counts = json.loads((finished / "pipeline_results.json").read_text())
    assert counts["bins"]["A"] == 0
    again(finished, images, "filtering.nsfw_threshold=0.9", "binning.text_boxes_threshold=4")
    assert computed(finished) == {}


def test_a_changed_model_setting_computes_that_model_alone(finished: Path, images: Path) -> None:
    again(finished, images, "binning.detector.max_regions=7")
    assert set(computed(finished)) == {"regions"}


def test_a_sweep_runs_each_model_once(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [f"images_dir={images}", f"output_dir={out}", "stages=[filtering]"]
    done = dcvlr("-m", *words, "filtering.nsfw_threshold=0.3,0.5,0.7")
    jobs = sorted((out / "sweep").glob("*nsfw_threshold=*"))
    assert len(jobs) == 3
    assert computed(jobs[0])["nudenet"] > 0
    assert [computed(job) for job in jobs[1:]] == [{}, {}]
    assert len(re.findall("nudenet: 0 model calls needed", done.stdout)) == 2
    assert len(list((out / "checkpoints").glob("nudenet-*"))) == 1


def test_a_part_of_the_stages_can_be_run_and_details_shown(finished: Path, images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    copytree(finished / "checkpoints", out / "checkpoints")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null", "stages=[filtering,binning]"]
    done = dcvlr(*words, "binning.display_details=true")
    assert done.stdout.count("Assigned bin: ") == 5
    assert "✓ PASS" in done.stdout
    assert not (out / "synthetic_qa_dataset.jsonl").exists()


def test_a_dry_run_says_what_would_run_and_touches_nothing(images: Path, tmp_path: Path) -> None:
    done = dcvlr(f"images_dir={images}", "output_dir=out", "dry_run=true", cwd=tmp_path)
    assert "source: 9 files" in done.stdout
    assert "  rapidocr: 0 stored, 0 to 9 missing" in done.stdout
    assert "nothing was computed, sent or written" in done.stdout
    assert "would write: out" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_dry_run_finds_a_wrong_value(images: Path, tmp_path: Path) -> None:
    done = dcvlr(f"images_dir={images}", "dry_run=true", "filtering.nsfw_threshold=7", code=2, cwd=tmp_path)
    assert "filtering.nsfw_threshold=7: a number from 0 to 1 or null is allowed" in done.stderr
    assert not list(tmp_path.iterdir())


WRONG = {
    "nothing_said": ([], "images_dir"),
    "no_such_folder": (["images_dir=nowhere"], "nowhere"),
    "empty_folder": (["images_dir=empty"], "holds no pictures"),
    "unknown_key": (["images_dir=empty", "colour=red"], "colour"),
    "unknown_option": (["images_dir=empty", "binning/ocr=tesseract"], "tesseract"),
    "wrong_ratio": (["images_dir=empty", "bins_ratio=[0.5,0.5,0.5]"], "sum to 1"),
    "out_of_range": (["images_dir=empty", "filtering.nsfw_threshold=2"], "nsfw_threshold"),
    "unknown_stage": (["images_dir=empty", "stages=[filtering,magic]"], "magic"),
    "no_such_job": (["images_dir=empty", "-m", "dry_run=true"], "dry_run"),
    "null_group": (["images_dir=empty", "source=null"], "source=null: one of chartqa, folder, "),
    "broken_override": (["images_dir"], "images_dir"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_command_is_one_line_and_exit_code_2(case: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    overrides, named = WRONG[case]
    done = dcvlr(*overrides, code=2, cwd=tmp_path)
    assert named in done.stderr


def other_pictures(folder: Path) -> Path:
    """As many as `make_pictures` makes, and one of them is another."""
    Image.new("RGB", (320, 480), "navy").save(make_pictures(folder) / "drawn__by" / "train" / "green.png")
    return folder


def test_other_pictures_are_not_mixed_into_a_run(finished: Path, tmp_path: Path) -> None:
    other = other_pictures(tmp_path / "other")
    before = results(finished)
    done = dcvlr(f"images_dir={other}", f"output_dir={finished}", code=2)
    assert "was made from" in done.stderr
    assert "overwrite=true" in done.stderr
    assert results(finished) == before


def test_a_refused_command_leaves_a_finished_run_as_it_was(finished: Path, images: Path) -> None:
    before = {path: path.read_bytes() for path in finished.rglob("*") if path.is_file()}
    dcvlr(f"images_dir={images}", f"output_dir={finished}", "seed=x", code=2)
    dcvlr("images_dir=nowhere", f"output_dir={finished}", code=2)
    assert {path: path.read_bytes() for path in finished.rglob("*") if path.is_file()} == before


def test_a_mistyped_folder_does_not_bind_the_run_directory(images: Path, tmp_path: Path) -> None:
    words = [f"output_dir={tmp_path / 'out'}", "stages=[filtering]"]
    dcvlr("images_dir=nowhere", *words, code=2)
    dcvlr(f"images_dir={images}", *words)


def test_overwriting_leaves_no_result_of_the_other_pictures(finished: Path, images: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", other_pictures(tmp_path / "other")
    copytree(finished / "checkpoints", out / "checkpoints")
    dcvlr(f"images_dir={images}", f"output_dir={out}", "export=[jsonl]")
    before = (out / "synthetic_qa_dataset.jsonl").read_bytes()
    dcvlr(f"images_dir={other}", f"output_dir={out}", "overwrite=true", "stages=[filtering]")
    elsewhere = {"checkpoints", "previous"}
    kept = {str(path.relative_to(out)) for path in out.rglob("*.jsonl") if not elsewhere & set(path.parts)}
    (aside,) = (out / "previous").iterdir()
    assert (aside / "synthetic_qa_dataset.jsonl").read_bytes() == before
    assert kept == {
        "rejected.jsonl",
        "intermediate/stage0_source/rejected.jsonl",
        "intermediate/stage1_filtering/rejected.jsonl",
        "intermediate/stage1_filtering/filtered_images.jsonl",
        "intermediate/stage1_filtering/values.jsonl",
    }


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/dcvlr"])
def test_an_output_folder_that_cannot_be_made_is_a_wrong_setting(images: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("here")
    done = dcvlr(f"images_dir={images}", f"output_dir={out}", code=2, cwd=tmp_path)
    assert out in done.stderr


def test_a_full_disk_ends_the_run_and_what_was_finished_is_kept(images: Path, tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    words = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "runtime.chunk_size=2", "stages=[filtering]"]
    command = [sys.executable, "-m", "dcvlr", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=little_room)
    assert done.returncode == 1
    assert "what was finished is kept" in done.stderr
    assert not list((tmp_path / "out").rglob("*.tmp"))
    dcvlr(*words)
