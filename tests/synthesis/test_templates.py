"""Templates of prompts that cannot be meant."""

from __future__ import annotations

import pytest
from synthesis.test_written import templates

from dcvlr.errors import ConfigError


def test_a_template_that_names_what_is_not_there_is_refused() -> None:
    import dataclasses

    with pytest.raises(ConfigError, match="'problm' is undefined"):
        dataclasses.replace(templates(), correct="{{ problm }}").check_ready()
    with pytest.raises(ConfigError, match="synthesis/prompt"):
        dataclasses.replace(templates(), extract="{% if %}").check_ready()
    templates().check_ready()


def test_a_template_cannot_reach_into_python() -> None:
    import dataclasses

    with pytest.raises(ConfigError, match="unsafe"):
        dataclasses.replace(templates(), extract="{{ slot.__class__.__mro__ }}").check_ready()
