"""Output folders in which the text of pictures, the dearest thing to measure, is read already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcvlr.config import build, compose
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord


def read_text(images: Path, out: Path) -> Path:
    """`out`, where `checkpoints` holds what the default model reads in each picture below `images`."""
    ocr: Any = build(compose([f"images_dir={images}"])).stages["binning"].ocr  # type: ignore[attr-defined]
    by_id = {digest(path.read_bytes()): str(path) for path in sorted(images.rglob("*.*"))}
    Memo(out / "checkpoints").measure(ocr, [ImageRecord(id=key, path=by_id[key], dataset="drawn") for key in by_id])
    return out
