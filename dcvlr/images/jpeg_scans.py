"""How often a JPEG draws over itself: a scan of few bytes is a pass over all pixels, so a small file may take hours."""

from __future__ import annotations

import re

MOST_SCANS = 100
"""Encoders make about ten. djpeg of libjpeg-turbo has such a guard too (-maxscans)."""

_START = b"\xff\xd8"
_SCAN = b"\xff\xda"
_END = 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # what may stand after the bits of a scan


def has_too_many_scans(data: bytes) -> bool:
    """Whether the first picture of a JPEG file has more than `MOST_SCANS`; thumbnails and what follows do not count."""
    if not data.startswith(_START) or data.count(_SCAN) <= MOST_SCANS:
        return False
    scans, found = 0, _MARKER.search(data, len(_START))
    while found is not None and scans <= MOST_SCANS and data[found.start() + 1] != _END:
        scans += found[0] == _SCAN
        found = _MARKER.search(data, _segment_end(data, found.end()))
    return scans > MOST_SCANS


def _segment_end(data: bytes, start: int) -> int:
    """Where a segment ends whose length stands at `start`."""
    return start + int.from_bytes(data[start : start + 2], "big")
