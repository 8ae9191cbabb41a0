"""What this machine has to compute with."""

from __future__ import annotations

import os
import shutil
import subprocess

_SECONDS_TO_ASK = 10.0


def gpus() -> list[str]:
    """Name and memory of each NVIDIA GPU as its driver tells; empty where there is no driver."""
    if shutil.which("nvidia-smi") is None:
        return []
    command = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS_TO_ASK, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def memory_gb() -> float | None:
    """Of the whole machine; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError):
        return None


def free_cores() -> int:
    """Cores this process may use: its share where a launcher gave it one, else those it may run on."""
    share = os.environ.get("OMP_NUM_THREADS", "")
    return int(share) if share.isdecimal() and int(share) > 0 else len(os.sched_getaffinity(0))
