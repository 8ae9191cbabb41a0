"""Pictures that rows name by address."""

from __future__ import annotations

from dataclasses import dataclass

from dcvlr.errors import require_package
from dcvlr.http.fetch import PrivateAddressError, TooLargeError, UnavailableError, UnavailableNowError, fetch
from dcvlr.source.huggingface.repository import NotThereError


class NotNowError(Exception):
    """A picture that could not be fetched this time."""


@dataclass(frozen=True, kw_only=True)
class Web:
    """Fetches http and https addresses; an answer larger than `max_bytes` is not read to its end.

    Loopback and private addresses are refused unless their host is one of `private_hosts`.
    """

    timeout_s: float
    max_bytes: int
    private_hosts: tuple[str, ...]

    def read(self, url: str) -> bytes:
        """The bytes behind `url`. Raises `NotThereError` for good, `NotNowError` where another try may help."""
        require_package("aiohttp", extra="api", owner="source=huggingface with pictures at addresses")
        try:
            return fetch(url, timeout_s=self.timeout_s, max_bytes=self.max_bytes, private_hosts=self.private_hosts)
        except TooLargeError as error:
            raise NotThereError(f"{error}: source.url_max_bytes={self.max_bytes} bytes are read at most") from error
        except PrivateAddressError as error:
            hosts = list(self.private_hosts)
            raise NotThereError(f"{error}: source.url_private_hosts={hosts} does not name it") from error
        except UnavailableError as error:
            raise NotThereError(str(error)) from error
        except UnavailableNowError as error:
            raise NotNowError(str(error)) from error
