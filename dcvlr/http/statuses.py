"""What a response means: an answer, a refusal of this one request, try again, or the end of the run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

import msgspec

from dcvlr.errors import DcvlrError
from dcvlr.http.calls import Forbidden, Retry
from dcvlr.http.event_stream import streamed_completion
from dcvlr.http.json_body import NotJsonError, parse_json
from dcvlr.records import Failure, FailureKind
from dcvlr.records.requests import FILTERED_ENDS

MAX_MESSAGE_CHARS = 300
MAX_RETRY_AFTER_S = 120.0  # a server that wants to be left alone for longer is asked earlier all the same

_TOO_MANY, _TOO_SLOW, _FORBIDDEN = 429, 408, 403
# Beside these what may pass: a conflict, a failure behind TGI, too early, Groq without capacity, a proxy that was left.
MAY_PASS = frozenset({_TOO_MANY, _TOO_SLOW, 409, 424, 425, 498, 499})
_AWAY = frozenset(
    {_TOO_MANY, 498, 502, 503, 504, 521, 522, 523, 524, 529}
)  # 52x: Cloudflare; 529: Anthropic, overloaded
# What an error calls itself: OpenAI, Azure, Anthropic, Gemini, vLLM, Alibaba and Moonshot.
_STATUS_OF_CODE: Mapping[str, int] = {
    **dict.fromkeys(("rate_limit_exceeded", "rate_limit_error", "resource_exhausted", "too_many_requests"), 429),
    **dict.fromkeys(("overloaded_error", "server_overloaded", "unavailable", "service_unavailable"), 503),
    **dict.fromkeys(
        ("content_filter", "content_policy_violation", "data_inspection_failed", "datainspectionfailed"), 400
    ),
    **dict.fromkeys(("context_length_exceeded", "invalid_request_error", "badrequesterror"), 400),
    **dict.fromkeys(("invalid_api_key", "api_key_invalid", "authentication_error", "unauthenticated"), 401),
    **dict.fromkeys(
        ("insufficient_quota", "insufficient_balance", "billing_error", "exceeded_current_quota_error"), 402
    ),
    **dict.fromkeys(("billing_hard_limit_reached", "billing_not_active"), 402),
    **dict.fromkeys(("permission_error", "permission_denied"), _FORBIDDEN),
    **dict.fromkeys(("model_not_found", "not_found_error"), 404),
}
_SAYS_MORE = frozenset({400, _TOO_MANY})  # Gemini's 400 for a wrong key, OpenAI's 429 that waiting does not mend
_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m(?!s))?(?:{_NUMBER}s?(?!\w))?(?:{_NUMBER}ms)?")
_REDIRECTS = range(300, 400)
_ERRORS = range(400, 600)
_NO_REQUEST_WILL_WORK: Mapping[int, str] = {
    401: "the key is missing or wrong",
    402: "the account has no credit",
    404: "no such address or model",
    405: "no such address",
    407: "the proxy wants a password",
}


def verdict(request: str, status: int, headers: Mapping[str, str], data: bytes, secrets: Mapping[str, str]) -> Any:
    """The parsed JSON of a response, or `Failure`, `Forbidden` or `Retry`; `request` as in `POST https://…`.

    An error that comes as a body under status 200 is judged by the code it holds. Raises `DcvlrError` where no request
    will work. What is quoted of the server's own words holds no value of `secrets`, the headers that were sent.
    """
    if status in _REDIRECTS:
        target = headers.get("Location", "").partition("?")[0]
        raise DcvlrError(f"{request} was redirected ({status}) to {target!r}: set base_url to where the server is")
    if status not in range(200, 300):
        return _error_verdict(f"{request}: HTTP {status}: ", status, headers, data, secrets)
    try:
        body = parse_json(data)
    except NotJsonError as error:
        body = streamed_completion(data)
        if body is None:
            return Retry(kind="server", message=f"{request}: HTTP {status} with {error}")
    if not (isinstance(body, dict) and (body.get("error") or body.get("object") == "error")):
        return body
    head = f"{request}: HTTP {status} with an error: "
    return _error_verdict(head, _status_of(body.get("error") or body), headers, data, secrets)


def _error_verdict(
    head: str, status: int, headers: Mapping[str, str], data: bytes, secrets: Mapping[str, str]
) -> Failure | Forbidden | Retry:
    message = head + _message(data, secrets)
    if status in _SAYS_MORE and (named := _status_of(_error(data))) in _NO_REQUEST_WILL_WORK:
        status = named
    if status in _NO_REQUEST_WILL_WORK:
        raise DcvlrError(f"{message} ({_NO_REQUEST_WILL_WORK[status]})")
    if status == _FORBIDDEN:
        return Forbidden(message=message)
    if status in MAY_PASS or status >= 500:
        kinds: Mapping[int, FailureKind] = {_TOO_MANY: "rate_limited", _TOO_SLOW: "timeout"}
        kind = kinds.get(status, "server")
        return Retry(kind=kind, message=message, wait_s=retry_after(headers), is_away=status in _AWAY)
    return Failure(kind="refused", message=message)


def _status_of(error: Any) -> int:
    """The status that an error inside a body speaks of, by name or as a number; 500 where it tells none."""
    if not isinstance(error, dict):
        return 500
    details = error.get("details")
    reasons = [one.get("reason") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    named = [*reasons, *(error.get(key) for key in ("code", "status", "type"))]
    words = [str(word).lower() for word in named if isinstance(word, str | int)]
    statuses = [int(word) if word.isdecimal() else _STATUS_OF_CODE.get(word, 0) for word in words if len(word) < 40]
    return next((status for status in statuses if status in _ERRORS), 500)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the Retry-After header, a number or a date, or Azure's in milliseconds; None without one.

    x-ratelimit-reset-… do not count: they say when a limit is whole again, and a request may be let in long before.
    """
    value, milliseconds = (headers.get(name, "").strip() for name in ("Retry-After", "retry-after-ms"))
    waits = (_duration_s(f"{milliseconds}ms"), _duration_s(value), _seconds_until(value, headers.get("Date", "")))
    wait = next((wait for wait in waits if wait is not None), None)
    return None if wait is None else min(max(wait, 0.0), MAX_RETRY_AFTER_S)


def _duration_s(text: str) -> float | None:
    """The seconds of 7, 0.5, 20s, 6m0s and 17ms; None of what is no duration."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    return sum(
        float(number or 0) * seconds for number, seconds in zip(found.groups(), (3600, 60, 1, 0.001), strict=True)
    )


def _seconds_until(date: str, server_now: str) -> float | None:
    """By the server's own clock where it tells it."""
    try:
        now = parsedate_to_datetime(server_now) if server_now else datetime.now(UTC)
        return (parsedate_to_datetime(date) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def _error(data: bytes) -> Any:
    """The part of an error's JSON that speaks of it, as OpenAI, FastAPI and Moondream write it."""
    try:
        body = parse_json(data)
    except NotJsonError:
        return None
    if isinstance(body, list) and len(body) == 1:  # Gemini
        body = body[0]
    if not isinstance(body, dict):
        return body
    return next((body[key] for key in ("error", "message", "detail") if body.get(key)), body)


def _message(data: bytes, secrets: Mapping[str, str]) -> str:
    """The server's words on one line, cut, and without the keys that some servers repeat."""
    error = _error(data)
    if isinstance(error, dict) and error.get("message"):
        error = error["message"]
    if error is None:
        error = data.decode("utf-8", "replace")
    return one_line(error, secrets)


def one_line(words: Any, secrets: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a server said, a text or a value of JSON: printable, on one line, cut, without the values of `secrets`."""
    text = words if isinstance(words, str) else msgspec.json.encode(words).decode()
    for word in (word for value in secrets.values() for word in (value, *value.split())):
        if len(word) >= 4:
            text = text.replace(word, "***")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_MESSAGE_CHARS else line[:MAX_MESSAGE_CHARS] + "…"


def completion_fault(body: Any) -> str | None:
    """Why a body under status 200 holds no reply, as gateways send it when the model behind them fails."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return f"a completion without choices: {one_line(body)}"
    choice = choices[0]
    if choice.get("error") or choice.get("finish_reason") == "error":
        return f"a completion that broke off: {one_line(choice.get('error') or 'the server does not say why')}"
    is_filtered = str(choice.get("finish_reason")).lower() in FILTERED_ENDS  # Azure sends no message then
    return None if is_filtered or isinstance(choice.get("message"), dict) else "a choice without a message"
