"""What of `runtime=ray` needs no cluster: the batches of a chunk, and whether an address answers."""

from __future__ import annotations

import socket

import pytest

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.execution.ray import _cut
from dcvlr.execution.runtime import Need


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (3, [3]), (4, [4]), (7, [7]), (8, [4, 4]), (9, [4, 5]), (11, [4, 7]), (12, [4, 4, 4])],
)
def test_the_last_batch_of_a_chunk_takes_what_is_left_with_it(count: int, sizes: list[int]) -> None:
    needs = [Need(chunk=0, item=number, models=(0,)) for number in range(count)]
    batches = list(_cut(needs, 4))
    assert [len(batch) for batch in batches] == sizes
    assert [need.item for batch in batches for need in batch] == list(range(count))


def test_ranks_of_a_step_are_not_each_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    for name, value in {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=r"^this is one of 4 ranks: runtime=ray has one driver"):
        make(compose(["runtime=ray"]), "runtime").check_ready()


def test_an_address_of_ipv6_is_asked_without_its_brackets() -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with listening:
        make(
            compose(["runtime=ray", f"runtime.address=[::1]:{listening.getsockname()[1]}"]), "runtime"
        )._require_answer()
