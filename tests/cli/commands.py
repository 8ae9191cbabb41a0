"""Runs of the command line in processes of their own, and what they leave."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from forked import run_python

RESULTS = ["synthetic_qa_dataset.jsonl", "rejected.jsonl", "pipeline_results.json"]


def dcvlr(*overrides: str, code: int = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = run_python("-m", "dcvlr", *overrides, cwd=cwd)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done


def results(folder: Path) -> dict[str, bytes]:
    """Every result file but those that tell times."""
    files = [folder / name for name in RESULTS] + sorted((folder / "intermediate").rglob("*.json*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
