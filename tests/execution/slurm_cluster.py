"""A SLURM cluster of one node on loopback, without systemd and without anything of this machine's own configuration."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dcvlr.execution.slurm import Slurm

_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "srun", "sinfo")

# cred_expire: a requeued job waits for it, 120 s by default. See slurm.conf(5).
_CONF = """\
ClusterName=dcvlrtest
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={port}
SlurmdPort={node_port}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/munge.sock,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0,batch_sched_delay=0,requeue_delay=0
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
JobRequeue=1
KillWait=5
MinJobAge=300
InactiveLimit=0
SlurmctldTimeout=30
SlurmdTimeout=30
Waittime=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE OverSubscribe=NO
PartitionName=urgent Nodes=ALL Default=NO MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF OverSubscribe=NO
"""


@contextmanager
def slurm_cluster(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which sbatch and its like talk to the cluster; skips where one cannot be started."""
    missing = [program for program in _PROGRAMS if shutil.which(program, path=_path()) is None]
    if missing:
        pytest.skip(f"no SLURM here: {', '.join(missing)} not found (Debian: apt install slurm-wlm munge)")
    _prepare(folder)
    environment = {**os.environ, "PATH": _path(), "SLURM_CONF": str(folder / "slurm.conf")}
    try:
        if (reason := _start(folder, environment)) is not None:
            pytest.skip(f"SLURM does not start here: {reason}")
        yield environment
    finally:
        _stop(folder, environment)


def slurm(folder: Path, **settings: object) -> Slurm:
    """Settings for jobs of this cluster."""
    values = {
        "folder": str(folder),
        "job_name": "test",
        "partition": None,
        "account": None,
        "time": None,
        "nodes": 1,
        "gpus_per_node": None,
        "tasks_per_node": None,
        "cpus_per_task": 1,
        "array_parallelism": 8,
        "requeue": True,
        "max_requeues": 2,
        "signal_before_end_s": 55,
        "setup": [],
        "sbatch": {},
        "srun_args": [],
        "wait": True,
        "poll_s": 0.2,
    }
    return Slurm(**(values | settings))


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _prepare(folder: Path) -> None:
    for name in ("state", "spool", "log", "munge"):
        (folder / name).mkdir(parents=True)
    (folder / "munge").chmod(0o711)
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(1024))
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = {"port": one.getsockname()[1], "node_port": other.getsockname()[1]}
    conf = _CONF.format(host=_host(), user=getpass.getuser(), folder=folder, **ports)
    (folder / "slurm.conf").write_text(conf)


def _host() -> str:
    return socket.gethostname().split(".")[0]


def _start(folder: Path, environment: dict[str, str]) -> str | None:
    """Why it does not start, or None once its node is idle."""
    munge = folder / "munge"
    files = [f"--key-file={folder}/munge.key", f"--socket={munge}/munge.sock", f"--pid-file={munge}/munged.pid"]
    files += [f"--log-file={folder}/log/munged.log", f"--seed-file={munge}/seed"]
    conf = str(folder / "slurm.conf")
    for command in (
        ["munged", "--force", *files],
        ["slurmctld", "-c", "-f", conf],
        ["slurmd", "-c", "-f", conf, "-N", _host()],
    ):
        started = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if started.returncode:
            return f"{command[0]}: {started.stderr.strip()[-300:]}"
    for _ in range(300):
        node = subprocess.run(["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True, check=False)
        if node.stdout.startswith("idle"):
            return None
        time.sleep(0.1)
    return f"its node is {node.stdout.strip() or node.stderr.strip()!r} after 30 s"


def _stop(folder: Path, environment: dict[str, str]) -> None:
    if (folder / "slurmctld.pid").exists():
        subprocess.run(["scancel", "-u", getpass.getuser()], env=environment, capture_output=True, check=False)
        time.sleep(0.5)  # else the steps of jobs outlive the daemons
    for name in ("slurmd.pid", "slurmctld.pid", "munge/munged.pid"):
        with suppress(OSError, ValueError):
            os.kill(int((folder / name).read_text()), signal.SIGKILL)
