"""What a response means: an answer, a refusal of this one request, try again, or the end of the run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from dcvlr.errors import DcvlrError
from dcvlr.http.calls import Again
from dcvlr.records import Failure, FailureKind

MAX_MESSAGE_CHARS = 300
MAX_RETRY_AFTER_S = 120.0  # a server that wants to be left alone for longer is asked earlier all the same

_TOO_MANY, _TOO_SLOW, _TOO_EARLY = 429, 408, 425
_REDIRECTS = range(300, 400)
_NO_REQUEST_WILL_WORK: Mapping[int, str] = {
    401: "the key is missing or wrong",
    402: "the account has no credit",
    403: "the key may not do this",
    404: "no such address or model",
    405: "no such address",
    407: "the proxy wants a password",
}


def verdict(where: str, status: int, headers: Mapping[str, str], data: bytes, secrets: Mapping[str, str]) -> Any:
    """The parsed JSON of a response, or `Failure`, or `Again`. `where` names the request, as in `POST https://…`.

    Raises `DcvlrError` where no request will work. What is quoted of the server's own words holds no value of
    `secrets`, the headers that were sent.
    """
    if status in range(200, 300):
        return _parsed(where, status, data)
    if status in _REDIRECTS:
        target = headers.get("Location", "").partition("?")[0]
        raise DcvlrError(f"{where} was redirected ({status}) to {target!r}: set base_url to where the server is")
    said = f"{where}: HTTP {status}: {_message(data, secrets)}"
    if status in _NO_REQUEST_WILL_WORK:
        raise DcvlrError(f"{said} ({_NO_REQUEST_WILL_WORK[status]})")
    if status == _TOO_MANY:
        if _error_code(data) == "insufficient_quota":  # OpenAI's 429 that waiting does not mend
            raise DcvlrError(f"{said} ({_NO_REQUEST_WILL_WORK[402]})")
        return Again(kind="rate_limited", message=said, wait_s=retry_after(headers))
    if status in (_TOO_SLOW, _TOO_EARLY) or status >= 500:
        kind: FailureKind = "timeout" if status == _TOO_SLOW else "server"
        return Again(kind=kind, message=said, wait_s=retry_after(headers))
    return Failure(kind="refused", message=said)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the Retry-After header, a number or a date; None without a readable one."""
    value = headers.get("Retry-After", "").strip()
    try:
        wait = float(value) if value.replace(".", "", 1).isdigit() else _seconds_until(value, headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, 0.0), MAX_RETRY_AFTER_S)


def _seconds_until(date: str, server_now: str) -> float:
    """By the server's own clock where it tells it."""
    now = parsedate_to_datetime(server_now) if server_now else datetime.now(UTC)
    return (parsedate_to_datetime(date) - now).total_seconds()


def _parsed(where: str, status: int, data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Again(kind="server", message=f"{where}: HTTP {status} with {len(data)} bytes that are not JSON")


def _error_code(data: bytes) -> str:
    error = _error(data)
    return str(error.get("code") or error.get("type") or "") if isinstance(error, dict) else ""


def _error(data: bytes) -> Any:
    """The part of an error's JSON that speaks of it, as OpenAI, FastAPI and Moondream write it."""
    try:
        body = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not isinstance(body, dict):
        return body
    return next((body[key] for key in ("error", "message", "detail") if body.get(key)), body)


def _message(data: bytes, secrets: Mapping[str, str]) -> str:
    """The server's words on one line, cut, and without the keys that some servers repeat."""
    error = _error(data)
    if isinstance(error, dict) and error.get("message"):
        error = error["message"]
    if error is None:
        text = data.decode("utf-8", "replace")
    else:
        text = error if isinstance(error, str) else msgspec.json.encode(error).decode()
    for word in (word for value in secrets.values() for word in (value, *value.split())):
        if len(word) >= 4:
            text = text.replace(word, "***")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_MESSAGE_CHARS else line[:MAX_MESSAGE_CHARS] + "…"
