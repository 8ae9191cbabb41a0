"""What a selection refuses, and what its presets choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from scripted import Scripted
from selection.test_selection_stage import guessing, knows, pupil, selection, solver

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.selection.stage import Selection


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_blind_share": 1.5}, r"max_blind_share=1\.5"),
        (
            {"min_teacher_agreeing": 3, "teacher": guessing(Scripted(script=knows(right=True)))},
            r"^min_teacher_agreeing=3: at most teacher\.samples \(2\)",
        ),
        ({"dataset_size": 0}, r"dataset_size=0"),
        ({"quotas": [{"from": 0, "to": 5, "share": 1}]}, r"^quotas=.* <= student\.samples \(4\)"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        selection(Scripted(script=pupil()), **changes)


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_a_model_that_sees_nothing_is_refused(role: str) -> None:
    stage = selection(Scripted(script=pupil()))
    stage.check_ready()
    unseeing = solver(Scripted(script=pupil(), sees_images=False))
    with pytest.raises(
        ConfigError, match=rf"selection\.{role}\.llm is .* sees no pictures.*llm@selection\.{role}\.llm="
    ):
        replace(stage, **{role: unseeing}).check_ready()


def test_the_hard_preset_leaves_easy_questions_out() -> None:
    made: Callable[..., Selection] = lambda *o: make(compose(["images_dir=x", *o]), "selection")  # noqa: E731
    assert made("selection=hard").quotas == [
        {"from": 0, "to": 0, "share": 0.2},
        {"from": 1, "to": 2, "share": 0.5},
        {"from": 3, "to": 5, "share": 0.3},
    ]
    assert made("selection=hard").teacher is None
    assert made().student is None
    taught = made("selection=hard", "selection/teacher=model", "selection.teacher.llm.model=big").teacher
    assert taught is not None
    assert (taught.samples, taught.temperature, taught.llm.model) == (4, 1.0, "big")  # type: ignore[attr-defined]
