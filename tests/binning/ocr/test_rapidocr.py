from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from contracts.image_models import ImageModelContract, picture_of
from contracts.readers import TrainedOcrContract, page, read
from PIL import Image, ImageDraw

from dcvlr.binning.ocr.rapid_engines import rapid_engine
from dcvlr.binning.ocr.rapid_models import require_model
from dcvlr.binning.ocr.rapidocr import RapidOcr
from dcvlr.errors import ConfigError, MissingPackageError
from dcvlr.identity import identity

pytestmark = pytest.mark.slow

pytest.importorskip("rapidocr", reason="the rapidocr extra is not installed")


@pytest.fixture(scope="module")
def ocr() -> RapidOcr:
    return RapidOcr(engine="onnxruntime", language="en", min_score=0.6, max_side=2000, batch_size=4, engines=2)


class TestRapidOcrLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, ocr: RapidOcr) -> RapidOcr:
        return ocr


class TestRapidOcrReadsLines(TrainedOcrContract):
    @pytest.fixture
    def reader(self, ocr: RapidOcr) -> RapidOcr:
        return ocr


def test_openvino_reads_the_same_lines_in_full_precision(ocr: RapidOcr) -> None:
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    other = dataclasses.replace(ocr, engine="openvino", engines=1)
    other.check_ready()
    bill = page({(40, 40): "Coffee", (480, 42): "3.20", (40, 120): "Bread", (480, 118): "9.30", (480, 200): "12.50"})
    assert [line.text for line in read(other, bill).lines] == ["Coffee", "3.20", "Bread", "9.30", "12.50"]
    assert identity(other) != identity(ocr)


def test_detection_finds_the_same_without_numbers_too_near_to_zero() -> None:
    """They are taken as zero where `rapid_engine` loads the detection itself."""
    usual, flushed = (rapid_engine("onnxruntime", "en", 2000, parts=parts) for parts in (("Rec",), ("Det", "Rec")))
    batch = np.random.default_rng(0).normal(size=(1, 3, 320, 320)).astype(np.float32)
    assert np.array_equal(usual._load_det_model().session(batch), flushed._load_det_model().session(batch))


def test_openvino_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    """Left alone it sends an event to Google Analytics when it is imported; Python reports every look-up of a host."""
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    code = """
import atexit, sys
reached = []
atexit.register(lambda: print(reached))  # after all threads ended
names = ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto")
sys.addaudithook(lambda name, arguments: reached.append(arguments) if name in names else None)
import numpy
from dcvlr.binning.ocr.rapid_engines import rapid_engine
rapid_engine("openvino", "en", 2000)(numpy.zeros((64, 64, 3), numpy.uint8))
import openvino
"""
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False, timeout=300
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
    assert list(tmp_path.iterdir()) == []  # no client id either


def test_openvino_without_its_package_is_an_error_and_no_other_engine(
    ocr: RapidOcr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)  # as Python has it for what cannot be imported
    with pytest.raises(MissingPackageError, match=r'engine=openvino needs openvino: pip install "dcvlr\[openvino\]"'):
        dataclasses.replace(ocr, engine="openvino").check_ready()


def test_one_model_reads_latin_script_and_another_is_part_of_the_identity(ocr: RapidOcr) -> None:
    dataclasses.replace(ocr, language="german").check_ready()
    assert identity(dataclasses.replace(ocr, language="ru")) != identity(ocr)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (
            "ru",
            r"language='ru': eslav_PP-OCRv5_rec_mobile.onnx is not in .*HF_HUB_OFFLINE is set: unset it, put it there",
        ),
        ("ka", "binning.ocr.language='ka': rapidocr does not read it: choose binning/ocr=paddleocr"),
        ("xx", "binning.ocr.language='xx': one of abq, .* is allowed"),
    ],
)
def test_a_language_whose_model_is_not_there_is_refused(
    ocr: RapidOcr, monkeypatch: pytest.MonkeyPatch, language: str, message: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ConfigError, match=message):
        dataclasses.replace(ocr, language=language).check_ready()


def test_a_model_that_lies_in_its_place_is_asked_for_by_its_script(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ConfigError, match=r"cyrillic_PP-OCRv5_rec_mobile\.onnx is not in"):
        require_model("bg", tmp_path)
    (tmp_path / "cyrillic_PP-OCRv5_rec_mobile.onnx").touch()
    require_model("bg", tmp_path)
    settings = rapid_engine("onnxruntime", "bg", 2000).cfg.Rec
    assert (settings.lang_type, settings.ocr_version.value, settings.model_type.value) == (
        "cyrillic",
        "PP-OCRv5",
        "mobile",
    )


def test_a_glyph_in_a_picture_without_words_is_read_twice(ocr: RapidOcr) -> None:
    """A disc with a notch is no letter, however sure the first reading is; a printed number is one."""
    disc = Image.new("RGB", (400, 300), (90, 120, 60))
    pen = ImageDraw.Draw(disc)
    pen.ellipse((60, 30, 340, 270), fill=(30, 30, 30))
    pen.ellipse((130, 90, 270, 210), fill=(200, 190, 150))
    assert read(ocr, disc).lines == ()
    assert [line.text for line in read(ocr, page({(300, 200): "42"})).lines] == ["42"]


def test_a_lone_tall_digit_is_read_upright(ocr: RapidOcr) -> None:
    digits = page({(60, 100): "1", (260, 100): "7", (460, 100): "1"})
    assert [line.text for line in read(ocr, digits).lines] == ["1", "7", "1"]


def test_short_numbers_are_never_turned_upside_down(ocr: RapidOcr) -> None:
    numbers = page({(60, 60): "99.80", (60, 160): "0.99", (60, 260): "66.08"})
    assert [line.text for line in read(ocr, numbers).lines] == ["99.80", "0.99", "66.08"]


def test_boxes_of_a_shrunk_picture_are_in_full_size_pixels(ocr: RapidOcr) -> None:
    small = dataclasses.replace(ocr, max_side=640, engines=1)
    image = page({(200, 300): "INVOICE"}).resize((1280, 960))
    (line,) = read(small, image).lines
    assert line.text == "INVOICE"
    assert 380 < line.box[0] < 410
    assert 590 < line.box[1] < 625
    assert 615 < line.box[2] < 660


def test_weak_lines_are_dropped(ocr: RapidOcr) -> None:
    signs = page({(40 + 70 * i, 50): sign for i, sign in enumerate("17I05")}, (400, 300))
    sure = dataclasses.replace(ocr, min_score=0.98, engines=1)
    assert [line.text for line in read(ocr, signs).lines] == ["1", "7", "I", "0", "5"]
    assert [line.text for line in read(sure, signs).lines] == ["1", "7", "0", "5"]  # a stroke may be I, l or 1


def test_the_number_of_engines_changes_nothing(ocr: RapidOcr) -> None:
    images = [page({(40, 60): "One", (40, 160): "two 22"}), page({(40, 60): "Three 3.33"}), page({(90, 200): "Four"})]
    pictures = [picture_of(image, ocr.decode) for image in images]
    assert dataclasses.replace(ocr, engines=1)(pictures) == ocr(pictures)


@pytest.mark.parametrize(("key", "value"), [("min_score", 1.5), ("max_side", 0), ("batch_size", 0), ("engines", -1)])
def test_a_setting_out_of_range_is_refused_by_name(ocr: RapidOcr, key: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value}"):
        dataclasses.replace(ocr, **{key: value})
