"""What happens to files that are cut, altered, too large or gone."""

from __future__ import annotations

import shutil
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_files import (
    EVERY_DECODE,
    FULL,
    SMALL,
    encode,
    failure,
    noise,
    scene,
    stored,
)

from dcvlr.images import MAX_PIXELS, read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Picture


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_a_truncated_file_is_a_decode_failure(tmp_path: Path, image_format: str) -> None:
    data = encode(noise(), image_format)
    for share in (0.02, 0.3, 0.7, 0.98):
        for decode in EVERY_DECODE:
            assert failure(tmp_path, data[: int(len(data) * share)], decode) == "decode", (share, decode)


def test_a_truncated_progressive_jpeg_is_a_decode_failure(tmp_path: Path) -> None:
    data = encode(noise(), "JPEG", progressive=True)
    for decode in EVERY_DECODE:
        assert failure(tmp_path, data[: len(data) // 2], decode) == "decode"


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, b"not a picture", b"\xff\xd8\xff", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_picture_is_a_decode_failure(tmp_path: Path, data: bytes) -> None:
    assert failure(tmp_path, data) == "decode"


def test_a_jpeg_that_draws_over_itself_without_end_is_a_decode_failure(tmp_path: Path) -> None:
    data = encode(scene(), "JPEG", progressive=True)
    scan = data[data.rfind(b"\xff\xda") : -2]
    for more, is_bad in ((90, False), (91, True), (20_000, True)):
        result = read_picture(stored(tmp_path, data[:-2] + more * scan + data[-2:]), FULL)
        assert isinstance(result, Failure) == is_bad
        assert not is_bad or result.message == "a JPEG of more than 100 scans, which would take for ever"  # type: ignore[union-attr]


def test_what_stands_behind_a_jpeg_is_none_of_its_scans(tmp_path: Path) -> None:
    data = encode(scene(), "JPEG")
    record = stored(tmp_path, data + 200 * b"\xff\xda\x00\x02")  # a film, as telephones put it there
    assert isinstance(read_picture(record, FULL), Picture)


def test_a_tiff_of_a_compression_that_does_not_exist_is_a_decode_failure(tmp_path: Path) -> None:
    data = encode(scene(), "TIFF").replace(struct.pack("<HHII", 259, 3, 1, 1), struct.pack("<HHII", 259, 3, 1, 40056))
    assert failure(tmp_path, data) == "decode"


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_000, 9_000), (60_000, 60_000), (MAX_PIXELS + 1, 1)])
def test_a_pixel_bomb_is_too_large_and_makes_no_noise(tmp_path: Path, width: int, height: int) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert failure(tmp_path, png_that_claims(width, height), SMALL) == "too_large"
    assert caught == []


def test_a_picture_just_within_the_limit_is_not_too_large(tmp_path: Path) -> None:
    assert failure(tmp_path, png_that_claims(9459, 9459)) == "decode"  # since the pixels are not there


def test_a_file_too_large_to_read_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)
    result = read_picture(ImageRecord(id="0" * 32, path=str(path), dataset="d"), FULL)
    assert isinstance(result, Failure)
    assert result.kind == "too_large"


def test_what_cannot_be_read_is_named_and_tried_again_by_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    for name, kind in (("absent.jpg", "missing"), ("folder.jpg", "io")):
        result = read_picture(ImageRecord(id="0" * 32, path=str(tmp_path / name), dataset="d"), FULL)
        assert isinstance(result, Failure)
        assert (result.kind, result.remembered) == (kind, False)
        assert name in result.message


def test_other_bytes_than_were_found_are_changed(tmp_path: Path) -> None:
    record = stored(tmp_path, encode(scene(), "PNG"))
    stored(tmp_path, encode(noise(), "PNG"))
    result = read_picture(record, FULL)
    assert isinstance(result, Failure)
    assert (result.kind, result.remembered) == ("changed", False)


@pytest.mark.parametrize("fate", ["vanished", "changed"])
def test_a_copy_stands_in_for_a_first_place_that_is_gone(tmp_path: Path, fate: str) -> None:
    data = encode(scene(), "PNG")
    first, second = stored(tmp_path, data, "a.png"), stored(tmp_path, data, "b.png")
    Path(first.path).unlink() if fate == "vanished" else Path(first.path).write_bytes(b"other")
    record = ImageRecord(id=first.id, path=first.path, dataset="d", copies=(second.path,))
    picture = read_picture(record, FULL)
    assert isinstance(picture, Picture)
    assert picture.path == first.path


def test_the_first_place_is_named_when_every_place_is_gone(tmp_path: Path) -> None:
    record = ImageRecord(id="0" * 32, path=str(tmp_path / "a"), dataset="d", copies=(str(tmp_path / "b"),))
    result = read_picture(record, FULL)
    assert isinstance(result, Failure)
    assert str(tmp_path / "a") in result.message


def test_pixels_depend_on_bytes_and_decode_alone(tmp_path: Path) -> None:
    data = encode(noise(900, 700), "JPEG")
    one = stored(tmp_path, data, "one.jpg")
    shutil.copy(one.path, tmp_path / "two.bmp")
    two = ImageRecord(id=one.id, path=str(tmp_path / "two.bmp"), dataset="other")
    for decode in EVERY_DECODE:
        first, second = read_picture(one, decode), read_picture(two, decode)
        assert isinstance(first, Picture)
        assert isinstance(second, Picture)
        assert np.array_equal(first.pixels, second.pixels)


SEEDS = {
    image_format: encode(noise(48, 36), image_format) for image_format in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
}


@settings(max_examples=3 * settings().max_examples)
@given(st.sampled_from(sorted(SEEDS)), st.sampled_from(EVERY_DECODE), st.data())
def test_no_damage_to_a_file_is_raised(
    tmp_path_factory: pytest.TempPathFactory, image_format: str, decode: Decode, data: st.DataObject
) -> None:
    damaged = bytearray(SEEDS[image_format])
    offsets = st.integers(0, len(damaged) - 1) | st.integers(0, 100)
    for offset, value in data.draw(st.lists(st.tuples(offsets, st.integers(0, 255)), min_size=1, max_size=6)):
        damaged[offset] = value
    cut = data.draw(st.none() | st.integers(0, len(damaged)))
    record = stored(tmp_path_factory.getbasetemp(), bytes(damaged[:cut]), "damaged")
    result = read_picture(record, decode)
    if isinstance(result, Failure):
        assert result.kind in {"decode", "too_large"}
    else:
        assert result.pixels.shape[2:] == (() if decode.grey else (3,))


def test_what_is_no_picture_has_the_same_reason_each_time(tmp_path: Path) -> None:
    record = stored(tmp_path, b"hello, I am no picture at all, only text")
    first, second = read_picture(record, FULL), read_picture(record, FULL)
    assert first == second
    assert isinstance(first, Failure)
    assert first.message == "not a picture: none of JPEG, PNG, GIF, BMP, TIFF, WEBP, JPEG2000, AVIF begins like this"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avif", "it begins like a picture, but is cut off or damaged"),
    ],
)
def test_an_empty_file_and_a_cut_one_are_called_what_they_are(tmp_path: Path, content: bytes, message: str) -> None:
    result = read_picture(stored(tmp_path, content), FULL)
    assert isinstance(result, Failure)
    assert (result.kind, result.message) == ("decode", message)
