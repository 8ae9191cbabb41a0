"""Sessions for addresses that a stranger chose: they lead to no private network, whoever makes the requests."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from dcvlr.http.fetch import TooLargeError, is_public
from dcvlr.http.json_body import read_at_most

if TYPE_CHECKING:
    from aiohttp import ClientSession


async def guarded_session(
    private_hosts: Collection[str], connect_s: float, most_bytes: int, **options: Any
) -> ClientSession:
    """A session that connects to public addresses, to proxies of the environment and to `private_hosts` alone.

    Every address is looked at after its name was resolved, those of redirects too. Others raise `PermissionError`,
    wrapped in aiohttp's own error. A body of more than `most_bytes`, whatever its size was said to be, raises
    `TooLargeError` as it is read.
    """
    import aiohttp

    allowed_hosts = {*private_hosts, *(urlsplit(proxy).hostname or "" for proxy in getproxies().values())}
    allowed: set[str] = {host for host in allowed_hosts if _is_address(host)}

    class Resolver(aiohttp.ThreadedResolver):
        async def resolve(self, host: str, *where: Any, **kind: Any) -> Any:
            found = await super().resolve(host, *where, **kind)
            if host in allowed_hosts:
                allowed.update(one["host"] for one in found)
            return found

    class Response(aiohttp.ClientResponse):
        async def read(self) -> bytes:
            if self._body is None:
                self._body = await read_at_most(self, most_bytes)
            if self._body is None:
                raise TooLargeError(f"more than {most_bytes} bytes")
            return self._body

    def connecting(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if address[0] not in allowed and not is_public(address[0]):
            raise PermissionError(f"{address[0]} is an address of this machine or a private network")
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(resolver=Resolver(), socket_factory=connecting)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_s)
    return aiohttp.ClientSession(
        connector=connector, timeout=timeout, trust_env=True, response_class=Response, **options
    )


def _is_address(host: str) -> bool:
    try:
        is_public(host)
    except ValueError:
        return False
    return True
