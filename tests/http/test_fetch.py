"""Addresses of strangers: no request reaches this machine or its network unless its host is allowed by name."""

from __future__ import annotations

import re
import socket

import pytest
from servers import Loopback, Request, Response

from dcvlr.http.fetch import UnavailableError, UnavailableNowError, fetch, is_public

pytest.importorskip("aiohttp", reason="the api extra is not installed")

FILE = Response(raw=b"a picture")


def fetched(url: str, *private_hosts: str, max_bytes: int = 100) -> bytes:
    return fetch(url, timeout_s=5.0, max_bytes=max_bytes, private_hosts=private_hosts)


PRIVATE = """127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1
    ::1 :: fe80::1%eth0 fc00::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_addresses_of_this_machine_and_its_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"])
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with Loopback(lambda request: FILE) as server:
        with pytest.raises((UnavailableError, UnavailableNowError)):
            fetched(f"http://{host}:{server.port}/a.png")
        assert server.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"])
def test_a_name_that_leads_to_a_private_address_is_refused_after_it_was_resolved(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are resolved by the system, of which this is the one part that a test cannot have as it is."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def resolved(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        assert host == "pictures.example.com"
        peer = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", peer)]

    with Loopback(lambda request: FILE) as server:
        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        message = f"pictures.example.com leads to {re.escape(address)}, an address of this machine or a private network"
        with pytest.raises(UnavailableError, match=message):
            fetched(f"http://pictures.example.com:{server.port}/a.png")
        assert server.connections == 0


def test_a_host_that_is_allowed_by_name_is_asked() -> None:
    with Loopback(lambda request: FILE) as server:
        assert fetched(f"{server.url}/a.png", "127.0.0.1") == b"a picture"
        assert fetched(f"http://localhost:{server.port}/a.png", "localhost") == b"a picture"
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1 leads to 127\.0\.0\.1, an address of this machine"):
            fetched(f"{server.url}/a.png", "localhost")


def test_a_redirect_does_not_lead_to_a_host_that_is_not_allowed() -> None:
    def respond(request: Request) -> Response:
        if request.path == "/moved.png":
            return Response(status=302, headers={"Location": f"http://127.0.0.1:{server.port}/secret"})
        return Response(status=301, headers={"Location": "/file.png"}) if request.path == "/near.png" else FILE

    with Loopback(respond) as server:
        assert fetched(f"http://localhost:{server.port}/near.png", "localhost") == b"a picture"
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1 leads to 127"):
            fetched(f"http://localhost:{server.port}/moved.png", "localhost")
        assert "/secret" not in server.paths()


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "//", "/again.png"])
def test_a_redirect_that_leads_nowhere_is_for_good(target: str) -> None:
    with Loopback(lambda request: Response(status=302, headers={"Location": target})) as server:
        with pytest.raises(UnavailableError):
            fetched(f"{server.url}/a.png", "127.0.0.1")
        assert len(server.requests) <= 6


def test_size_status_and_a_silent_server_are_told() -> None:
    def respond(request: Request) -> Response:
        answers = {"/large": Response(raw=b"x" * 101), "/gone": Response(status=404), "/busy": Response(status=503)}
        return answers.get(request.path, Response(drop=True))

    with Loopback(respond) as server:
        for path, error, message in (
            ("/large", UnavailableError, "more than 100 bytes"),
            ("/gone", UnavailableError, "the server answered 404"),
            ("/busy", UnavailableNowError, "the server answered 503"),
            ("/drop", UnavailableNowError, "ServerDisconnectedError"),
        ):
            with pytest.raises(error, match=message):
                fetched(server.url + path, "127.0.0.1")
