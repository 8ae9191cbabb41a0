"""report.html: one file that opens from disk, asks no network, and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from dcvlr.report.data import report_data
from dcvlr.report.thumbnails import Thumbnails
from dcvlr.rundir.belonging import REPORT
from dcvlr.rundir.files import atomic_write
from dcvlr.rundir.reader import RunDirectory

_BUDGET_BYTES = 11_000_000  # of embedded pictures, so that a page stays below 15 MB
_SCRIPTS = (
    "elements.js",
    "decide.js",
    "overview.js",
    "thresholds.js",
    "pictures.js",
    "questions.js",
    "audit.js",
    "start.js",
)


def write_report(run_dir: Path, detail: Literal["full", "light"], defaults: Mapping[str, Any]) -> Path:
    """Write `report.html` into a finished run directory; `light` links pictures instead of embedding them.

    `defaults` is the configuration that the run's is held against.
    Raises `ConfigError` where `run_dir` holds no run.
    """
    thumbnails = Thumbnails(embedded=detail == "full", budget_bytes=_BUDGET_BYTES)
    page = render(report_data(RunDirectory(run_dir), thumbnails, defaults))
    path = run_dir / REPORT
    with atomic_write(path) as file:
        file.write(page.encode("utf-8", "backslashreplace"))
    return path


def render(data: dict[str, Any]) -> str:
    """The page over `data`. Text in it reaches the page as text only: `<` is escaped, the script sets no HTML."""
    assets = files("dcvlr.report") / "assets"
    script = "\n".join((assets / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    parts = {
        "POLICY": f"default-src 'none'; img-src data: file:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        "STYLE": (assets / "style.css").read_text(encoding="utf-8"),
        "SCRIPT": script,
        "DATA": msgspec.json.encode(data).decode().replace("<", "\\u003c"),
    }
    before, *rest = (assets / "page.html").read_text(encoding="utf-8").split("@@")
    return before + "".join(parts[piece] if index % 2 == 0 else piece for index, piece in enumerate(rest))
