from __future__ import annotations

from pathlib import Path

import pytest
from tiny.yolo import yolo as tiny_yolo

from dcvlr.binning.detector.yolo import Yolo


@pytest.fixture(scope="session")
def yolo_weights(tiny_folder: Path) -> str:
    return str(tiny_yolo(tiny_folder))


@pytest.fixture(scope="session")
def yolo(yolo_weights: str) -> Yolo:
    return Yolo(
        model=yolo_weights,
        min_score=0.1,
        iou=0.5,
        image_size=160,
        max_objects=20,
        dtype="auto",
        weights_dir=None,
        download=False,
        safe_load=True,
        batch_size=4,
        device="cpu",
    )
