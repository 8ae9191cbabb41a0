from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from forked import run_python

from dcvlr.rundir.locks import Locks
from dcvlr.rundir.processes import this_process


def test_a_lock_is_held_by_one_worker_until_released(tmp_path: Path) -> None:
    one, other, lock = Locks(60), Locks(60), tmp_path / "c.lock"
    assert one.take(lock)
    assert not other.take(lock)
    one.release(lock)
    assert other.take(lock)


@pytest.mark.slow
def test_the_lock_of_a_dead_process_is_taken_over_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "c.lock"
    code = f"import pathlib, dcvlr.rundir.locks; dcvlr.rundir.locks.Locks(60).take(pathlib.Path({str(lock)!r}))"
    assert run_python("-c", code).returncode == 0
    assert lock.exists()
    assert Locks(60).take(lock)


def test_a_lock_without_a_sign_of_life_is_taken_over_after_the_lease(tmp_path: Path) -> None:
    lock = tmp_path / "c.lock"
    lock.write_text("0a1b2c3d-1 abc")
    assert not Locks(60).take(lock)
    long_ago = time.time() - 61
    os.utime(lock, (long_ago, long_ago))
    assert Locks(60).take(lock)
    assert lock.read_text().startswith(this_process())


@pytest.mark.slow
def test_a_living_worker_renews_its_locks(tmp_path: Path) -> None:
    one, lock = Locks(0.4), tmp_path / "c.lock"
    assert one.take(lock)
    for _ in range(8):
        time.sleep(0.1)
        assert not Locks(0.4).take(lock)


def test_release_all_leaves_nothing_behind(tmp_path: Path) -> None:
    locks = Locks(60)
    for name in "abc":
        assert locks.take(tmp_path / f"{name}.lock")
    locks.release_all()
    assert not list(tmp_path.iterdir())


def test_a_lock_that_was_taken_meanwhile_is_put_back(tmp_path: Path) -> None:
    lock = tmp_path / "c.lock"
    lock.write_text("0a1b2c3d-1 old")
    long_ago = time.time() - 61
    os.utime(lock, (long_ago, long_ago))

    class Slow(Locks):
        def _abandoned_holder(self, path: Path) -> str | None:
            holder = super()._abandoned_holder(path)
            path.write_text("0a1b2c3d-2 new")  # another worker takes it over between the check and the removal
            return holder

    assert not Slow(60).take(lock)
    assert lock.read_text() == "0a1b2c3d-2 new"


@pytest.mark.slow
def test_the_locks_of_dead_processes_are_cleared_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    held = Locks(60)
    assert held.take(tmp_path / "held.lock")
    here = f"pathlib.Path({str(tmp_path)!r})"
    code = f"import pathlib\nfrom dcvlr.rundir.locks import Locks\nLocks(60).take({here} / 'dead.lock')"
    assert run_python("-c", code).returncode == 0
    held.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["held.lock"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "bytes", "future", "no process", "no number", "huge"])
def test_what_stands_in_the_place_of_a_lock_makes_nobody_wait(kind: str, tmp_path: Path) -> None:
    lock = tmp_path / "c.lock"
    if kind == "pipe":
        os.mkfifo(lock)
    elif kind == "folder":
        (lock / "full").mkdir(parents=True)
    elif kind == "link":
        lock.symlink_to("nowhere")
    elif kind in ("no process", "no number"):
        lock.write_text(f"{this_process().partition('-')[0]}-{'9' * (30 if kind == 'no process' else 5000)} abc")
    elif kind == "huge":
        with lock.open("wb") as file:
            file.truncate(1 << 40)
    else:
        lock.write_bytes(b"\xff\xfe" if kind == "bytes" else b"0a1b2c3d-1 abc")
        far = time.time() + (3600 if kind == "future" else -61)
        os.utime(lock, (far, far))
    assert Locks(60).take(lock)


def test_an_empty_lock_of_a_full_disk_is_waited_for_two_seconds_only(tmp_path: Path) -> None:
    lock = tmp_path / "c.lock"
    lock.touch()
    assert not Locks(60).take(lock)
    a_moment_ago = time.time() - 3
    os.utime(lock, (a_moment_ago, a_moment_ago))
    assert Locks(60).take(lock)


def test_a_lock_tells_who_holds_it(tmp_path: Path) -> None:
    lock = tmp_path / "c.lock"
    lock.write_text("0a1b2c3d-17 abc")
    assert Locks(60).reason(lock) == (
        "held by process 0a1b2c3d-17 of another machine, renewed 0 s ago, free after 60 s without"
    )


def test_no_thread_is_left_once_nothing_is_held(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    locks = Locks(60)
    for name in ("a.lock", "b.lock"):
        assert locks.take(tmp_path / name)
    (renewing,) = set(threading.enumerate()) - before
    locks.release_all()
    renewing.join(20)
    assert not renewing.is_alive()
