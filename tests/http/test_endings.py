"""However an `ask` ends, nothing of it is left: no thread, no request in flight."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from asking import OK, asked, calls, in_turn, server_at
from servers import Loopback, Response

from dcvlr.errors import DcvlrError
from dcvlr.http import Call, Server

pytest.importorskip("aiohttp", reason="the api extra is not installed")

SLOW = Response(json={}, delay_s=30)


def client_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("dcvlr-http")]


def bodies(count: int) -> Iterator[tuple[int, Call]]:
    return ((i, Call(path="ask", body=lambda i=i: {"i": i})) for i in range(count))


def test_nothing_is_left_after_success() -> None:
    with Loopback(in_turn(OK)) as server:
        client = server_at(server.url)
        list(client.ask(bodies(20)))
        assert client_threads() == []
        assert len(list(client.ask(bodies(2)))) == 2
        assert client_threads() == []


def test_nothing_is_left_after_bad_replies() -> None:
    with Loopback(in_turn(Response(raw=b"[" * 100_000), Response(status=400), OK)) as server:
        asked(server, 10, attempts=1)
    assert client_threads() == []


def test_nothing_is_left_after_a_wrong_key() -> None:
    with Loopback(in_turn(OK, Response(status=401), SLOW)) as server:
        with pytest.raises(DcvlrError, match="key is missing or wrong"):
            list(server_at(server.url).ask(bodies(20)))
        assert client_threads() == []


def test_nothing_is_left_of_a_loop_that_was_left_early() -> None:
    with Loopback(lambda request: OK if request.index == 0 else SLOW) as server:
        for _ in server_at(server.url).ask(bodies(100)):
            break
        assert client_threads() == []
        assert len(server.requests) <= 5


def test_nothing_is_left_of_an_answer_that_was_looked_at_when_an_error_came() -> None:
    with Loopback(lambda request: OK if request.index == 0 else SLOW) as server:
        with pytest.raises(ZeroDivisionError) as error:
            _break_at_the_first(server_at(server.url))
        assert client_threads() == []
        assert error.traceback


def _break_at_the_first(client: Server) -> None:
    with closing(client.ask(bodies(100))) as answers:
        for _ in answers:
            raise ZeroDivisionError


def test_nothing_is_left_when_the_source_of_calls_is_interrupted() -> None:
    def source() -> Iterator[tuple[int, Call]]:
        yield from calls(3)
        raise KeyboardInterrupt

    with Loopback(in_turn(SLOW)) as server:
        with pytest.raises(KeyboardInterrupt):
            list(server_at(server.url).ask(source()))
        assert client_threads() == []


def test_nothing_is_left_after_an_error_while_a_body_is_made() -> None:
    def broken() -> dict[str, int]:
        raise ZeroDivisionError

    with Loopback(in_turn(OK)) as server, pytest.raises(ZeroDivisionError):
        list(server_at(server.url).ask([("a", Call(path="ask", body=broken))]))
    assert client_threads() == []


class Model:
    """As a back end: the bodies of its calls are bound to it, and it holds the server."""

    def __init__(self, url: str) -> None:
        self.server: Server = server_at(url, concurrency=2)

    def body(self, i: int) -> dict[str, int]:
        time.sleep(0.3 if i else 0.0)
        return {"i": i}

    def first_answer(self) -> None:
        answers = self.server.ask((i, Call(path="x", body=lambda i=i: self.body(i))) for i in range(4))
        next(answers)
        answers.close()


def test_the_last_holder_of_a_server_may_be_a_thread_that_makes_a_body() -> None:
    with Loopback(in_turn(OK)) as server:
        Model(server.url).first_answer()
        assert client_threads() == []


def test_the_garbage_collector_may_end_it_from_any_thread() -> None:
    with Loopback(lambda request: OK if request.index == 0 else SLOW) as server:
        holder: list[object] = []
        answers = server_at(server.url).ask(bodies(100))
        next(answers)
        holder += [holder, answers]
        del answers, holder
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join(20)
        assert not collector.is_alive()
        deadline = time.monotonic() + 20
        while client_threads() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert client_threads() == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["forgotten", "interrupted"])
def test_a_process_ends_when_its_program_does(how: str) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from asking import calls, server_at
answers = server_at(sys.argv[1]).ask(calls(100))
print(next(answers), flush=True)
if {how!r} == "interrupted":
    for _ in answers: pass
"""
    with Loopback(lambda request: OK if request.index == 0 else SLOW) as server:
        words = [sys.executable, "-c", code, server.url]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        assert b", Response(" in process.stdout.readline()  # of whichever request was first
        if how == "interrupted":
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=240)
    assert process.returncode == (0 if how == "forgotten" else -signal.SIGINT)
