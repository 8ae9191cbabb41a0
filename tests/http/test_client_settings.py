"""What the client of servers is told: proxies, keys, numbers; and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import KEY, OK, answer_of, asked, in_turn, server_at
from servers import Loopback

from dcvlr.errors import ConfigError
from dcvlr.http import Call, Server, require_client, require_key

pytest.importorskip("aiohttp", reason="the api extra is not installed")


def test_a_server_is_made_by_hand_of_an_address_and_a_pace_and_hides_its_headers() -> None:
    pace: dict[str, Any] = {"timeout_s": 5, "attempts": 1, "concurrency": 2}
    pace |= {"requests_per_minute": None, "tokens_per_minute": None}
    with Loopback(in_turn(OK)) as server:
        by_hand = Server(base_url=f"{server.url}/v1/", headers={"X-Key": KEY}, **pace)
        answers = by_hand.answers(Call(path="x", body={"i": i}) for i in range(2))
    assert [answer_of(answer).body for answer in answers] == [{"answer": 42}, {"answer": 42}]
    assert {(request.path, request.headers["x-key"]) for request in server.requests} == {("/v1/x", KEY)}
    assert KEY not in repr(by_hand)


def test_a_proxy_is_used_but_never_towards_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Loopback(in_turn(OK)) as proxy, Loopback(in_turn(OK)) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        answer_of(asked(server)[0])
        assert proxy.requests == []
        client = server_at("http://models.example.test/v1")
        [(_, answer)] = client.ask([("a", Call(path="ask", body={}))])
    assert answer_of(answer).body == {"answer": 42}
    assert proxy.paths() == ["http://models.example.test/v1/ask"]


def test_no_password_of_netrc_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Loopback(in_turn(OK)) as server:
        asked(server)
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"base_url": "localhost:8000"}, "base_url='localhost:8000': an address such as"),
        ({"base_url": "http://"}, "base_url='http://'"),
        ({"base_url": "http://a:b/v1"}, "base_url='http://a:b/v1'"),
        ({"base_url": "http://me:pass@host/v1"}, "base_url='http://host': an address without password"),
        ({"base_url": "http://host/v1?key=1"}, "base_url='http://host': an address without"),
        ({"attempts": 0}, "attempts=0"),
        ({"concurrency": 0}, "concurrency=0"),
        ({"timeout_s": 0.0}, "timeout_s=0.0"),
        ({"requests_per_minute": 0}, "requests_per_minute=0"),
        ({"tokens_per_minute": -1}, "tokens_per_minute=-1"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_asked(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        server_at(**{"url": wrong.pop("base_url", "http://host"), **wrong})
    assert "pass@" not in str(error.value)


def test_a_key_is_read_by_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", f" {KEY}\n")
    assert require_key("SOME_KEY", "binning/captioner=moondream") == KEY
    for value in ("", "  ", "two\nlines-of-key", "schlüssel"):
        monkeypatch.setenv("SOME_KEY", value)
        with pytest.raises(ConfigError, match="SOME_KEY") as error:
            require_key("SOME_KEY", "binning/captioner=moondream")
        assert not value.strip() or value not in str(error.value)
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(ConfigError, match="binning/captioner=moondream needs a key: set the environment variable SOME"):
        require_key("SOME_KEY", "binning/captioner=moondream")
    require_client("binning/captioner=moondream")
