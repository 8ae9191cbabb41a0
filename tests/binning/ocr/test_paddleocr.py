"""The real PaddleOCR on the real PP-OCR weights inside the rapidocr wheel, by its onnxruntime engine."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.image_models import ImageModelContract
from contracts.readers import TrainedOcrContract, page, read
from tiny.paddle_ocr import packed

from dcvlr.binning.ocr.paddle_models import VERSIONS, model_names
from dcvlr.binning.ocr.paddleocr import PaddleOcr, lines_of
from dcvlr.errors import ConfigError, MissingPackageError
from dcvlr.identity import identity

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("paddle_cache")]

pytest.importorskip("paddleocr", reason="the paddleocr extra is not installed")
pytest.importorskip("rapidocr", reason="the rapidocr extra, whose wheel holds the weights, is not installed")

ORIENTATION: list[dict[str, Any]] = [
    {"ResizeImage": {"size": [192, 48]}},
    {"NormalizeImage": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "scale": 1 / 255, "order": ""}},
    {"ToCHWImage": None},
]
DEGREES = {"Topk": {"topk": 1, "label_list": ["0_degree", "180_degree"]}}


class TestPaddleOcrLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, ocr: PaddleOcr) -> PaddleOcr:
        return ocr


class TestPaddleOcrReadsLines(TrainedOcrContract):
    @pytest.fixture
    def reader(self, ocr: PaddleOcr) -> PaddleOcr:
        return ocr


def test_short_numbers_and_lone_digits_stay_upright(ocr: PaddleOcr) -> None:
    numbers = page({(60, 60): "99.80", (60, 160): "0.99", (60, 260): "66.08", (400, 60): "1", (400, 160): "7"})
    assert [line.text for line in read(ocr, numbers).lines] == ["99.80", "1", "0.99", "7", "66.08"]


def test_boxes_of_a_shrunk_picture_are_in_full_size_pixels(ocr: PaddleOcr) -> None:
    small = dataclasses.replace(ocr, max_side=640)
    (line,) = read(small, page({(200, 300): "INVOICE"}).resize((1280, 960))).lines
    assert line.text == "INVOICE"
    assert 380 < line.box[0] < 410
    assert 590 < line.box[1] < 625
    assert 615 < line.box[2] < 660


def test_weak_lines_are_dropped(ocr: PaddleOcr) -> None:
    signs = page({(40, 60): "Invoice 17", (40, 200): "Total"})
    blurred = signs.resize((64, 48)).resize((640, 480))
    assert read(dataclasses.replace(ocr, min_score=1.0), blurred).lines == ()
    assert [line.text for line in read(ocr, signs).lines] == ["Invoice 17", "Total"]


def test_lines_of_one_picture_may_be_read_together(ocr: PaddleOcr) -> None:
    together = dataclasses.replace(ocr, recognition_batch_size=8)
    table = page({(40, 40): "Coffee", (480, 42): "3.20", (40, 120): "Bread", (480, 118): "9.30"})
    assert [line.text for line in read(together, table).lines] == ["Coffee", "3.20", "Bread", "9.30"]
    assert identity(together) != identity(ocr)


def test_a_page_on_its_head_is_read_where_lines_may_be_turned(ocr: PaddleOcr, tmp_path: Path) -> None:
    weights = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
    folder = packed(tmp_path / "cls", weights, "PP-LCNet_x1_0_textline_ori", ORIENTATION, DEGREES)
    turning = dataclasses.replace(ocr, textline_orientation=True, orientation_model_dir=str(folder))
    turning.check_ready()
    (line,) = read(turning, page({(200, 300): "INVOICE 2024"}).rotate(180)).lines
    assert line.text == "INVOICE 2024"
    (x0, y0), (x1, _) = line.quad[:2]
    assert x0 > x1 + 100  # it starts at the right
    assert y0 > 160
    label = page({(5, 0): "Units sold"}, (160, 40)).rotate(90, expand=True)
    chart = page({(250, 40): "Sales"})
    chart.paste(label, (30, 200))
    up = next(line for line in read(turning, chart).lines if line.text == "Units sold")
    assert up.quad[0][1] > up.quad[1][1] + 80  # the text runs up


WIDE = np.array([[37, 41], [127, 41], [127, 74], [37, 74]], dtype=np.int16)
TALL = np.array([[10, 20], [40, 20], [40, 120], [10, 120]], dtype=np.int16)


def test_a_recorded_result_becomes_lines() -> None:
    recorded = {"rec_texts": [" Coffee ", "", "3.20"], "rec_scores": [0.99, 0.0, np.float32(0.5)]}
    lines = lines_of({**recorded, "rec_polys": [WIDE, WIDE, TALL], "textline_orientation_angles": [-1, -1, -1]})
    assert [(line.text, line.score) for line in lines] == [("Coffee", 0.99), ("", 0.0), ("3.20", 0.5)]
    assert lines[0].quad == ((37, 41), (127, 41), (127, 74), (37, 74))
    assert lines[2].quad == ((10, 20), (40, 20), (40, 120), (10, 120))


@pytest.mark.parametrize(
    ("box", "angle", "start"), [(WIDE, 0, (37, 41)), (WIDE, 1, (127, 74)), (TALL, 0, (40, 20)), (TALL, 1, (10, 120))]
)
def test_a_line_starts_where_the_orientation_model_says(box: Any, angle: int, start: tuple[int, int]) -> None:
    recorded = {"rec_texts": ["Coffee"], "rec_scores": [0.99], "rec_polys": [box]}
    (line,) = lines_of({**recorded, "textline_orientation_angles": [angle]})
    assert line.quad[0] == start


def test_a_recorded_result_without_text_becomes_no_lines() -> None:
    assert lines_of({"rec_texts": [], "rec_scores": [], "rec_polys": []}) == []


def test_model_names_are_those_of_paddleocr_itself() -> None:
    from paddleocr import PaddleOCR
    from paddleocr._utils import langs

    known = {"ch", "chinese_cht", "en", "japan", "korean", "th", "el", "te", "ta", "ka"}
    for group in ("LATIN", "ARABIC", "ESLAV", "CYRILLIC", "DEVANAGARI"):
        known |= getattr(langs, f"{group}_LANGS")
    for version in (None, *VERSIONS):
        for language in sorted(known):
            theirs = PaddleOCR._get_ocr_model_names(None, language, version)
            try:
                ours = model_names(language, version)
            except ConfigError:
                ours = (None, None)  # type: ignore[assignment]
            assert ours == theirs, (language, version)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("min_score", 1.5),
        ("max_side", 0),
        ("min_side", 0),
        ("recognition_batch_size", 0),
        ("batch_size", 0),
        ("threads", -1),
        ("engine", "tensorrt"),
        ("ocr_version", "PP-OCRv9"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(ocr: PaddleOcr, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        dataclasses.replace(ocr, **{key: value})


def by_name(ocr: PaddleOcr, **changes: Any) -> PaddleOcr:
    return dataclasses.replace(ocr, detection_model_dir=None, recognition_model_dir=None, **changes)


def test_a_language_without_a_model_is_refused_by_name(ocr: PaddleOcr) -> None:
    with pytest.raises(ConfigError, match=r"^language='xx': one of .*en, .*ru"):
        by_name(ocr, language="xx")
    with pytest.raises(ConfigError, match=r"^ocr_version='PP-OCRv4': null or one of .*PP-OCRv5.* knows language 'ru'"):
        by_name(ocr, language="ru", ocr_version="PP-OCRv4")


def test_weights_that_are_not_there_stop_the_run_with_the_ways_out(ocr: PaddleOcr) -> None:
    with pytest.raises(ConfigError) as refused:
        by_name(ocr, detection_model="PP-OCRv5_mobile_det").check_ready()
    cache = os.environ["PADDLE_PDX_CACHE_HOME"]
    for part in ("PP-OCRv5_mobile_det_onnx", cache, "HF_HUB_OFFLINE", "detection_model_dir", "preset=embedded"):
        assert part in str(refused.value)


def test_half_of_a_model_in_the_cache_is_told_before_work(
    ocr: PaddleOcr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "official_models" / "PP-OCRv5_mobile_det_onnx"
    folder.mkdir(parents=True)
    (folder / "inference.yml").write_text("Global: {}")
    with pytest.raises(ConfigError, match=r"PP-OCRv5_mobile_det_onnx lacks inference.onnx, .* remove the folder"):
        by_name(ocr, detection_model="PP-OCRv5_mobile_det").check_ready()


def test_hosts_that_do_not_answer_stop_the_run(ocr: PaddleOcr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    for scheme in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")  # nobody listens there, and no request leaves the machine
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ConfigError, match=r"PP-OCRv6_medium_det_onnx is not in .* none of its hosts answers"):
        by_name(ocr).check_ready()


def test_old_models_are_said_to_need_the_other_engine(ocr: PaddleOcr) -> None:
    with pytest.raises(ConfigError, match=r"PP-OCRv4_mobile_det_onnx .* published for engine=paddle only"):
        by_name(ocr, ocr_version="PP-OCRv4").check_ready()


def test_a_folder_that_lacks_a_file_is_named(ocr: PaddleOcr, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"recognition_model_dir=.*inference.onnx and inference.yml is missing"):
        dataclasses.replace(ocr, recognition_model_dir=str(tmp_path)).check_ready()


def test_a_folder_of_another_model_is_named(ocr: PaddleOcr) -> None:
    wrong = dataclasses.replace(ocr, detection_model="PP-OCRv5_mobile_det")
    with pytest.raises(ConfigError, match=r"detection_model='PP-OCRv5_mobile_det', but .* is that of 'PP-OCRv6_small_"):
        wrong.check_ready()


@pytest.mark.skipif(importlib.util.find_spec("paddle") is not None, reason="PaddlePaddle is installed")
def test_the_paddle_engine_without_paddlepaddle_is_refused_with_the_fix(ocr: PaddleOcr) -> None:
    with pytest.raises(MissingPackageError, match=r"pip install paddlepaddle.*binning.ocr.engine=onnxruntime"):
        dataclasses.replace(ocr, engine="paddle").check_ready()


@pytest.mark.parametrize(("device", "why"), [("mps", "runs on auto, cpu, cuda"), ("cuda:1", "needs onnxruntime-gpu")])
def test_a_device_that_the_engine_has_not_is_refused(ocr: PaddleOcr, device: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"binning.ocr.device='{device}'.* {why}"):
        dataclasses.replace(ocr, device=device).check_ready()


def test_other_weights_in_the_same_folder_are_another_model(ocr: PaddleOcr, tmp_path: Path) -> None:
    folder = tmp_path / "det"
    shutil.copytree(ocr.detection_model_dir or "", folder)
    before = dataclasses.replace(ocr, detection_model_dir=str(folder))
    first = identity(before)
    with (folder / "inference.onnx").open("ab") as weights:
        weights.write(b" ")
    assert identity(dataclasses.replace(before)) != first == identity(before)


def test_it_says_nothing_asks_nobody_and_leaves_the_environment_alone(ocr: PaddleOcr, tmp_path: Path) -> None:
    code = f"""
import os, socket, sys, tempfile
def refuse(*_, **__): raise SystemExit("it reached for the network")
socket.getaddrinfo = refuse
socket.socket.connect = refuse
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from contracts.image_models import drawn_images, picture_of
from dcvlr.binning.ocr.paddleocr import PaddleOcr
before = dict(os.environ)
ocr = PaddleOcr(**{ ({f.name: getattr(ocr, f.name) for f in dataclasses.fields(ocr) if f.init})!r})
(result,) = ocr([picture_of(drawn_images()[0], ocr.decode)])
assert result.lines[0].text == "Total 12.50", result
assert dict(os.environ) == before
"""
    env = {**os.environ, "PADDLE_PDX_CACHE_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
