from __future__ import annotations

import pytest

from dcvlr.execution.workers import Worker, device, this_worker


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Worker(rank=0, size=1)),
        ({"RANK": "1", "WORLD_SIZE": "2"}, Worker(rank=1, size=2)),
        ({"RANK": "0", "WORLD_SIZE": "1"}, Worker(rank=0, size=1)),
        ({"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3"}, Worker(rank=3, size=4)),
        ({"SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3"}, Worker(rank=0, size=1)),  # the batch script itself
    ],
)
def test_a_process_knows_which_worker_it_is(environment: dict[str, str], expected: Worker) -> None:
    assert this_worker(environment) == expected


def test_every_chunk_has_one_owner() -> None:
    workers = [Worker(rank=rank, size=3) for rank in range(3)]
    assert [[w.rank for w in workers if w.owns(chunk)] for chunk in range(5)] == [[0], [1], [2], [0], [1]]


def test_a_named_device_is_taken_as_it_is() -> None:
    assert device("cuda:1", {}) == "cuda:1"


@pytest.mark.slow
def test_auto_is_the_cpu_where_there_is_no_gpu() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert device("auto", {}) == "cpu"
