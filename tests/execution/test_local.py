from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from dcvlr.config import build, compose
from dcvlr.execution.accelerate import warn_of_too_many
from dcvlr.execution.local import Local
from dcvlr.execution.workers import Worker
from dcvlr.settings import SettingError

ONE = Local(num_processes=1, max_restarts=3, chunk_size=64, lease_s=60, decode_threads=None, decode_memory_mb=2048)


def test_several_processes_are_started_by_the_first_and_not_by_those_it_started() -> None:
    two = replace(ONE, num_processes=2)
    assert not ONE.starts_others(Worker())
    assert two.starts_others(Worker())
    assert not two.starts_others(Worker(rank=1, size=2))


def test_the_option_of_the_config_is_the_object_that_a_run_gets() -> None:
    plan = build(compose(["images_dir=somewhere", "runtime.num_processes=2"]))
    assert plan.runtime == replace(ONE, num_processes=2)
    assert (str(ONE), str(plan.runtime)) == ("1 process on this machine", "2 processes on this machine")


@pytest.mark.parametrize(
    ("field", "value"),
    [("num_processes", 0), ("max_restarts", -1), ("chunk_size", 0), ("lease_s", 0), ("lease_s", "x")],
)
def test_a_setting_out_of_range_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(SettingError, match=f"{field}="):
        replace(ONE, **{field: value})


@pytest.mark.slow  # imports torch
def test_more_processes_than_the_machine_has_cores_are_warned_of(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    cores = len(os.sched_getaffinity(0))
    warn_of_too_many(cores)
    assert caplog.messages == []
    warn_of_too_many(cores + 1)
    (message,) = caplog.messages
    assert message.startswith(f"runtime.num_processes={cores + 1} on a machine of {cores} cores: ")
