"""Processes that are there no more."""

from __future__ import annotations

import subprocess

from dcvlr.rundir.processes import this_process


def ended_process() -> str:
    """What a process of this machine that has ended was called."""
    with subprocess.Popen(["true"]) as ended:
        pass
    return f"{this_process().partition('-')[0]}-{ended.pid}"
