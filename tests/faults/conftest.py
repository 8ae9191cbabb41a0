"""The table of a campaign, shown at its end and kept by `make faults`, and the run that others are compared with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from faults.counting import KEPT, Table
from faults.undisturbed import Undisturbed
from faults.whole_runs import Scenario, answer, made
from servers import Loopback

_TABLE = pytest.StashKey[Table]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = Table()


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    return request.config.stash.setdefault(_TABLE, Table())


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    folder = tmp_path_factory.mktemp("killed")
    made(folder)
    with Loopback(answer) as server:
        yield Scenario(folder, server)


@pytest.fixture(scope="session")
def undisturbed(scenario: Scenario) -> Undisturbed:
    return Undisturbed(scenario)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    table = config.stash.get(_TABLE, Table())
    if not table.rows:
        return
    if "DCVLR_FAULTS" in os.environ:
        table = table.merged_into(KEPT)
    terminalreporter.section("faults")
    for line in table.lines():
        terminalreporter.write_line(line)
