"""The watchdog of the campaign barks: what hangs is ended, and the stacks are shown."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from faults.watchdog import ENVIRONMENT, ended, ends_within

pytestmark = [pytest.mark.timeout(0)]


def test_a_hang_of_this_process_shows_the_stacks_of_all_threads(tmp_path: Path) -> None:
    pipe, free = tmp_path / "pipe", threading.Event()
    os.mkfifo(pipe)
    thread = threading.Thread(target=free.wait, name="waiting-for-ever")
    thread.start()
    with pytest.raises(pytest.fail.Exception, match="not done after 0") as failed, ends_within(0.1):
        pipe.read_bytes()
    free.set()
    thread.join()
    assert "waiting-for-ever:" in str(failed.value)
    assert "pipe.read_bytes()" in str(failed.value)


@pytest.mark.slow
def test_a_hang_of_another_process_shows_its_stacks_and_ends_it() -> None:
    program = "import time\ndef hanging():\n    time.sleep(1000)\nhanging()"
    pipe, environment = subprocess.PIPE, {**os.environ, **ENVIRONMENT}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=pipe, text=True)
    with pytest.raises(pytest.fail.Exception, match="was not done after 1 s") as failed:
        ended(process, 1.0)
    assert "in hanging" in str(failed.value)
    assert process.poll() is not None


def test_who_is_done_in_time_is_left_alone() -> None:
    with ends_within(60.0):
        pass
