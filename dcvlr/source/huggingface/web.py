"""Pictures that rows name by address: fetched with limits, so that no server can hold up or fill the machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dcvlr.errors import require_package
from dcvlr.source.huggingface.repository import NotThereError

_CONNECT_TRIES = 2
_MAX_REDIRECTS = 5
_PASSING_STATUS = {408, 425, 429}  # and everything from 500


class NotNowError(Exception):
    """A picture that could not be fetched this time."""


@dataclass(frozen=True, kw_only=True)
class Web:
    """Fetches http and https addresses; an answer larger than `max_bytes` is not read to its end."""

    timeout_s: float
    max_bytes: int

    def read(self, url: str) -> bytes:
        """The bytes behind `url`. Raises `NotThereError` for good, `NotNowError` where another try may help."""
        import httpx

        try:
            with self._client.stream("GET", url) as answer:
                if answer.status_code in _PASSING_STATUS or answer.is_server_error:
                    raise NotNowError(f"the server answered {answer.status_code}")
                if not answer.is_success:
                    raise NotThereError(f"the server answered {answer.status_code}")
                return self._body(answer)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
            raise NotThereError(f"{type(error).__name__}: {error}") from error
        except httpx.HTTPError as error:
            raise NotNowError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Close the connections that are kept open between pictures."""
        if "_client" in vars(self):
            self._client.close()
            del vars(self)["_client"]

    def _body(self, answer: Any) -> bytes:
        body = bytearray()
        for block in answer.iter_bytes():
            body += block
            if len(body) > self.max_bytes:
                raise NotThereError(f"more than source.url_max_bytes={self.max_bytes} bytes")
        return bytes(body)

    @cached_property
    def _client(self) -> Any:
        require_package("httpx", extra="api", owner="source=huggingface with pictures at addresses")
        import httpx

        return httpx.Client(
            timeout=self.timeout_s,
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
            transport=httpx.HTTPTransport(retries=_CONNECT_TRIES),
        )
