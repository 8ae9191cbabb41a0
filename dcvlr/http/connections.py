"""Connections on which something came that nobody asked for: it would be taken for the reply to the next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientResponse
    from aiohttp.connector import Connection


def wary_request_class() -> type[ClientRequest]:
    """A `request_class` for sessions; aiohttp looks for such bytes when a connection comes back, not when it is used.

    Sending over such a connection raises `aiohttp.ServerDisconnectedError` and closes it. What comes after a request
    was sent is its reply as far as HTTP/1.1 can tell.
    """
    import aiohttp

    class WaryRequest(aiohttp.ClientRequest):
        async def send(self, conn: Connection) -> ClientResponse:
            if conn.protocol is None or conn.protocol.should_close:
                raise aiohttp.ServerDisconnectedError("bytes that nobody asked for")
            return await super().send(conn)

    return WaryRequest
