"""Pictures of every format that is opened, and what makes them bad: damage, lies in headers, bombs, files in files."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from PIL import Image, features

WIDTH, HEIGHT = 93, 71  # numbers that stand nowhere else in a header

Bytes = Callable[[random.Random, list[bytes]], bytes]


def sound() -> dict[str, bytes]:
    """A file of each kind."""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
    more = {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)]}
    files = {
        "JPEG": _file(image, "JPEG", exif=_exif()),
        "progressive JPEG": _file(image, "JPEG", progressive=True),
        "CMYK JPEG": _file(image.convert("CMYK"), "JPEG"),
        "PNG": _file(image, "PNG"),
        "palette PNG": _file(image.quantize(16), "PNG", transparency=3),
        "16-bit PNG": _file(Image.fromarray(np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH)), "PNG"),
        "animated PNG": _file(image, "PNG", **more),
        "animated GIF": _file(image, "GIF", **more),
        "BMP": _file(image, "BMP"),
        "1-bit BMP": _file(image.convert("1"), "BMP"),
        "TIFF": _file(image, "TIFF"),
        "LZW TIFF": _file(image, "TIFF", compression="tiff_lzw"),
        "JPEG in TIFF": _file(image, "TIFF", compression="jpeg"),
        "TIFF of pages": _file(image, "TIFF", compression="tiff_deflate", **more),
        "WebP": _file(image, "WEBP"),
        "lossless WebP": _file(image, "WEBP", lossless=True, exif=_exif()),
        "animated WebP": _file(image, "WEBP", **more),
    }
    if features.check("jpg_2000"):
        files |= {"JPEG 2000": _file(image, "JPEG2000"), "codestream": _file(image, "JPEG2000", no_jp2=True)}
    if features.check("avif"):
        files["AVIF"] = _file(image, "AVIF", quality=50)
    if find_spec("pillow_heif"):
        import pillow_heif

        buffer = io.BytesIO()
        pillow_heif.from_pillow(image).save(buffer, format="HEIF", quality=50)
        files["HEIF"] = buffer.getvalue()
    return files


def documents() -> dict[str, list[bytes]]:
    """Files of several pages, by suffix."""
    page = Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
    more = {"save_all": True, "append_images": [page.rotate(180)]}
    tiffs = [_file(page, "TIFF", **more), _file(page, "TIFF", compression="tiff_deflate", **more)]
    return {".pdf": [_file(page, "PDF", **more), _file(page.convert("1"), "PDF", **more)], ".tif": tiffs}


def _file(image: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def cut(draw: random.Random, files: list[bytes]) -> bytes:
    data = draw.choice(files)
    return data[: draw.randrange(len(data))]


def flipped(draw: random.Random, files: list[bytes]) -> bytes:
    data = bytearray(draw.choice(files))
    for _ in range(draw.randint(1, 12)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def altered_head(draw: random.Random, files: list[bytes]) -> bytes:
    data = bytearray(draw.choice(files))
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(min(len(data), 200))] = draw.choice([0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)])
    return bytes(data)


def spliced(draw: random.Random, files: list[bytes]) -> bytes:
    """A part left out, doubled, zeroed, or put in front."""
    data = draw.choice(files)
    start, end = sorted(draw.choices(range(len(data)), k=2))
    part = data[start:end]
    return draw.choice(
        [
            data[:start] + data[end:],
            data[:end] + part + data[end:],
            data[:start] + bytes(len(part)) + data[end:],
            part + data,
        ]
    )


def nested(draw: random.Random, files: list[bytes]) -> bytes:
    """The beginning of one file with another in it or behind it."""
    outer, inner = draw.choice(files), draw.choice(files)
    at = draw.randrange(len(outer))
    return draw.choice([outer + inner, outer[:at] + inner + outer[at:], outer[:at] + inner, inner[:40] + outer])


def lying(draw: random.Random, files: list[bytes]) -> bytes:
    """Another width, height or both where the header tells them."""
    data = draw.choice(files)
    lie = draw.choice([0, 1, 70, 30_000, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
    for side in draw.choice([[WIDTH], [HEIGHT], [WIDTH, HEIGHT]]):
        for form in (">I", "<I", ">H", "<H"):
            field = struct.pack(form, side)
            at = data.find(field, 0, 400)
            if at >= 0:
                data = data[:at] + struct.pack(form, lie & (2 ** (8 * len(field)) - 1)) + data[at + len(field) :]
    return with_checksums(data)


def with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks have the checksums that belong to them, so that its lies are believed."""
    if not data.startswith(b"\x89PNG"):
        return data
    at, whole = 8, bytearray(data[:8])
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunk = data[at + 4 : at + 8 + length]
        whole += data[at : at + 4] + chunk + struct.pack(">I", zlib.crc32(chunk))
        at += 12 + length
    return bytes(whole)


def png(width: int, height: int, pixels: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of grey pixels with more chunks before them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def bomb(draw: random.Random, files: list[bytes]) -> bytes:
    """Small files that want much time or memory."""
    zeros = zlib.compress(bytes(100 << 20), 9)
    scans = _file(Image.new("RGB", (2000, 2000), "teal"), "JPEG", progressive=True)
    loop = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 256, 4, 1, 8) + struct.pack("<I", 8)
    return draw.choice(
        [
            png(8000, 8000, zeros),
            png(100, 100, zlib.compress(bytes(100)), (b"zTXt", b"a\0\0" + zeros)),
            png(100, 100, zlib.compress(bytes(100)), (b"iCCP", b"a\0\0" + zeros)),
            png(100, 100, zeros, *[(b"tEXt", b"a\0b")] * 20_000),
            scans[:-2] + scans[scans.rfind(b"\xff\xda") : -2] * 20_000 + b"\xff\xd9",
            loop,
            b"II*\0\x08\0\0\0" + struct.pack("<H", 65535) + struct.pack("<HHII", 273, 4, 0xFFFFFFFF, 8) * 65535,
            b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0xF7, 0, 0) + bytes(768),
            b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 60_000, -60_000, 1, 32, 0, 0, 0, 0, 0, 0),
        ]
    )


BAD: dict[str, Bytes] = {make.__name__: make for make in (cut, flipped, altered_head, spliced, nested, lying)}
