"""Which files are pictures that are read, by their first bytes; a suffix only spares the look."""

from __future__ import annotations

SUFFIXES: frozenset[str] = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
    | {".jp2", ".j2k", ".heic", ".heif", ".avif"}
)

# The formats of the suffixes by Pillow's names. Its others are left out, since some start programs (EPS), draw instead
# of decode (WMF), or are no pictures that anybody keeps.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "AVIF")

HEAD_BYTES = 32
"""As much of a file's beginning as `begins_like_a_picture` and `is_heif` need."""

_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\xff\x4f\xff\x51",  # a bare JPEG 2000 codestream
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",
)

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})


def begins_like_a_picture(head: bytes) -> bool:
    """Whether the first `HEAD_BYTES` of a file are those of a format that is read."""
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    if head.startswith(b"BM"):  # two letters begin many a text, so the size of the header that follows is looked at
        return int.from_bytes(head[14:18], "little") in _BMP_HEADERS
    return head.startswith(_STARTS) or (head[4:8] == b"ftyp" and bool(_brands(head) & (_HEIF_BRANDS | _AVIF_BRANDS)))


def is_heif(head: bytes) -> bool:
    """HEIC and HEIF, which pillow-heif reads. AVIF, a relative in the same container, is read by Pillow itself."""
    return head[4:8] == b"ftyp" and bool(_brands(head) & _HEIF_BRANDS) and not _brands(head) & _AVIF_BRANDS


def _brands(head: bytes) -> set[bytes]:
    return {head[8:12], *(head[start : start + 4] for start in range(16, len(head) - 3, 4))}
