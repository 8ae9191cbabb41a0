"""A bin D is a YAML file: a run counts, writes and reports it like the others."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest
from forked import run_python
from pictures import make_pictures

D = """
D:
  _target_: dcvlr.binning.bins.Bin
  title: a little text
  any_of:
    text:
      _target_: dcvlr.binning.rules.Above
      criterion: num_text_boxes
      threshold: 0
      key: binning.bins.D.any_of.text.threshold
  requires: {}
  strongest_by: text_area_ratio
"""


@pytest.mark.slow
def test_a_bin_of_ones_own_is_one_yaml_file(text_read: Path, tmp_path: Path) -> None:
    images, out = make_pictures(tmp_path / "images"), copytree(text_read, tmp_path / "out")
    conf = tmp_path / "conf" / "binning" / "bins"
    conf.mkdir(parents=True)
    (conf / "D.yaml").write_text(D)
    words = [
        f"images_dir={images}",
        f"output_dir={out}",
        "binning/bins=[A,D,C]",
        "report=none",
        "binning.text_area_threshold=1",
    ]
    words += ["bins_ratio=[0.5,0.3,0.2]", "binning.text_boxes_threshold=99", "stages=[filtering,binning,synthesis]"]
    command = ["-m", "dcvlr", "--config-dir", str(tmp_path / "conf")]
    done = run_python(*command, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((out / "pipeline_results.json").read_bytes())
    assert list(results["bins"]) == ["A", "D", "C"]
    assert results["bins"]["D"] > 0
    folder = out / "intermediate"
    rows = [json.loads(line) for line in (folder / "stage2_binning" / "bin_D.jsonl").read_text().splitlines()]
    assert len(rows) == results["bins"]["D"]
    assert min(row["num_text_boxes"] for row in rows) > 0
    assert json.loads((folder / "stage3_synthesis" / "summary.json").read_bytes())["by_bin"].keys() == {"A", "D", "C"}
    refused = run_python(*command, "synthesis/generator=openai", "dry_run=true", *words)
    assert (
        "synthesis.generator.prompt.ask.D=null: at least one text for each of A, D, C is needed"
        in refused.stdout + refused.stderr
    )
