"""The table of a campaign: shown at its end, and kept by `make faults`."""

from __future__ import annotations

import os
from typing import Any

import pytest
from faults.counting import KEPT, Table

_TABLE = pytest.StashKey[Table]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = Table()


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    return request.config.stash.setdefault(_TABLE, Table())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    table = config.stash.get(_TABLE, Table())
    if not table.rows:
        return
    if "DCVLR_FAULTS" in os.environ:
        table = table.merged_into(KEPT)
    terminalreporter.section("faults")
    for line in table.lines():
        terminalreporter.write_line(line)
