"""Which worker this process is, which device it uses, and how more of them are started.

The only module that imports accelerate; one process on a CPU needs neither accelerate nor torch.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dcvlr.errors import DcvlrError, Terminated, require_package

LAUNCHED = "DCVLR_LAUNCHED"  # set for processes that `launch` started: their run is judged by the one that did


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


def launch(num_processes: int, arguments: Sequence[str], max_restarts: int) -> None:
    """Run `python -m dcvlr <arguments>` in `num_processes` processes through accelerate, and wait for all.

    Raises `MissingPackageError` without accelerate, `DcvlrError` if a worker failed after all restarts.
    """
    for package in ("accelerate", "torch"):
        require_package(package, extra="launch", owner=f"runtime.num_processes={num_processes}")
    from accelerate.commands.launch import launch_command, launch_command_parser
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    # --multi_gpu is what makes accelerate start several processes at all; without GPUs they talk through gloo.
    options = ["--multi_gpu", "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    options += ["--num_processes", str(num_processes), "--max_restarts", str(max_restarts)]
    options += ["--main_process_port", str(_free_port()), "-m", "dcvlr", *arguments]
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // num_processes)))
    os.environ[LAUNCHED] = "1"
    try:
        launch_command(launch_command_parser().parse_args(options))
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        if failure.exitcode == 128 + signal.SIGTERM:
            raise Terminated from None
        raise DcvlrError(
            f"worker {rank} of {num_processes} ended with exit code {failure.exitcode}; what was finished is kept: "
            "see pipeline.log and run the same command again"
        ) from None
    except SignalException as error:
        raise (Terminated if error.sigval == signal.SIGTERM else KeyboardInterrupt) from error
    finally:
        del os.environ[LAUNCHED]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
