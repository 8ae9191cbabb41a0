"""Who works in a run directory: runs of equal settings share it, any other is refused while one of them lives."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.records import to_json
from dcvlr.records.printable import one_line
from dcvlr.rundir.belonging import changes
from dcvlr.rundir.draft import NO_ROOM
from dcvlr.rundir.locks import Locks
from dcvlr.rundir.processes import this_process

_SHOWN = 8  # settings that differ
_LOOK_AGAIN_S = 0.05


@contextmanager
def shared(run_dir: Path, settings: Mapping[str, Any], lease_s: float) -> Iterator[None]:
    """Work in `run_dir`; `settings` are those of `belonging.result_settings`.

    Raises `ConfigError`, with what differs, while a run with others lives there: one whose lock, a file of `status/`,
    is held by a living process of this host or was renewed within its lease; and where no folder can be made.
    """
    _make(run_dir)
    folder, locks = run_dir / "status", Locks(lease_s)
    entry = folder / ".entry"  # held for an instant, so that of two that come together one is first
    try:
        while not locks.take(entry):
            time.sleep(_LOOK_AGAIN_S)
        locks.clear(folder)
        for path in sorted(folder.glob("*.lock")):
            _require_equal(run_dir, _settings(locks.note(path), settings), settings, locks.reason(path))
        locks.take(folder / f"{this_process()}-{secrets.token_hex(4)}.lock", to_json(settings).decode())
        locks.release(entry)
        yield
    finally:
        locks.release_all()


def _make(run_dir: Path) -> None:
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise ConfigError(f"output_dir={str(run_dir)!r} cannot be made: {error.strerror}; choose a folder") from error


def _settings(note: str, otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands in a lock; `otherwise` where it was released meanwhile or holds something else."""
    try:
        settings = json.loads(note)
    except ValueError:
        return otherwise
    return settings if isinstance(settings, dict) else otherwise


def _require_equal(run_dir: Path, theirs: Mapping[str, Any], mine: Mapping[str, Any], holder: str) -> None:
    changed = [f"{key}: {one_line(_shown(old))} -> {one_line(_shown(new))}" for key, old, new in changes(theirs, mine)]
    if not changed:
        return
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    raise ConfigError(
        f"output_dir={str(run_dir)!r}: a run with other settings is at work there ({holder}): "
        f"{'; '.join(changed[:_SHOWN])}{more}. Wait for its end, or choose another output_dir"
    )


def _shown(value: Any) -> str:
    return to_json(value).decode()
