"""How many threads an engine for CPUs should have."""

from __future__ import annotations

import os


def free_cores() -> int:
    """Cores this process may use: its share where a launcher gave it one, else those it may run on."""
    share = os.environ.get("OMP_NUM_THREADS", "")
    return int(share) if share.isdecimal() and int(share) > 0 else len(os.sched_getaffinity(0))
