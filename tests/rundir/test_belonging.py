"""Results of other settings are moved aside, never mixed and never deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from dcvlr.api import DataSynthesisPipeline
from dcvlr.rundir.belonging import changed_at, make_room, move_aside, stale

OLD = {"source": "s", "filtering": "f", "binning": "b", "synthesis": "y", "validation": "v"}
FILES = [
    "intermediate/stage1_filtering/a",
    "intermediate/stage2_binning/a",
    "intermediate/stage3_synthesis/a",
    "intermediate/stage4_validation/a",
    "export/csv/a",
    "export/jsonl/a",
    "synthetic_qa_dataset.jsonl",
    "audit.json",
]


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_part_with_equal_settings_moves_nothing(run_dir: Path) -> None:
    part = {"source": "s", "filtering": "f"}
    assert changed_at(OLD, part) is None
    assert stale(run_dir, OLD, part, {"intermediate/stage1_filtering"}) == []
    assert changed_at({}, OLD) is None


def test_nothing_rests_on_an_export() -> None:
    assert changed_at({**OLD, "export.csv": "c"}, {**OLD, "export.csv": "other"}) is None


def test_results_rest_on_the_steps_that_a_part_leaves_out_as_long_as_it_belongs_to_them(run_dir: Path) -> None:
    assert make_room(run_dir, OLD, {"source": "s", "filtering": "f"}, ()) == OLD
    other = {"source": "s", "filtering": "other"}
    assert make_room(run_dir, OLD, other, ()) == other
    assert not (run_dir / "intermediate/stage2_binning").exists()


def test_results_of_a_stage_that_the_earlier_run_does_not_name_rest_on_all_of_it(run_dir: Path) -> None:
    (run_dir / "intermediate/stage5_selection").mkdir()
    moved = stale(run_dir, OLD, OLD | {"validation": "other"}, {"intermediate/stage4_validation"})
    assert [name for name in moved if name.startswith("intermediate")] == ["intermediate/stage5_selection"]


def test_what_rests_on_other_settings_and_is_not_made_anew_is_stale(run_dir: Path) -> None:
    new = OLD | {"binning": "other"}
    made = {"intermediate/stage1_filtering", "intermediate/stage2_binning"}
    assert stale(run_dir, OLD, {"source": "s", "filtering": "f", "binning": "other"}, made) == [
        "intermediate/stage3_synthesis",
        "intermediate/stage4_validation",
        "export/csv",
        "export/jsonl",
        "synthetic_qa_dataset.jsonl",
        "audit.json",
    ]
    made |= {f"intermediate/stage{n}" for n in ("3_synthesis", "4_validation")} | {"export/jsonl"}
    assert stale(run_dir, OLD, new, made | {"synthetic_qa_dataset.jsonl"}) == ["export/csv", "audit.json"]


def test_moving_keeps_the_bytes_and_replaces_nothing(run_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = move_aside(run_dir, ["export/csv", "synthetic_qa_dataset.jsonl"], OLD)
    second = move_aside(run_dir, ["export/jsonl"], OLD)
    assert first is not None
    assert second is not None
    assert first != second
    assert first.parent == second.parent == run_dir / "previous"
    assert (first / "export/csv/a").read_text() == "export/csv/a"
    assert (second / "export/jsonl/a").read_text() == "export/jsonl/a"
    assert "export/csv, synthetic_qa_dataset.jsonl are now in" in caplog.text
    assert move_aside(run_dir, [], OLD) is None


@pytest.mark.slow
def test_a_run_with_other_settings_sets_its_elders_files_aside_and_the_manifest_says_what_ran(tmp_path: Path) -> None:
    train = tmp_path / "images" / "drawn" / "train"
    train.mkdir(parents=True)
    Image.linear_gradient("L").resize((300, 300)).save(train / "a.png")
    words = ["filtering/nsfw=none", "stages=[filtering]", "report=none"]
    out = tmp_path / "out"

    def run(*more: str) -> dict[str, object]:
        DataSynthesisPipeline([*words, *more], images_dir=tmp_path / "images", output_dir=out).run()
        manifest: dict[str, object] = json.loads((out / "manifest.json").read_bytes())
        return manifest

    first = run()
    (out / "intermediate" / "stage2_binning").mkdir()
    (out / "export" / "csv").mkdir(parents=True)
    assert first["status"] == "complete"
    assert first["dcvlr"] == "0.1.0"
    assert str(first["started"]) <= str(first["ended"])
    assert {"commit", "command", "machine", "config", "settings", "spent", "pictures"} <= first.keys()

    (key,) = (name for name in first["computed"] if name.startswith("statistics"))  # type: ignore[attr-defined]  # JSON

    again = run()
    assert again["settings"] == first["settings"]
    assert not (out / "previous").exists()
    assert (first["computed"], again["computed"]) != (again["computed"], first["computed"])
    assert again["spent"]["runs"] == 2  # type: ignore[index]  # JSON
    assert again["spent"]["models"] == first["spent"]["models"]  # type: ignore[index]  # JSON
    assert first["spent"]["models"][key]["computed"] == 1  # type: ignore[index]  # JSON

    run("filtering.min_resolution=100")
    (aside,) = (out / "previous").iterdir()
    assert sorted(path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_dir()) == [
        "export",
        "export/csv",
        "intermediate",
        "intermediate/stage2_binning",
    ]
    assert (out / "intermediate" / "stage1_filtering" / "filtered_images.jsonl").is_file()
