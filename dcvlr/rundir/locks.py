"""Claims keep two workers off the same chunk. They only save work: what is correct rests on how chunks are published.

A claim is a file made with O_EXCL beside the chunk it is for, touched four times per lease. It is abandoned when its
owner's process is gone (same host) or when it was not touched for a whole lease by the file server's own clock.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from dcvlr.rundir.processes import is_gone, this_process


class Claims:
    """The claims of one worker; `lease_s` should be above a minute on network file systems."""

    def __init__(self, lease_s: float) -> None:
        self.lease_s = lease_s
        self._owner = f"{this_process()} {secrets.token_hex(8)}"
        self._mine: set[Path] = set()
        self._lock = threading.Lock()
        self._heart: threading.Thread | None = None

    def take(self, path: Path) -> bool:
        """Whether this worker now holds `path`; an abandoned claim is taken over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _create(path, self._owner) and not (self._bury(path) and _create(path, self._owner)):
            return False
        self._hold(path)
        return True

    def release(self, path: Path) -> None:
        with self._lock:
            self._mine.discard(path)
        path.unlink(missing_ok=True)

    def release_all(self) -> None:
        for path in list(self._mine):
            self.release(path)

    def clear(self, folder: Path) -> None:
        """Remove the claims that killed processes left in `folder`, also those whose work was finished."""
        for path in folder.glob("*.claim"):
            self._bury(path)

    def _bury(self, path: Path) -> bool:
        """Move an abandoned claim out of the way; a live one that got there meanwhile is put back."""
        owner = self._abandoned_owner(path)
        if owner is None:
            return False
        grave = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.rename(grave)
        except FileNotFoundError:  # released, or buried by another worker
            return False
        try:
            if grave.read_text() == owner:
                return True
            os.link(grave, path)
        except OSError:  # claimed anew meanwhile, or no hard links: at worst the chunk is computed twice
            pass
        finally:
            grave.unlink(missing_ok=True)
        return False

    def _abandoned_owner(self, path: Path) -> str | None:
        try:
            owner, touched = path.read_text(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        if is_gone(owner.partition(" ")[0]) or _server_time(path.parent) - touched > self.lease_s:
            return owner
        return None

    def _hold(self, path: Path) -> None:
        with self._lock:
            self._mine.add(path)
            if self._heart is None:
                self._heart = threading.Thread(target=self._beat, name="dcvlr-claims", daemon=True)
                self._heart.start()

    def _beat(self) -> None:
        pause = threading.Event()
        while not pause.wait(self.lease_s / 4):
            with self._lock:
                mine = list(self._mine)
                if not mine:
                    self._heart = None
                    return
            for path in mine:
                try:
                    os.utime(path)
                except OSError:  # taken over while this process was frozen, or a server is away: harmless, see above
                    continue


def _create(path: Path, owner: str) -> bool:
    try:
        with path.open("x") as file:
            file.write(owner)
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
