"""`objective` with the sweeper that people use to optimize."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml
from forked import run_python
from pictures import make_pictures

pytestmark = pytest.mark.slow


def sweep(tmp_path: Path, *words: str) -> CompletedProcess[str]:
    images = make_pictures(tmp_path / "images")
    fixed = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]", "filtering/nsfw=none"]
    return run_python("-m", "dcvlr", "-m", *fixed, "report=none", *words)


def test_an_objective_that_no_stage_gives_is_refused_before_work(tmp_path: Path) -> None:
    done = sweep(tmp_path, "seed=1,2", "objective=validated_qa")
    assert done.returncode == 2
    assert "objective='validated_qa': one of filtered_count is what these stages give" in done.stderr
    assert not (tmp_path / "out" / "checkpoints").exists()


@pytest.mark.skipif(
    find_spec("hydra_plugins.hydra_optuna_sweeper") is None,
    reason="hydra-optuna-sweeper is not installed: it pins optuna 2, and Hydra would load it at each start",
)
def test_optuna_maximizes_the_objective(tmp_path: Path) -> None:
    sweeper = ["hydra/sweeper=optuna", "hydra.sweeper.direction=maximize", "hydra.sweeper.n_jobs=1"]
    varied = ["hydra.sweeper.n_trials=2", "filtering.min_resolution=choice(224,420)", "objective=filtered_count"]
    done = sweep(tmp_path, *sweeper, *varied, "hydra/sweeper/sampler=grid")
    assert done.returncode == 0, done.stdout + done.stderr
    best = yaml.safe_load((tmp_path / "out" / "sweep" / "optimization_results.yaml").read_text())
    assert (best["best_value"], best["best_params"]) == (5.0, {"filtering.min_resolution": 224})
    assert "job 1: " in done.stdout
