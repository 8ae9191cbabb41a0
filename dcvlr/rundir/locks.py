"""Locks keep two workers off the same chunk. They only save work: what is correct rests on how chunks are published.

A lock is a file made with O_EXCL beside the chunk it is for, touched four times per lease. It is abandoned when its
holder's process is gone (same host) or when it was not touched for a whole lease by the file server's own clock.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from dcvlr.rundir.processes import has_ended, this_process


class Locks:
    """The locks of one worker; `lease_s` should be above a minute on network file systems."""

    def __init__(self, lease_s: float) -> None:
        self.lease_s = lease_s
        self._holder = f"{this_process()} {secrets.token_hex(8)}"
        self._held: set[Path] = set()
        self._mutex = threading.Lock()
        self._heartbeat: threading.Thread | None = None

    def take(self, path: Path) -> bool:
        """Whether this worker now holds `path`; an abandoned lock is taken over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _create(path, self._holder) and not (self._remove_abandoned(path) and _create(path, self._holder)):
            return False
        self._hold(path)
        return True

    def release(self, path: Path) -> None:
        with self._mutex:
            self._held.discard(path)
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
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.rename(aside)
        except FileNotFoundError:  # released, or removed by another worker
            return False
        try:
            if aside.read_text() == holder:
                return True
            os.link(aside, path)
        except OSError:  # locked anew meanwhile, or no hard links: at worst the chunk is computed twice
            pass
        finally:
            aside.unlink(missing_ok=True)
        return False

    def _abandoned_holder(self, path: Path) -> str | None:
        try:
            holder, touched = path.read_text(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        if has_ended(holder.partition(" ")[0]) or _server_time(path.parent) - touched > self.lease_s:
            return holder
        return None

    def _hold(self, path: Path) -> None:
        with self._mutex:
            self._held.add(path)
            if self._heartbeat is None:
                self._heartbeat = threading.Thread(target=self._renew, name="dcvlr-locks", daemon=True)
                self._heartbeat.start()

    def _renew(self) -> None:
        pause = threading.Event()
        while not pause.wait(self.lease_s / 4):
            with self._mutex:
                held = list(self._held)
                if not held:
                    self._heartbeat = None
                    return
            for path in held:
                try:
                    os.utime(path)
                except OSError:  # taken over while this process was frozen, or a server is away: harmless, see above
                    continue


def _create(path: Path, holder: str) -> bool:
    try:
        with path.open("x") as file:
            file.write(holder)
    except FileExistsError:
        return False
    return True


def _server_time(folder: Path) -> float:
    """Now, by the clock of the machine that stores the files, so that skew between nodes does not matter."""
    probe = folder / f".clock.{secrets.token_hex(8)}"
    probe.touch()
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink()
