"""Decisions by slices: here, or in a forked process for each core."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from weakref import WeakSet

import pytest

from dcvlr.errors import DcvlrError
from dcvlr.execution.slices import Slices, slices_of_this_machine

THREE = Slices(rows=7, processes=3)


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 100])
def test_every_row_is_decided_on_once_and_in_order(processes: int, count: int) -> None:
    given = list(Slices(rows=7, processes=processes)(list, count))
    assert [row for rows in given for row in rows] == list(range(count))


def test_many_slices_are_shared_out_among_other_processes_and_few_stay_here() -> None:
    who = Counter(THREE(lambda _: os.getpid(), 84))
    assert sorted(who.values()) == [4, 4, 4]
    assert os.getpid() not in who
    assert set(THREE(lambda _: os.getpid(), 14)) == {os.getpid()}


def test_many_cores_share_out_what_few_of_them_have_to_do() -> None:
    who = Counter(Slices(rows=7, processes=64)(lambda _: os.getpid(), 35))
    assert sorted(who.values()) == [1, 1, 1, 2]
    assert os.getpid() not in who


def test_what_is_decided_may_itself_be_in_slices() -> None:
    found = THREE(lambda rows: list(slices_of_this_machine(1)(len, len(rows))), 28)
    assert list(found) == [[1] * 7] * 4


def test_large_answers_wait_until_they_are_read() -> None:
    sizes = [len(answer) for answer in THREE(lambda rows: bytes(1 << 20), 70)]
    assert sizes == [1 << 20] * 10


def test_cycles_that_a_slice_leaves_are_collected() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    def left(_rows: range) -> int:
        nodes = WeakSet[Node]()
        for _ in range(50_000):
            nodes.add(Node())
        return len(nodes)

    assert max(THREE(left, 28)) < 30_000


def test_an_exception_is_raised_where_the_answers_are_read() -> None:
    def decide(rows: range) -> range:
        if 50 in rows:
            raise DcvlrError("row 50 is damaged")
        return rows

    answers = THREE(decide, 100)
    assert [next(answers) for _ in range(7)][-1] == range(42, 49)
    with pytest.raises(DcvlrError, match="row 50 is damaged"):
        next(answers)


def test_a_process_that_is_killed_is_named_and_no_other_is_left() -> None:
    def decide(rows: range) -> int:
        if 50 in rows:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    before = children()
    with pytest.raises(DcvlrError, match="run the same command again"):
        list(THREE(decide, 100))
    assert children() == before


def test_an_answer_that_cannot_be_handed_over_is_an_error_that_names_it() -> None:
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        list(THREE(lambda rows: [bytes(1 << 20), lambda: rows], 100))


def test_reading_may_end_early() -> None:
    before, answers = children(), THREE(lambda _: bytes(1 << 20), 700)
    next(answers)
    assert len(children()) == len(before) + 3
    answers.close()
    assert children() == before


ENDS_WITHOUT_READING = """
from dcvlr.execution.slices import Slices
answers = Slices(rows=1, processes=2)(lambda rows: bytes(1 << 20), 10)
next(answers)
raise SystemExit(3)
"""


def test_answers_that_nobody_reads_keep_no_process_from_ending() -> None:
    assert subprocess.run([sys.executable, "-c", ENDS_WITHOUT_READING], timeout=60, check=False).returncode == 3


WAITS = """
import time
from dcvlr.execution.slices import Slices
for number, _ in enumerate(Slices(rows=1, processes=2)(lambda rows: time.sleep(0.05), 10_000)):
    print(number, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_the_process_that_reads(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"0\n"
    forked = children(process.pid)
    assert len(forked) == 2
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    error = process.communicate(timeout=30)[1].decode()
    assert process.returncode == -number
    assert error.count("Traceback") == (number == signal.SIGINT)  # of the process that reads alone
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{one}").exists() for one in forked):
        assert time.monotonic() < deadline, "a forked process is left"
        time.sleep(0.05)


def test_none_is_forked_where_an_engine_of_models_is_loaded() -> None:
    code = "import sys; from dcvlr.execution.slices import slices_of_this_machine as of; print(of().processes)"
    found = [
        subprocess.run([sys.executable, "-c", first + code], capture_output=True, check=True, text=True, env=env).stdout
        for first, env in [("", os.environ | {"OMP_NUM_THREADS": "3"}), ("import onnxruntime; ", dict(os.environ))]
    ]
    assert found == ["3\n", "1\n"]
    assert slices_of_this_machine().rows % 64 == 0  # lists are read by so many at a time


def children(process: int | None = None) -> list[str]:
    pid = os.getpid() if process is None else process
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_process_that_the_system_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)  # a limit holds nobody back who is root
    with pytest.raises(DcvlrError, match=r"^no process could be started .*temporarily unavailable.* OMP_NUM_THREADS=1"):
        list(THREE(list, 84))
