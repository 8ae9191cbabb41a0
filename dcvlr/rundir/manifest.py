"""manifest.json: what a run directory was made from and with, so that a dataset can be traced and is not mixed up."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.identity import file_digest
from dcvlr.rundir.files import read_regular, set_aside, write_json
from dcvlr.rundir.versions import installed


def check_same_source(run_dir: Path, location: str, *, overwrite: bool) -> None:
    """Raise `ConfigError` if `run_dir` holds a run over other pictures and that is not to be overwritten."""
    if overwrite:
        return
    made_from = source_of(run_dir)
    if made_from not in (None, location):
        raise ConfigError(
            f"output_dir={str(run_dir)!r} was made from {made_from!r}, this run reads {location!r}: "
            "choose another output_dir, or overwrite=true to replace its results (what models measured is kept)"
        )


def remove_stale_results(run_dir: Path, location: str) -> None:
    """Remove results over other pictures, which would lie beside those of this run as if they belonged to them."""
    if source_of(run_dir) in (None, location):
        return
    for name in ("synthetic_qa_dataset.jsonl", "rejected.jsonl", "pipeline_results.json"):
        (run_dir / name).unlink(missing_ok=True)
    for stage in run_dir.glob("intermediate/stage[1-9]*"):
        shutil.rmtree(stage)
    shutil.rmtree(run_dir / "export", ignore_errors=True)


def source_of(run_dir: Path) -> str | None:
    """What the run in `run_dir` was made from; None where there is none, or no manifest that can be read.

    Raises `ConfigError` for a file of something else.
    """
    path = run_dir / "manifest.json"
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return None
    manifest = _parsed(content) if isinstance(content, bytes) else content
    if isinstance(manifest, str):
        set_aside(path, f"{manifest}; the results are made anew")
        return None
    try:
        return str(manifest["source"])
    except (KeyError, TypeError):
        raise ConfigError(f"{path} is not a dcvlr manifest: choose another output_dir, or remove it") from None


def read_manifest(run_dir: Path) -> dict[str, Any]:
    """The manifest of the last run; empty where there is none that can be read."""
    try:
        content = read_regular(run_dir / "manifest.json")
    except FileNotFoundError:
        return {}
    manifest = _parsed(content) if isinstance(content, bytes) else content
    return manifest if isinstance(manifest, dict) else {}


def _parsed(content: bytes) -> Any:
    """The value, or a text that says what is wrong."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        return "it is damaged"
    return "it is damaged" if isinstance(manifest, str) else manifest


def write_manifest(run_dir: Path, **facts: Any) -> None:
    """`facts` beside the versions of everything that could matter."""
    write_json(run_dir / "manifest.json", {**facts, "python": platform.python_version(), "versions": installed()})


def now() -> str:
    """The time in UTC, as ISO 8601 writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def program() -> dict[str, Any]:
    """Which program ran where: version, commit of a checkout, the command and the machine."""
    return {
        "dcvlr": metadata.version("dcvlr"),
        "commit": _commit(),
        "command": sys.argv,
        "machine": {"host": socket.gethostname(), "platform": platform.platform(), "cores": os.cpu_count()},
    }


def _commit() -> str | None:
    """Of the checkout that this code stands in; None where it was installed."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def file_digests(run_dir: Path, paths: Iterable[Path]) -> dict[str, str]:
    """BLAKE3 of result files, by their names below `run_dir`."""
    return {str(path.relative_to(run_dir)): file_digest(path) for path in paths}
