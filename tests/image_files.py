"""Small pictures, their files in any format, and how they are opened."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, Picture

FULL = Decode(max_side=None)
GREY = Decode(max_side=None, grey=True)
SMALL = Decode(max_side=64)
EVERY_DECODE = [FULL, GREY, SMALL, Decode(max_side=64, grey=True)]
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def encode(image: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def png(colour: str, width: int = 8) -> bytes:
    return encode(Image.new("RGB", (width, 6), colour), "PNG")


def stored(folder: Path, data: bytes, name: str = "picture.jpg") -> ImageRecord:
    path = folder / name
    path.write_bytes(data)
    return ImageRecord(id=digest(data), path=str(path), dataset="d")


def opened(folder: Path, data: bytes, decode: Decode = FULL) -> Picture:
    picture = read_picture(stored(folder, data), decode)
    assert isinstance(picture, Picture), picture
    return picture


def failure(folder: Path, data: bytes, decode: Decode = FULL) -> str:
    result = read_picture(stored(folder, data), decode)
    assert isinstance(result, Failure), result
    return result.kind


def scene(width: int = 300, height: int = 200) -> Image.Image:
    """Smooth colours with a red left half and a blue right half."""
    rows = np.linspace(0, 60, height, dtype=np.uint8)[:, None]
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 1] = rows
    pixels[:, : width // 2, 0] = 255
    pixels[:, width // 2 :, 2] = 255
    return Image.fromarray(pixels)


def noise(width: int = 200, height: int = 150) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def with_png_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk before its pixels."""
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    start = data.index(b"IDAT") - 4
    return data[:start] + chunk + data[start:]


def corner_pixels(picture: Picture) -> list[list[int]]:
    pixels = picture.pixels
    return [pixels[0, 0].tolist(), pixels[0, -1].tolist(), pixels[-1, 0].tolist(), pixels[-1, -1].tolist()]
