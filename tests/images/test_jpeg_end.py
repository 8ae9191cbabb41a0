from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_files import EVERY_DECODE, encode, failure, noise, opened, scene
from PIL import Image

from dcvlr.images import with_all_ends
from dcvlr.images.jpeg_end import lacks_end, with_end

KINDS = {"baseline": {}, "progressive": {"progressive": True}, "grey": {}, "restarts": {"restart_marker_blocks": 4}}


def jpeg(kind: str, picture: Image.Image) -> bytes:
    return encode(picture.convert("L") if kind == "grey" else picture, "JPEG", quality=90, **KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_that_lacks_only_its_end_marker_is_the_same_picture(tmp_path: Path, kind: str, missing: int) -> None:
    data = jpeg(kind, noise())
    assert not lacks_end(data)
    for decode in EVERY_DECODE:
        whole, cut = opened(tmp_path, data, decode), opened(tmp_path, data[:-missing], decode)
        np.testing.assert_array_equal(cut.pixels, whole.pixels, str(decode))


def test_what_is_exported_has_the_end_marker_again() -> None:
    data = jpeg("baseline", scene())
    assert with_all_ends(data[:-2]) == data
    assert with_all_ends(data) is data
    assert with_all_ends(data + b"\0\0 trailing") == data + b"\0\0 trailing"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [12, 40, 400, 4000])
def test_a_jpeg_that_lacks_pixels_too_stays_unreadable(tmp_path: Path, kind: str, missing: int) -> None:
    assert failure(tmp_path, jpeg(kind, noise())[:-missing]) == "decode"


def test_a_progressive_jpeg_that_is_cut_between_two_scans_stays_unreadable(tmp_path: Path) -> None:
    data = jpeg("progressive", noise())
    last_tables = data.rindex(b"\xff\xc4")  # the Huffman table of the last scan
    assert failure(tmp_path, data[:last_tables]) == "decode"


def test_a_jpeg_that_is_cut_at_a_restart_marker_stays_unreadable(tmp_path: Path) -> None:
    data = jpeg("restarts", noise())
    assert failure(tmp_path, data[: data.rindex(b"\xff\xd2")]) == "decode"


def test_a_jpeg_above_the_limit_of_pixels_is_not_decoded_to_find_out() -> None:
    assert with_end(jpeg("baseline", noise())[:-2], max_pixels=200 * 150 - 1) is None


def test_the_head_of_a_jpeg_alone_is_no_picture() -> None:
    file = BytesIO()
    Image.new("RGB", (20, 20)).save(file, "JPEG")
    assert with_end(file.getvalue()[:100], max_pixels=10**6) is None
