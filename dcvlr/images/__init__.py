"""Opening pictures safely: the bytes are those of the record, the pixels a pure function of bytes and `Decode`."""

from __future__ import annotations

import os
import re
import struct
import warnings
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from dcvlr.errors import MissingPackageError, require_package
from dcvlr.identity import digest
from dcvlr.images.disk import open_file
from dcvlr.images.formats import FORMATS, HEAD_BYTES, begins_like_a_picture, is_heif
from dcvlr.images.jpeg_end import lacks_end, with_end
from dcvlr.images.jpeg_scans import MOST_SCANS, has_too_many_scans
from dcvlr.images.located import keep, kept, located_bytes, why
from dcvlr.images.memory import decoding
from dcvlr.records import Decode, Failure, ImageRecord, Picture
from dcvlr.remote import MAX_FILE_BYTES, is_url, without_query

MAX_PIXELS = 89_478_485
"""A larger picture is `too_large` and never decoded. Pillow's own limit: a quarter of a gigabyte in RGB."""

LARGEST_SIDE = 4096
"""A picture with a longer side above this, in pixels, is shrunk to it wherever it is used: boxes, evidence, exports."""

# What 400,000 cut and altered files of these formats raised: OSError from the C libraries and for unknown formats,
# SyntaxError for PNG chunks and EXIF headers, ValueError for sizes and palettes, TypeError for TIFF tags of a wrong
# type, struct.error for cut EXIF, KeyError for a compression of TIFF that does not exist. IndexError is in Pillow's own
# list of what its parsers raise (PIL.Image.open), and RuntimeError is what libavif and libheif make of a bad file.
_BAD_FILE = (OSError, SyntaxError, ValueError, TypeError, LookupError, RuntimeError, struct.error)

_TURNS: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FIRST_TURN_ON_ITS_SIDE = 5

_PILLOW_WARNINGS = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


def read_picture(record: ImageRecord, decode: Decode) -> Picture | Failure:
    """The record's picture, upright, from the first of its paths that still holds its bytes.

    Animations give their first frame, alpha lies on white, 16-bit pixels keep their high byte, 32-bit ones are
    stretched over their own range. A picture is never enlarged. Nothing is raised for a bad file. Decoding waits while
    the process has no memory left for it (`dcvlr.images.memory`).
    """
    data = read_bytes(record)
    return data if isinstance(data, Failure) else decoded(record, data, decode)


def decoded(record: ImageRecord, data: bytes, decode: Decode) -> Picture | Failure:
    """`read_picture` for whoever has the record's bytes already."""
    hush_pillow()
    if has_too_many_scans(data):
        return Failure(kind="decode", message=f"a JPEG of more than {MOST_SCANS} scans, which would take for ever")
    try:
        return _decode(record, with_all_ends(data), decode)
    except MissingPackageError as error:
        return Failure(kind="package", message=str(error))
    except Image.DecompressionBombError:
        return Failure(kind="too_large", message=f"more than {MAX_PIXELS} pixels")
    except MemoryError:
        return Failure(kind="oom", message="not enough memory to decode the picture")
    except UnidentifiedImageError:
        return Failure(kind="decode", message=_unknown(data))
    except _BAD_FILE as error:
        return Failure(kind="decode", message=f"{type(error).__name__}: {error}")


def _unknown(data: bytes) -> str:
    if not data:
        return "an empty file"
    if begins_like_a_picture(data[:HEAD_BYTES]):
        return "it begins like a picture, but is cut off or damaged"
    return f"not a picture: none of {', '.join(FORMATS)} begins like this"


def with_all_ends(data: bytes) -> bytes:
    """The bytes as any decoder takes them: a JPEG that lacks its end marker and no pixel gets it back."""
    return (lacks_end(data) and with_end(data, max_pixels=MAX_PIXELS)) or data


def read_bytes(record: ImageRecord) -> bytes | Failure:
    """The record's bytes, from the first of its paths that still holds them; `id` vouches for them."""
    first_failure: Failure | None = None
    for path in (record.path, *record.copies):
        data = _read_file(path, record.id)
        if isinstance(data, bytes):
            return data
        first_failure = first_failure or data
    assert first_failure is not None
    return first_failure


def orientation(image: Image.Image) -> int | None:
    """The EXIF orientation, 1 to 8, 1 where there is none; None where it cannot be read: viewers then do not turn."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BAD_FILE:
        return None
    return value if value in _TURNS else 1


def _read_file(path: str, image_id: str) -> bytes | Failure:
    if is_url(path):
        return _read_elsewhere(path, image_id)
    try:
        with open_file(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                return Failure(kind="too_large", message=f"{path} has more than {MAX_FILE_BYTES} bytes")
            data = file.read()
    except OSError as error:
        return why(error, path)
    if digest(data) != image_id:
        what = "no longer holds the bytes it had when it was found"
        return Failure(kind="changed", message=f"{path} {what}; touch it, so that the next run reads it anew")
    return data


def _read_elsewhere(path: str, image_id: str) -> bytes | Failure:
    """`_read_file` for a locator; bytes that were fetched before need no connection."""
    data = kept(image_id)
    if data is not None:
        return data
    try:
        data = located_bytes(path, image_id)
    except OSError as error:
        return why(error, path)
    if digest(data) != image_id:
        what = "no longer holds the bytes it had when it was found; the next run reads it anew"
        return Failure(kind="changed", message=f"{without_query(path)} {what}")
    keep(image_id, path, data)
    return data


def _decode(record: ImageRecord, data: bytes, decode: Decode) -> Picture | Failure:
    with Image.open(BytesIO(data), formats=_formats(data)) as image:
        if image.width * image.height > MAX_PIXELS:
            return Failure(kind="too_large", message=f"{image.width}x{image.height} is more than {MAX_PIXELS} pixels")
        file_size = image.size
        wanted = _target(_target(file_size, LARGEST_SIDE), decode.max_side)
        shrinks = image.draft("L" if decode.grey else "RGB", wanted) is not None
        with decoding(image.width * image.height):
            image.load()  # turns a TIFF upright, which its size then tells
            return _picture(record, image, file_size if shrinks else image.size, decode)


def _picture(record: ImageRecord, image: ImageFile.ImageFile, file_size: tuple[int, int], decode: Decode) -> Picture:
    size = _target(file_size, LARGEST_SIDE)
    turn = orientation(image) or 1
    pixels, wanted = _plain(image, "L" if decode.grey else "RGB"), _target(size, decode.max_side)
    if decode.resized or max(pixels.size) >= 2 * max(wanted):
        pixels = _shrink(pixels, wanted)
    if turn in _TURNS:
        pixels = pixels.transpose(_TURNS[turn])
    width, height = _upright(size, turn)
    return Picture(
        id=record.id,
        path=record.path,
        format=image.format or "",
        width=width,
        height=height,
        pixels=np.asarray(pixels),
        shrunk_from=None if size == file_size else _upright(file_size, turn),
    )


def _upright(size: tuple[int, int], turn: int) -> tuple[int, int]:
    return (size[1], size[0]) if turn >= _FIRST_TURN_ON_ITS_SIDE else size


def _formats(data: bytes) -> tuple[str, ...]:
    """What Pillow may take the bytes for; HEIF is registered only where such a file is met."""
    if not is_heif(data[:HEAD_BYTES]):
        return FORMATS
    require_package("pillow_heif", extra="heif", owner="a HEIC or HEIF picture")
    import pillow_heif

    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _target(size: tuple[int, int], max_side: int | None) -> tuple[int, int]:
    longer = max(size)
    if max_side is None or longer <= max_side:
        return size
    width, height = (max(1, round(side * max_side / longer)) for side in size)
    return width, height


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    # A gap of 2 averages whole blocks first: several times faster, and hardly another picture.
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """The picture in 8 bits and opaque, in the mode asked for: RGB or L."""
    image = _opaque(_eight_bit(image))
    return image if image.mode == mode else image.convert(mode)


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        values = np.asarray(image)
        grey = (values >> 8).astype(np.uint8)
        # A PNG may call one of its 65,536 levels transparent; among 256 it would be one with its neighbours.
        grey[values == image.info.get("transparency", -1)] = 255
        return Image.fromarray(grey)
    if image.mode in {"I", "F"}:
        return Image.fromarray(_stretched(np.asarray(image, dtype=np.float64)))
    return image


def _stretched(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """32-bit pictures have no agreed white, so the smallest finite value becomes 0 and the largest 255."""
    finite = values[np.isfinite(values)]
    if not finite.size or finite.min() == finite.max():
        return np.zeros(values.shape, np.uint8)
    low, high = finite.min(), finite.max()
    bounded = np.clip(np.nan_to_num(values, nan=low), low, high)
    stretched: NDArray[np.uint8] = np.rint((bounded - low) * (255 / (high - low))).astype(np.uint8)
    return stretched


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    layered = image.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


def hush_pillow() -> None:
    """Pillow warns on stderr, amid progress bars, about oddities of files; all that matters here is in the result.

    `warnings.catch_warnings` is not safe in threads, a filter is; it is set again where something removed it.
    """
    if _PILLOW_WARNINGS not in warnings.filters:
        warnings.filterwarnings("ignore", module=r"PIL\.")
