"""JPEGs that lack only their end marker: cameras and copies that stopped one step early leave all pixels there."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dcvlr.images.memory import decoding

END = b"\xff\xd9"

# Where pixels are missing, a decoder takes what follows for their bits, so that different fillings show different
# pixels. Where none is missing, whatever stands before the end marker is passed over. The last filling is for files
# that are cut where a restart marker would follow.
_BITS = (b"\x55" * 64, b"\x7f" * 64, b"\xfe" * 64, b"\xb6\xdb\x6d" * 24, bytes(range(1, 200, 3)))
_RESTARTS = b"".join(bytes((0xFF, 0xD0 + index)) + b"\x55" * 24 for index in range(8))
_FILLINGS = (b"", *_BITS, _RESTARTS)

_SCAN = b"\xff\xda"
_PROGRESSIVE = b"\xff\xc2"


def lacks_end(data: bytes) -> bool:
    """Whether a JPEG has no end marker after its last scan begins."""
    if data.endswith(END) or not data.startswith(b"\xff\xd8\xff"):
        return False
    return data.find(END, max(data.rfind(_SCAN), 0)) < 0


def with_end(data: bytes, *, max_pixels: int) -> bytes | None:
    """The bytes with an end marker, or None where pixels are missing; the pixels are decoded several times to know.

    A picture of more than `max_pixels` is None too. Raises what Pillow raises for a file that it cannot decode.
    """
    body = data.rstrip(b"\xff")
    if _SCAN not in body or (_PROGRESSIVE in body[: body.find(_SCAN)] and not _is_refined(body)):
        return None
    with Image.open(BytesIO(body), formats=("JPEG",)) as image:
        if image.width * image.height > max_pixels:
            return None
        pixels = image.width * image.height
    with decoding(pixels):
        first = _pixels(body + _FILLINGS[0] + END)
        are_equal = all(np.array_equal(first, _pixels(body + filling + END)) for filling in _FILLINGS[1:])
    return body + END if are_equal else None


def _pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(data), formats=("JPEG",)) as image:
        return np.asarray(image)


def _is_refined(progressive: bytes) -> bool:
    """Whether the scans of a progressive JPEG bring every coefficient of every component to its last bit."""
    lowest_bit: dict[tuple[int, int], int] = {}
    start = progressive.find(_SCAN)
    while 0 <= start < len(progressive) - 10:
        count = progressive[start + 4]
        components = progressive[start + 5 : start + 5 + 2 * count : 2]
        first, last, bits = progressive[start + 5 + 2 * count : start + 8 + 2 * count]
        lowest_bit |= {(one, position): bits & 15 for one in components for position in range(first, last + 1)}
        start = progressive.find(_SCAN, start + 2)
    components_seen = {component for component, _ in lowest_bit}
    return len(lowest_bit) == 64 * len(components_seen) and not any(lowest_bit.values())
