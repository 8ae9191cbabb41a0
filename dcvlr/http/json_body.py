"""Reading what a server sends: not more than it may, and as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from aiohttp import ClientResponse

# An escape of JSON: two halves of a character beyond U+FFFF, one half alone, or any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)
_RAW_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_CONSTANT = re.compile(
    rb'"(?:[^"\\]|\\.)*+"|(?P<constant>-?\b(?:NaN|Infinity)\b)', re.S
)  # Python's, which JSON has not
_BYTE_ORDER = b"\xef\xbb\xbf"  # of UTF-8, in front of what some proxies send
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()


class NotJsonError(ValueError):
    """A body that is no JSON, or too deeply nested to be an answer."""


async def read_at_most(response: ClientResponse, most_bytes: int) -> bytes | None:
    """The body as it is after decompression, or None, with the connection closed, once it is larger."""
    body = bytearray()
    async for block in response.content.iter_any():
        body += block
        if len(body) > most_bytes:
            response.close()
            return None
    return bytes(body)


def parse_json(data: bytes) -> Any:
    """The value of a JSON text; halves of characters (lone surrogates) that models write become U+FFFD, NaN is null.

    What was paid for is not asked again because of what another server wrote between. Raises `NotJsonError`.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        mended = _without_constants(_without_halves(data.removeprefix(_BYTE_ORDER)))
    try:
        return msgspec.json.decode(mended)
    except RecursionError:
        raise NotJsonError(f"{len(data)} bytes of JSON that is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotJsonError(f"{len(data)} bytes that are not JSON") from None


def _without_constants(data: bytes) -> bytes:
    return _CONSTANT.sub(lambda found: b"null" if found["constant"] else found[0], data)


def _without_halves(data: bytes) -> bytes:
    data = _RAW_HALF.sub(_REPLACEMENT, data).decode("utf-8", "replace").encode()
    return _ESCAPE.sub(lambda escape: _REPLACEMENT if escape["half"] else escape[0], data)
