from __future__ import annotations

import platform
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dcvlr.execution.denormals import denormals_as_zero

known = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in {"x86_64", "aarch64"}, reason="no such switch"
)


def half_of_the_smallest() -> float:
    return float((np.full(8, 2.0**-126, np.float32) * np.float32(0.5)).max())


@known
def test_what_is_too_near_to_zero_is_zero_inside_and_itself_again_behind() -> None:
    with denormals_as_zero():
        inside = half_of_the_smallest()
    assert (inside, half_of_the_smallest()) == (0.0, 2.0**-127)


@known
def test_an_error_inside_switches_it_off_too() -> None:
    with pytest.raises(ValueError, match="inside"), denormals_as_zero():
        raise ValueError("inside")
    assert half_of_the_smallest() == 2.0**-127


@known
def test_the_end_of_an_inner_block_leaves_the_outer_one_as_it_is() -> None:
    with denormals_as_zero():
        with denormals_as_zero():
            pass
        assert half_of_the_smallest() == 0.0
    assert half_of_the_smallest() == 2.0**-127


@known
def test_threads_that_run_already_go_without() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(half_of_the_smallest).result()
        with denormals_as_zero():
            assert pool.submit(half_of_the_smallest).result() == 2.0**-127
            assert half_of_the_smallest() == 0.0


def test_other_processors_go_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with denormals_as_zero():
        assert half_of_the_smallest() == 2.0**-127
