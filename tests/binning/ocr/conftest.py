from __future__ import annotations

from pathlib import Path

import pytest
from tiny.paddle_ocr import paddle_ocr

from dcvlr.binning.ocr.paddleocr import PaddleOcr


@pytest.fixture(scope="session")
def ocr(tiny_folder: Path) -> PaddleOcr:
    finds, reads = paddle_ocr(tiny_folder)
    return PaddleOcr(
        language="en",
        ocr_version=None,
        detection_model=None,
        recognition_model=None,
        textline_orientation=False,
        orientation_model="PP-LCNet_x1_0_textline_ori",
        orientation_model_dir=None,
        engine="onnxruntime",
        min_score=0.6,
        max_side=2000,
        min_side=320,
        recognition_batch_size=1,
        batch_size=4,
        threads=2,
        device="cpu",
        detection_model_dir=str(finds),
        recognition_model_dir=str(reads),
    )


@pytest.fixture
def paddle_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """PaddleOCR makes its cache folders when it is imported: not in the home of whoever runs the tests."""
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "paddlex"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
