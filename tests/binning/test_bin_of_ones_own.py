"""A bin D is a YAML file: a run counts, writes and reports it like the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
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
def test_a_bin_of_ones_own_is_one_yaml_file(tmp_path: Path) -> None:
    images = make_pictures(tmp_path / "images")
    conf = tmp_path / "conf" / "binning" / "bins"
    conf.mkdir(parents=True)
    (conf / "D.yaml").write_text(D)
    words = [
        f"images_dir={images}",
        f"output_dir={tmp_path / 'out'}",
        "binning/bins=[A,D,C]",
        "report=none",
        "binning.text_area_threshold=1",
    ]
    words += ["bins_ratio=[0.5,0.3,0.2]", "binning.text_boxes_threshold=99", "stages=[filtering,binning,synthesis]"]
    command = [sys.executable, "-m", "dcvlr", "--config-dir", str(tmp_path / "conf"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "out" / "pipeline_results.json").read_bytes())
    assert list(results["bins"]) == ["A", "D", "C"]
    assert results["bins"]["D"] > 0
    folder = tmp_path / "out" / "intermediate"
    rows = [json.loads(line) for line in (folder / "stage2_binning" / "bin_D.jsonl").read_text().splitlines()]
    assert len(rows) == results["bins"]["D"]
    assert min(row["num_text_boxes"] for row in rows) > 0
    assert json.loads((folder / "stage3_synthesis" / "summary.json").read_bytes())["by_bin"].keys() == {"A", "D", "C"}
    words = ["synthesis/generator=openai", "dry_run=true", *words]
    refused = subprocess.run([*command[:5], *words], capture_output=True, text=True, check=False, timeout=250)
    assert (
        "synthesis.generator.prompt.ask.D=None: at least one text for each of A, D, C is needed"
        in refused.stdout + refused.stderr
    )
