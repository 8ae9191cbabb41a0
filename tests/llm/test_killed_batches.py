"""Runs that are killed with batches under way, against a real server of the protocol: nothing is paid for twice."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from forked import Forked
from llm.batches import asked, completion, model
from llm.host import BatchHost
from servers import Request, Response

from dcvlr.memo import Memo

pytestmark = pytest.mark.slow


def started(host: BatchHost, folder: Path) -> Forked:
    """What stands at the end of this file, in a process of its own."""
    return Forked("-m", "llm.test_killed_batches", host.url, str(folder), cwd=Path(__file__).parents[1])


def test_a_killed_run_goes_on_with_the_batches_it_handed_in(tmp_path: Path) -> None:
    wanted = asked(6)
    with BatchHost(completion) as host:
        host.is_held = True
        run = started(host, tmp_path)
        wait_until(lambda: sum(path.startswith("/batches/") for path in host.paths()) > 3 or run.poll() is not None)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert len(host.batches) == 2
        host.is_held = False
        memo = Memo(tmp_path / "checkpoints")
        replies = memo.generate(model(host.url, tmp_path / "batches", max_requests=3), wanted)
        assert [getattr(replies[request.id], "text", "") for request in wanted] == ["Q0", "Q1", "Q2", "Q3", "Q4", "Q5"]
        assert sorted(host.paid) == sorted(request.id for request in wanted)
        assert len(host.batches) == 2
        again = Memo(tmp_path / "checkpoints").generate(model(host.url, tmp_path / "batches"), wanted)
        assert len(host.batches) == len(again) - 4 == 2


def wait_until(is_so: Any) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to that")


class KillingHost(BatchHost):
    """Kills `client` at its first POST to `path`, before that does anything or (`is_served`) before it is answered."""

    def __init__(self, path: str, *, is_served: bool) -> None:
        super().__init__(completion)
        self.path, self.is_served = path, is_served
        self.client: Forked | None = None

    def _serve(self, request: Request) -> Response:
        if self.client is None or (request.method, request.path) != ("POST", self.path):
            return super()._serve(request)
        if self.is_served:
            super()._serve(request)
        self.client.kill()
        self.client.wait()
        self.client = None
        return Response(drop=True)


@pytest.mark.parametrize("is_served", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("path", ["/files", "/batches"])
def test_a_run_that_is_killed_while_it_hands_in_pays_once(path: str, is_served: bool, tmp_path: Path) -> None:
    wanted = asked(6)
    with KillingHost(path, is_served=is_served) as host:
        run = host.client = started(host, tmp_path)
        run.wait(timeout=120)
        assert run.returncode == -signal.SIGKILL
        replies = Memo(tmp_path / "checkpoints").generate(model(host.url, tmp_path / "batches", max_requests=3), wanted)
        assert [getattr(replies[request.id], "text", "") for request in wanted] == ["Q0", "Q1", "Q2", "Q3", "Q4", "Q5"]
        assert sorted(host.paid) == sorted(request.id for request in wanted)
        assert len(host.batches) == 2


if __name__ == "__main__":
    Memo(Path(sys.argv[2]) / "checkpoints").generate(
        model(sys.argv[1], Path(sys.argv[2]) / "batches", max_requests=3), asked(6)
    )
