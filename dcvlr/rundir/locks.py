"""Locks keep two workers off the same chunk. They only save work: what is correct rests on how chunks are published.

A lock is a file made with O_EXCL beside the chunk it is for, touched four times per lease. It is abandoned when its
holder's process is gone (same host) or when it was not touched for a whole lease by the file server's own clock.
"""

from __future__ import annotations

import os
import secrets
import stat
import threading
import time
from pathlib import Path

from dcvlr.rundir.files import read_regular, set_aside
from dcvlr.rundir.processes import has_ended, is_here, this_process

_EMPTY_S = 2.0  # a lock is empty for an instant, or for ever if its maker was killed then
_NO_FILE = "\0"


class Locks:
    """The locks of one worker; `lease_s` should be above a minute on network file systems."""

    def __init__(self, lease_s: float) -> None:
        self.lease_s = lease_s
        self.taken_over = 0  # locks that others had abandoned
        self._holder = f"{this_process()} {secrets.token_hex(8)}"
        self._held: set[Path] = set()
        self._mutex = threading.Lock()
        self._idle: threading.Event | None = None  # ends the thread that renews, once nothing is held

    def take(self, path: Path, note: str = "") -> bool:
        """Whether this worker now holds `path`; an abandoned lock is taken over. Others may read the `note`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        holder = f"{self._holder} {note}"
        if not _create(path, holder):
            if not (self._remove_abandoned(path) and _create(path, holder)):
                return False
            self.taken_over += 1
        self._hold(path)
        return True

    def release(self, path: Path) -> None:
        with self._mutex:
            self._held.discard(path)
            if not self._held and self._idle is not None:
                self._idle.set()
                self._idle = None
        path.unlink(missing_ok=True)

    def release_all(self) -> None:
        for path in list(self._held):
            self.release(path)

    def clear(self, folder: Path) -> None:
        """Remove the locks that killed processes left in `folder`, also those whose work was finished."""
        for path in folder.glob("*.lock"):
            self._remove_abandoned(path)

    def _remove_abandoned(self, path: Path) -> bool:
        """Move an abandoned lock out of the way; a live one that got there meanwhile is put back."""
        holder = self._abandoned_holder(path)
        if holder is None:
            return False
        if holder == _NO_FILE:
            return set_aside(path, "it is no lock")
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.rename(aside)
        except FileNotFoundError:  # released, or removed by another worker
            return False
        try:
            if _text(aside) == holder:
                return True
            os.link(aside, path)
        except OSError:  # locked anew meanwhile, or no hard links: at worst the chunk is computed twice
            pass
        finally:
            aside.unlink(missing_ok=True)
        return False

    def _abandoned_holder(self, path: Path) -> str | None:
        try:
            status = path.lstat()
            holder = _text(path) if stat.S_ISREG(status.st_mode) else _NO_FILE
        except FileNotFoundError:
            return None
        if holder == _NO_FILE:
            return holder
        age_s = abs(_server_time(path.parent) - status.st_mtime)  # a clock may be ahead as well
        if has_ended(holder.partition(" ")[0]) or age_s > (self.lease_s if holder else min(_EMPTY_S, self.lease_s)):
            return holder
        return None

    @staticmethod
    def note(path: Path) -> str:
        """What whoever holds a lock says there; empty where nobody does, any more."""
        try:
            return _text(path).partition(" ")[2].partition(" ")[2]
        except OSError:
            return ""

    def reason(self, path: Path) -> str:
        """Who holds a lock and for how long it may be waited for."""
        try:
            process = _text(path).partition(" ")[0] or "of no name"
            age_s = time.time() - path.lstat().st_mtime
        except OSError:  # released meanwhile
            return "released just now"
        where = "this machine" if is_here(process) else "another machine"
        return f"held by process {process} of {where}, renewed {age_s:.0f} s ago, free after {self.lease_s:g} s without"

    def _hold(self, path: Path) -> None:
        with self._mutex:
            self._held.add(path)
            if self._idle is None:
                self._idle = threading.Event()
                threading.Thread(target=self._renew, args=(self._idle,), name="dcvlr-locks", daemon=True).start()

    def _renew(self, idle: threading.Event) -> None:
        while not idle.wait(self.lease_s / 4):
            with self._mutex:
                held = list(self._held)
            for path in held:
                try:
                    os.utime(path)
                except OSError:  # taken over while this process was frozen, or a server is away: harmless, see above
                    continue


def _create(path: Path, holder: str) -> bool:
    try:
        file = path.open("x")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(holder)
    except OSError:  # a full disk: an empty lock would keep others waiting
        path.unlink(missing_ok=True)
        raise
    return True


def _text(path: Path) -> str:
    content = read_regular(path)
    return _NO_FILE if isinstance(content, str) else content.decode("utf-8", "replace")


def _server_time(folder: Path) -> float:
    """Now, by the clock of the machine that stores the files, so that skew between nodes does not matter."""
    probe = folder / f".clock.{secrets.token_hex(8)}"
    probe.touch()
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink()
