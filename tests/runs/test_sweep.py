"""Jobs of a sweep: names of their folders, the table, the page."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from pathlib import Path

import pytest
from forked import run_python
from pictures import make_pictures

from dcvlr.cli.sweep import main
from dcvlr.errors import ConfigError
from dcvlr.runs.sweep import job_name, plan_jobs, read_sweep

LONG = "validation.checks.placeholder.answers=[unknown,none,error,not visible,cannot be determined,no answer]"


def test_a_folder_is_named_by_what_varies() -> None:
    words = ["seed=1", "filtering.nsfw_threshold=0.3", "output_dir=out"]
    assert job_name(words, ["output_dir=out"]) == "filtering.nsfw_threshold=0.3,seed=1"
    assert job_name(words, words) == "single"


def test_a_name_is_short_and_safe_for_shells_and_file_systems() -> None:
    name = job_name(["filtering/nsfw=none", LONG, "images_dir='/my pictures; rm *'"], [])
    assert name.startswith("filtering.nsfw=none,images_dir=my_pictures_rm-")
    assert re.fullmatch(r"[A-Za-z0-9._=,+-]+", name)
    assert job_name(["~filtering.nsfw"], []) == "filtering.nsfw="  # no hidden folder
    assert len(job_name([f"a{i}={LONG}" for i in range(30)], [])) <= 120


def test_different_values_have_different_names() -> None:
    assert job_name([LONG], []) != job_name([LONG + "x"], [])
    assert job_name(["a='b c'"], []) != job_name(["a=b_c"], [])


def test_a_planned_job_without_a_folder_is_missing(tmp_path: Path) -> None:
    plan_jobs(tmp_path, [("seed=1", ["seed=1"]), ("seed=2", ["seed=2"])])
    assert [(row.name, row.state) for row in read_sweep(tmp_path)] == [("seed=1", "missing"), ("seed=2", "missing")]
    with pytest.raises(ConfigError, match="holds no sweep"):
        read_sweep(tmp_path / "elsewhere")


def test_a_damaged_file_of_a_job_is_named(tmp_path: Path) -> None:
    plan_jobs(tmp_path, [("seed=1", ["seed=1"])])
    (tmp_path / "seed=1" / ".hydra").mkdir(parents=True)
    (tmp_path / "seed=1" / ".hydra" / "overrides.yaml").write_text("- [")
    with pytest.raises(ConfigError, match=r"seed=1/\.hydra/overrides\.yaml is damaged"):
        read_sweep(tmp_path)


@pytest.mark.slow
def test_the_table_of_jobs_that_run_elsewhere_is_made_by_the_last_to_end(tmp_path: Path) -> None:
    images, sweep = make_pictures(tmp_path / "images"), tmp_path / "out" / "sweep"
    jobs = {f"filtering.min_resolution={size}": size for size in (100, 300)}
    plan_jobs(sweep, [(name, [name]) for name in jobs])
    for name in jobs:
        assert not (sweep / "sweep.csv").exists()
        words = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]", "filtering/nsfw=none"]
        words += ["report=none", name, f"hydra.run.dir='{sweep / name}'"]
        done = run_python("-m", "dcvlr", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    rows = list(csv.DictReader((sweep / "sweep.csv").read_text().splitlines()))
    assert [(row["state"], row["filtering.min_resolution"]) for row in rows] == [
        ("complete", "100"),
        ("complete", "300"),
    ]


@pytest.mark.slow
def test_a_choice_of_parts_crossed_with_their_settings_runs_whole(tmp_path: Path) -> None:
    images = make_pictures(tmp_path / "images")
    words = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]", "filtering/nsfw=none"]
    words += ["report=none", "filtering/watermark=none,edges", "filtering.watermark_threshold=0.5"]
    done = run_python("-m", "dcvlr", "-m", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("filtering.watermark_threshold=0.5: nothing reads it in this job") == 1
    rows = list(csv.DictReader((tmp_path / "out" / "sweep" / "sweep.csv").read_text().splitlines()))
    assert [(row["state"], row["filtering/watermark"]) for row in rows] == [("complete", "edges"), ("complete", "none")]


@pytest.mark.slow
def test_what_varies_may_stand_in_a_file_and_a_key_be_typed_twice(tmp_path: Path) -> None:
    images = make_pictures(tmp_path / "images")
    text = "defaults: [config, _self_]\nhydra: {sweeper: {params: {filtering/watermark: 'none,edges', seed: '1,2'}}}\n"
    (tmp_path / "mine.yaml").write_text(text)
    words = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]", "filtering/nsfw=none"]
    words += ["report=none", "filtering.watermark_threshold=0.5", "seed=3"]
    done = run_python("-m", "dcvlr", "-m", "--config-dir", str(tmp_path), "--config-name", "mine", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = list(csv.DictReader((tmp_path / "out" / "sweep" / "sweep.csv").read_text().splitlines()))
    assert [(row["state"], row["job"]) for row in rows] == [
        ("complete", "filtering.watermark=edges"),
        ("complete", "filtering.watermark=none"),
    ]


@pytest.mark.slow
def test_the_table_has_a_row_a_job_and_a_column_for_what_varied(sweep: Path) -> None:
    rows = list(csv.DictReader((sweep / "sweep" / "sweep.csv").read_text().splitlines()))
    assert [row["filtering.min_resolution"] for row in rows] == ["224", "420"]
    assert [row["filtered_count"] for row in rows] == ["6", "3"]
    assert {row["state"] for row in rows} == {"complete"}
    assert not {"images_dir", "bins_ratio"} & set(rows[0])
    assert json.loads((sweep / "sweep" / "jobs.json").read_text()).keys() == {row["job"] for row in rows}


@pytest.mark.slow
def test_each_job_has_a_heading_and_no_samples_and_the_sweep_one_table(sweep: Path) -> None:
    printed = (sweep / "printed.txt").read_text()
    assert "job 0: filtering.min_resolution=224\n" in printed
    assert "job 1: filtering.min_resolution=420\n" in printed
    assert "Q: " not in printed
    assert printed.count("min_resolution ┃") == 1
    assert printed.rstrip().endswith("report.html")


@pytest.mark.slow
def test_the_page_shows_the_jobs_without_network_and_escapes_what_they_say(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (sweep / "sweep" / "report.html").read_text()
    assert "2 jobs: 2 complete" in page
    assert page.count("<polyline") == 2
    assert not re.search(r"https?://|<script", page)
    plan_jobs(tmp_path, [("x", ["seed=<script>alert(1)</script>"]), ("y", ["seed=2"])])
    assert main([str(tmp_path)]) == 0
    hostile = (tmp_path / "report.html").read_text()
    assert "<script" not in hostile
    assert "<script>alert(1)</script>" in unescape(hostile)
    assert "missing" in capsys.readouterr().out
