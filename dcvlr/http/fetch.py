"""Fetching one file from an address that a stranger chose: within limits, and never from a private network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

from dcvlr.http.addresses import is_loopback, proxy_for
from dcvlr.http.json_body import read_at_most

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from yarl import URL

_MAX_REDIRECTS = 5
_PASSING_STATUS = frozenset({408, 425, 429})  # and everything from 500
_NAT64 = IPv6Network("64:ff9b::/96")


class UnavailableError(Exception):
    """A file that cannot be had from its address."""


class TooLargeError(UnavailableError):
    """A file of more bytes than are read."""


class PrivateAddressError(UnavailableError):
    """An address of this machine or a private network, whose host was not allowed."""


class UnavailableNowError(Exception):
    """A file that could not be had this time."""


def fetch(url: str, *, timeout_s: float, max_bytes: int, private_hosts: Collection[str]) -> bytes:
    """The bytes behind an http or https address, after at most five redirects; `timeout_s` is for each step.

    Every address that is connected to is looked at after its name was resolved: loopback, link-local and private ones
    are refused unless the host is one of `private_hosts`. Behind a proxy, which resolves names itself, only addresses
    that are written as numbers are. Raises `UnavailableError` for good, `UnavailableNowError` where another try may
    help.
    """
    return asyncio.run(_download(url, timeout_s, max_bytes, private_hosts))


async def _download(url: str, timeout_s: float, max_bytes: int, private_hosts: Collection[str]) -> bytes:
    import aiohttp
    from yarl import URL

    guard = _Guard(private_hosts)
    timeout = aiohttp.ClientTimeout(sock_connect=timeout_s, sock_read=timeout_s)
    connector = aiohttp.TCPConnector(socket_factory=guard.socket)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            target = URL(url)
            for _ in range(_MAX_REDIRECTS + 1):
                proxy = guard.let_pass(target)
                async with session.get(target, allow_redirects=False, proxy=proxy) as response:
                    if response.status not in range(300, 400) or "Location" not in response.headers:
                        return await _body(response, max_bytes)
                    target = target.join(URL(response.headers["Location"]))
    except (aiohttp.InvalidURL, ValueError) as error:
        raise UnavailableError(f"{type(error).__name__}: {error}") from error
    except (aiohttp.ClientError, OSError) as error:
        if guard.refused:
            raise PrivateAddressError(guard.refused) from error
        raise UnavailableNowError(f"{type(error).__name__}: {error}") from error
    raise UnavailableError(f"more than {_MAX_REDIRECTS} redirects")


async def _body(response: ClientResponse, max_bytes: int) -> bytes:
    if response.status in _PASSING_STATUS or response.status >= 500:
        raise UnavailableNowError(f"the server answered {response.status}")
    if response.status != 200:
        raise UnavailableError(f"the server answered {response.status}")
    body = await read_at_most(response, max_bytes)
    if body is None:
        raise TooLargeError(f"more than {max_bytes} bytes")
    return body


class _Guard:
    """Refuses connections to addresses that only this machine or its network can reach."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self._private_hosts = private_hosts
        self._host = ""
        self._is_open = False
        self.refused = ""

    def let_pass(self, target: URL) -> str | None:
        """Look at the next address and return the proxy that leads there. Raises `UnavailableError`."""
        if target.scheme not in ("http", "https") or not target.host:
            raise UnavailableError(f"an address of http or https is needed, not {str(target)[:100]!r}")
        self._host = target.host
        proxy = proxy_for(str(target.origin()))
        is_allowed = self._host in self._private_hosts
        self._is_open = is_allowed or proxy is not None
        if not is_allowed and (is_loopback(self._host) or not _is_public_if_a_number(self._host)):
            self._refuse(self._host)
            raise PrivateAddressError(self.refused)
        return proxy

    def socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if not (self._is_open or is_public(address[0])):
            self._refuse(address[0])
            raise PermissionError(self.refused)
        return socket.socket(family, kind, protocol)

    def _refuse(self, address: str) -> None:
        self.refused = f"{self._host} leads to {address}, an address of this machine or a private network"


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; an IPv4 address inside an IPv6 one counts as itself."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        ip = inside or ip
    return ip.is_global and not ip.is_multicast


def _is_public_if_a_number(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return True
