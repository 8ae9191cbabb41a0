from __future__ import annotations

import io
import os
import socket
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from image_files import (
    BLUE,
    EVERY_DECODE,
    FULL,
    GREY,
    RED,
    SMALL,
    corner_pixels,
    encode,
    opened,
    scene,
    stored,
    with_png_chunk,
)
from PIL import Image

from dcvlr.images import orientation, read_picture
from dcvlr.images.formats import HEAD_BYTES, begins_like_a_picture
from dcvlr.records import Decode, Failure, ImageRecord


def test_a_picture_has_its_full_size_format_and_rgb_pixels(tmp_path: Path) -> None:
    picture = opened(tmp_path, encode(scene(), "PNG"))
    assert (picture.width, picture.height, picture.format) == (300, 200, "PNG")
    assert picture.pixels.shape == (200, 300, 3)
    assert picture.pixels.dtype == np.uint8
    assert corner_pixels(picture) == [[255, 0, 0], [0, 0, 255], [255, 60, 0], [0, 60, 255]]


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "AVIF"])
def test_every_format_opens_whatever_the_suffix_says(tmp_path: Path, image_format: str) -> None:
    data = encode(scene(), image_format)
    assert begins_like_a_picture(data[:HEAD_BYTES])
    picture = opened(tmp_path, data)
    assert (picture.format, picture.width, picture.height) == (image_format, 300, 200)
    assert np.abs(picture.pixels[100, 40].astype(int) - [255, 30, 0]).max() < 12


def test_heic_is_read_where_pillow_heif_is_installed(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="HEIC needs the extra heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(scene()).save(file, format="HEIF", quality=95)
    assert begins_like_a_picture(file.getvalue()[:HEAD_BYTES])
    picture = opened(tmp_path, file.getvalue())
    assert (picture.format, picture.width, picture.height) == ("HEIF", 300, 200)
    assert np.abs(picture.pixels[100, 40].astype(int) - [255, 30, 0]).max() < 12


def test_heic_without_pillow_heif_is_no_fault_of_the_picture_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # as Python has it for what cannot be imported
    head = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 40
    result = read_picture(stored(tmp_path, head), Decode(max_side=None))
    assert isinstance(result, Failure)
    assert (result.kind, result.remembered) == ("package", False)
    assert result.message == 'a HEIC or HEIF picture needs pillow_heif: pip install "dcvlr[heif]"'


@pytest.mark.parametrize(
    "head",
    [b"", b"BM is how this text begins", b"%PDF-1.7", b"P6\n2 2\n255\n", b"RIFF\x00\x00\x00\x00WAVE", b"\xff\xd8"],
)
def test_other_files_do_not_begin_like_pictures(head: bytes) -> None:
    assert not begins_like_a_picture(head)


def test_a_picture_of_several_views_is_its_first_view(tmp_path: Path) -> None:
    data = encode(Image.new("RGB", (40, 30), RED), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    assert opened(tmp_path, data).pixels[15, 20].tolist() == [254, 0, 0]


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_is_its_first_frame(tmp_path: Path, image_format: str) -> None:
    options = {"lossless": True} if image_format == "WEBP" else {}
    frames = [Image.new("RGB", (40, 30), colour) for colour in (RED, BLUE)]
    data = encode(frames[0], image_format, save_all=True, append_images=frames[1:], **options)
    assert opened(tmp_path, data).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, image_format: str, orientation: int) -> None:
    upright = Image.new("RGB", (160, 80), "black")
    upright.paste("white", (0, 0, 80, 40))  # the top left quarter
    stored_as = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the turn that undoes each orientation
    turned = upright if orientation == 1 else upright.transpose(Image.Transpose(stored_as[orientation]))
    exif = Image.Exif()
    exif[0x112] = orientation
    data = encode(turned, image_format, exif=exif)
    for decode in EVERY_DECODE:
        picture = opened(tmp_path, data, decode)
        rows, columns = picture.pixels.shape[:2]
        levels = picture.pixels.reshape(rows, columns, -1).mean(axis=2)
        quarters = [levels[rows * y // 4, columns * x // 4] > 128 for y in (1, 3) for x in (1, 3)]
        assert (picture.width, picture.height) == (160, 80)
        assert (columns, rows) == ((64, 32) if decode.max_side else (160, 80))
        assert quarters == [True, False, False, False], decode


@pytest.mark.parametrize("exif", [b"garbage", b"Exif\0\0garbage!!", b"Exif\0\0II*\0\x08\0\0"])
@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP"])
def test_broken_exif_leaves_the_picture_as_it_is(tmp_path: Path, image_format: str, exif: bytes) -> None:
    assert opened(tmp_path, encode(scene(), image_format, exif=exif)).width == 300


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    picture = opened(tmp_path, encode(Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG", quality=95))
    assert np.abs(picture.pixels.astype(int) - [255, 0, 0]).max() <= 6


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path, image_format: str) -> None:
    levels = np.array([[0, 256, 32768, 65535]], np.uint16)
    picture = opened(tmp_path, encode(Image.fromarray(levels), image_format))
    assert picture.pixels[0].tolist() == [[0, 0, 0], [1, 1, 1], [128, 128, 128], [255, 255, 255]]


def test_big_endian_sixteen_bits_are_read_in_their_order(tmp_path: Path) -> None:
    tags = [(256, 3, 2), (257, 3, 1), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (279, 4, 4)]
    entries = b"".join(
        struct.pack(">HHI", t, k, 1) + (struct.pack(">HH", v, 0) if k == 3 else struct.pack(">I", v))
        for t, k, v in tags
    )
    data = b"MM\0*\0\0\0\x0c" + struct.pack(">HH", 0, 0x8000) + struct.pack(">H", len(tags)) + entries + b"\0\0\0\0"
    assert opened(tmp_path, data, GREY).pixels.tolist() == [[0, 128]]


def test_32_bit_integers_and_floats_are_stretched_over_their_range(tmp_path: Path) -> None:
    whole = Image.fromarray(np.array([[-1000, 0, 1000]], np.int32))
    assert opened(tmp_path, encode(whole, "TIFF"), GREY).pixels.tolist() == [[0, 128, 255]]
    parts = Image.fromarray(np.array([[0.0, 0.25, 1.0, np.inf, -np.inf, np.nan]], np.float32))
    assert opened(tmp_path, encode(parts, "TIFF"), GREY).pixels.tolist() == [[0, 64, 255, 255, 0, 0]]
    even = Image.fromarray(np.full((1, 3), 7.5, np.float32))
    assert opened(tmp_path, encode(even, "TIFF"), GREY).pixels.tolist() == [[0, 0, 0]]


def test_one_bit_pictures_become_black_and_white(tmp_path: Path) -> None:
    image = Image.new("1", (16, 8), 0)
    image.putpixel((3, 2), 1)
    pixels = opened(tmp_path, encode(image, "PNG"), GREY).pixels
    assert (pixels[2, 3], pixels.sum()) == (255, 255)


def test_alpha_is_laid_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (3, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    image.putpixel((2, 0), (0, 0, 0, 51))
    assert opened(tmp_path, encode(image, "PNG")).pixels[0].tolist() == [[255, 0, 0], [255, 255, 255], [204, 204, 204]]
    grey = Image.new("LA", (1, 1), (0, 0))
    assert opened(tmp_path, encode(grey, "PNG"), GREY).pixels.tolist() == [[255]]


def test_a_transparent_palette_colour_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    for image_format in ("PNG", "GIF"):
        data = encode(image, image_format, transparency=0)
        assert opened(tmp_path, data).pixels[0].tolist() == [[255, 255, 255], [200, 100, 50]]


def test_a_transparent_rgb_colour_is_white(tmp_path: Path) -> None:
    image = Image.new("RGB", (2, 1), BLUE)
    image.putpixel((1, 0), RED)
    data = encode(image, "PNG", transparency=BLUE)
    assert opened(tmp_path, data).pixels[0].tolist() == [[255, 255, 255], [255, 0, 0]]


@pytest.mark.parametrize(("decode", "white", "near"), [(FULL, [255, 255, 255], [1, 1, 1]), (GREY, 255, 1)])
def test_a_transparent_level_of_sixteen_bits_is_white_and_its_neighbours_are_not(
    tmp_path: Path, decode: Decode, white: object, near: object
) -> None:
    image = Image.fromarray(np.array([[256, 257, 511]], np.uint16))
    data = with_png_chunk(encode(image, "PNG"), b"tRNS", struct.pack(">H", 257))
    assert opened(tmp_path, data, decode).pixels[0].tolist() == [near, white, near]


def test_an_orientation_that_cannot_be_read_is_told_from_none(tmp_path: Path) -> None:
    plain = encode(scene(), "PNG")
    with Image.open(io.BytesIO(plain)) as sound:
        assert orientation(sound) == 1
    with Image.open(io.BytesIO(with_png_chunk(plain, b"eXIf", b"garbage"))) as broken:
        assert orientation(broken) is None


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_a_large_picture_is_shrunk_to_the_longer_side_and_keeps_its_full_size(
    tmp_path: Path, image_format: str
) -> None:
    picture = opened(tmp_path, encode(scene(1000, 400), image_format), Decode(max_side=100))
    assert picture.pixels.shape == (40, 100, 3)
    assert (picture.width, picture.height) == (1000, 400)
    assert picture.to_full_size(50, 20) == (500, 200)
    assert np.abs(picture.pixels[20, 20].astype(int) - [255, 30, 0]).max() < 12


@pytest.mark.parametrize(
    ("image_format", "max_side", "shape"),
    [
        ("JPEG", 400, (200, 500)),  # as libjpeg shrinks it, to half
        ("JPEG", 300, (200, 500)),
        ("PNG", 600, (400, 1000)),
        ("PNG", 100, (40, 100)),
    ],
)
def test_a_picture_that_need_not_be_resized_comes_as_it_was_decoded_up_to_twice_the_size(
    image_format: str, max_side: int, shape: tuple[int, int], tmp_path: Path
) -> None:
    picture = opened(tmp_path, encode(scene(1000, 400), image_format), Decode(max_side=max_side, resized=False))
    assert picture.pixels.shape[:2] == shape
    assert (picture.width, picture.height) == (1000, 400)


@pytest.mark.parametrize("decode", [Decode(max_side=300), Decode(max_side=5000)])
def test_a_picture_is_never_enlarged(tmp_path: Path, decode: Decode) -> None:
    assert opened(tmp_path, encode(scene(), "JPEG"), decode).pixels.shape == (200, 300, 3)


def test_a_thin_picture_keeps_at_least_one_pixel(tmp_path: Path) -> None:
    assert opened(tmp_path, encode(Image.new("RGB", (2000, 1)), "PNG"), SMALL).pixels.shape == (1, 64, 3)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_grey_is_one_channel_close_to_the_luma_of_the_colours(tmp_path: Path, mode: str) -> None:
    data = encode(scene().convert(mode), "JPEG", quality=95)
    grey = opened(tmp_path, data, GREY).pixels
    luma = Image.fromarray(opened(tmp_path, data).pixels).convert("L")
    assert grey.shape == (200, 300)
    assert np.abs(grey.astype(int) - np.asarray(luma)).mean() <= 1


def test_pixels_cannot_be_changed_by_one_model_under_another(tmp_path: Path) -> None:
    picture = opened(tmp_path, encode(scene(), "PNG"))
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0] = 0


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "proc", "folder"])
def test_what_is_no_file_of_a_disk_is_refused_without_opening_it(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            listening.bind(str(path))
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero" if kind == "device" else "/proc/self/environ")
        failure = read_picture(ImageRecord(id="0" * 32, path=str(path), dataset="d"), Decode(max_side=None))
    assert failure == Failure(kind="io", message=f"{path} cannot be read: it is no file of a disk")
