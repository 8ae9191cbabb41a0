"""What a server may do to a request for a chat completion, by name."""

from __future__ import annotations

import gzip
import json
from typing import Any

from servers import Response

AWAY_S = 0.02


def completion(text: str, **choice: Any) -> Response:
    message = {"role": "assistant", "content": text}
    return Response(json={"choices": [{"message": message, "finish_reason": "stop", **choice}]})


def _bytes(text: str) -> bytes:
    return json.dumps(completion(text).json).encode()


def _http(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


_FOREIGN = _bytes("the reply to another request")
_WHOLE = _http(_FOREIGN, "Content-Type: application/json", f"Content-Length: {len(_FOREIGN)}")

PASSING = {
    **{f"status {status}": Response(status=status) for status in (408, 409, 425, 429, 500, 502, 503, 504, 524, 529)},
    "Retry-After of now": Response(status=429, headers={"Retry-After": "0"}),
    "Retry-After of nonsense": Response(status=503, headers={"Retry-After": "soon"}),
    "Retry-After of yesterday": Response(status=503, headers={"Retry-After": "Sat, 01 Jan 2000 00:00:00 GMT"}),
    "closed without a word": Response(drop=True),
    "reset": Response(reset=True),
    "cut in the middle": Response(json={"choices": []}, cut=5),
    "slow and then an error": Response(status=500, delay_s=0.1),
    "half a body, a pause, and the end": Response(json={"choices": []}, pause_s=0.05, cut=1),
    "no HTTP": Response(wire=b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a status that is none": Response(wire=_http(b"", "Content-Length: 0", status="999999 NO")),
    "headers without end": Response(wire=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"),
    "a chunk of a size that is none": Response(wire=_http(b"zz\r\n[]\r\n", "Transfer-Encoding: chunked")),
    "two lengths": Response(wire=_http(_FOREIGN, "Content-Length: 2", f"Content-Length: {len(_FOREIGN)}")),
    "an error with a foreign reply behind it": Response(
        wire=_http(b"", "Content-Length: 0", status="500 Internal Server Error") + _WHOLE
    ),
    "a foreign reply behind a wrong length": Response(wire=_http(b"[]" + _WHOLE, "Content-Length: 2")),
    "no content": Response(wire=_http(b"", status="204 No Content")),
    "no JSON": Response(raw=b"<html>busy</html>", headers={"Content-Type": "text/html"}),
    "a stream": Response(
        raw=b'data: {"choices":[]}\n\ndata: [DONE]\n\n', headers={"Content-Type": "text/event-stream"}
    ),
    "empty": Response(raw=b""),
    "no text": Response(raw=b"\xff\xfe\x00"),
    "NaN": Response(raw=b'{"choices": [NaN]}'),
    "nested": Response(raw=b"[" * 50_000),
    "nested objects": Response(raw=b'{"choices":' * 20_000 + b"0" + b"}" * 20_000),
    "no choices": Response(json={"choices": []}),
    "choices of numbers": Response(json={"choices": [1]}),
    "no message": Response(json={"choices": [{"finish_reason": "stop"}]}),
    "a null": Response(json=None),
    "an error under 200": Response(json={"error": {"code": 429, "message": "slow"}}),
    "an error under 200 without code": Response(json={"error": "no"}),
    "a choice that broke off": Response(json={"choices": [{"finish_reason": "error", "message": {}}]}),
    "broken gzip": Response(raw=b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"}),
    "a compression that nobody knows": Response(raw=b"x", headers={"Content-Encoding": "snappy-ish", "X": "1"}),
    "a number too large": Response(raw=b'{"usage": 1e999}'),
}
"""What is asked again, and may then work."""

LOST = {
    "a gzip bomb": Response(raw=gzip.compress(b" " * (8 << 20)), headers={"Content-Encoding": "gzip"}),
    "refused": Response(status=400, raw=json.dumps({"error": {"message": "\x1b[31m no \u202e"}}).encode()),
    "too large": Response(status=413),
    "flagged": Response(status=403),
}
"""What asking again does not mend: the request fails, by itself."""


def odd(text: str, number: int) -> Response:
    """A right reply in one of many forms."""
    whole = _bytes(text)
    return (
        completion(text),
        Response(raw=whole, headers={"Content-Type": "text/plain; charset=latin-9"}),
        Response(raw=gzip.compress(whole), headers={"Content-Encoding": "gzip"}),
        Response(raw=whole, pause_s=0.02),
        Response(raw=b"\n\n  " + whole + b"\n"),
        Response(json=completion(text).json, delay_s=0.05),
        completion(text, finish_reason=None, logprobs={"content": [[[0.5]]]}),
        Response(wire=_http(whole, f"Content-Length: {len(whole)}") + _WHOLE),  # and another's, late or twice
        Response(wire=_http(b"", status="100 Continue") + _http(whole, f"Content-Length: {len(whole)}")),
    )[number % 9]
