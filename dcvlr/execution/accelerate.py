"""Several processes of the same command on one machine, through accelerate; the only module that imports it."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Sequence

from dcvlr.errors import DcvlrError, Terminated, require_package
from dcvlr.execution.workers import LAUNCHED

log = logging.getLogger(__name__)


def launch(num_processes: int, arguments: Sequence[str], max_restarts: int) -> None:
    """Run `python -m dcvlr <arguments>` in `num_processes` processes through accelerate, and wait for all.

    Raises `MissingPackageError` without accelerate, `DcvlrError` if a worker failed after all restarts.
    """
    for package in ("accelerate", "torch"):
        require_package(package, extra="launch", owner=f"runtime.num_processes={num_processes}")
    from accelerate.commands.launch import launch_command, launch_command_parser
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    warn_of_too_many(num_processes)
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


def warn_of_too_many(num_processes: int) -> None:
    """Say so where there are more processes than GPUs, or without GPUs than cores."""
    import torch

    gpus, cores = torch.cuda.device_count(), len(os.sched_getaffinity(0))
    most, kind = (gpus, "GPUs") if gpus else (cores, "cores")
    if num_processes > most:
        log.warning(
            "runtime.num_processes=%d on a machine of %d %s: more are slower, and each takes memory",
            *(num_processes, most, kind),
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
