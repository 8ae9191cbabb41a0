"""Which worker this process is, and which device it uses; one process on a CPU needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dcvlr.errors import require_package

LAUNCHED = "DCVLR_LAUNCHED"  # set for processes that another one started: their run is judged by that one


@dataclass(frozen=True, kw_only=True)
class Worker:
    """One of `size` processes that share a run; `rank` counts from 0, and 0 writes the results."""

    rank: int = 0
    size: int = 1

    def __post_init__(self) -> None:
        assert 0 <= self.rank < self.size

    def owns(self, chunk: int) -> bool:
        """Whether a chunk is in this worker's own share, which it does before it helps with the rest."""
        return chunk % self.size == self.rank


def this_worker(environment: Mapping[str, str]) -> Worker:
    """Read RANK and WORLD_SIZE (accelerate, torchrun), else the variables of a SLURM step, else the only worker."""
    if int(environment.get("WORLD_SIZE") or 1) > 1 and "RANK" in environment:
        return Worker(rank=int(environment["RANK"]), size=int(environment["WORLD_SIZE"]))
    # SLURM_STEP_ID is absent in the batch script and present under srun.
    if "SLURM_STEP_ID" in environment and int(environment.get("SLURM_STEP_NUM_TASKS", "1")) > 1:
        return Worker(rank=int(environment["SLURM_PROCID"]), size=int(environment["SLURM_STEP_NUM_TASKS"]))
    return Worker()


def device(requested: str, environment: Mapping[str, str]) -> str:
    """`requested`, or for "auto" the GPU that is this worker's, or "cpu" where torch sees none.

    Asks no other worker: one that has nothing to compute never gets here.
    """
    if requested != "auto":
        return requested
    require_package("torch", extra="launch", owner="device=auto")
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    local_rank = int(environment.get("LOCAL_RANK") or environment.get("SLURM_LOCALID") or 0)
    return f"cuda:{local_rank % torch.cuda.device_count()}"
