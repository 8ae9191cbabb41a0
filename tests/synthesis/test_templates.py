"""Templates of prompts that cannot be meant."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from synthesis.made_scenes import receipt
from synthesis.test_written import SLOT, templates

from dcvlr.errors import ConfigError


def test_a_template_that_names_what_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="'problm' is undefined"):
        dataclasses.replace(templates(), correct="{{ problm }}").check_ready()
    with pytest.raises(ConfigError, match="synthesis/prompt"):
        dataclasses.replace(templates(), extract="{% if %}").check_ready()
    templates().check_ready()


def test_a_template_cannot_reach_into_python() -> None:
    with pytest.raises(ConfigError, match="unsafe"):
        dataclasses.replace(templates(), extract="{{ slot.__class__.__mro__ }}").check_ready()


def test_a_template_is_compiled_once_however_many_requests_it_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    prompt, compiled = dataclasses.replace(templates()), Counter[str]()
    compiling = ImmutableSandboxedEnvironment.from_string

    def counted(sandbox: ImmutableSandboxedEnvironment, source: str) -> Any:
        compiled[source] += 1
        return compiling(sandbox, source)

    monkeypatch.setattr(ImmutableSandboxedEnvironment, "from_string", counted)
    for n in range(3):
        prompt.question([receipt(str(n))], [SLOT], asked_as="C", sees_image=True)
        prompt.extraction([SLOT], sees_image=True, pictures=1)
    assert compiled == {prompt.scene: 1, prompt.ask["C"][0]: 1, prompt.extract: 1}
