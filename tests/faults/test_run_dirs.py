"""Run directories of which any file was damaged: the same command makes them whole, or says which one to mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from faults.counting import Table, repeats, seed
from faults.damage import ANY_FILE, GONE
from faults.disks import WITHOUT_OVERRIDE
from faults.undisturbed import Undisturbed, finished
from faults.watchdog import ended
from faults.whole_runs import DEADLINE_S, Scenario, results
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each process has a watchdog of its own
pytest.importorskip("aiohttp", reason="the api extra is not installed")

HARMS = {**ANY_FILE, "gone": GONE["gone"]}


def test_a_damaged_run_directory_is_made_whole_or_the_damage_is_named(
    scenario: Scenario, undisturbed: Undisturbed, tmp_path: Path, table: Table
) -> None:
    names = sorted(str(path.relative_to(undisturbed.out)) for path in undisturbed.out.rglob("*") if path.is_file())
    which = st.dictionaries(st.sampled_from(names), st.sampled_from(sorted(HARMS)), min_size=1, max_size=8)

    @seeded(seed())
    @settings(
        max_examples=repeats(3),
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(which, st.data())
    def check(which: dict[str, str], data: st.DataObject) -> None:
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(undisturbed.out, out)
        before = len(scenario.server.requests)
        for name, kind in which.items():
            HARMS[kind](out / name, data)
        table.tried("damaged files of run directories", len(which))
        process = scenario.start(out, under=WITHOUT_OVERRIDE)
        stderr = ended(process, DEADLINE_S)
        assert process.returncode in (0, 1), (which, stderr)
        if process.returncode:
            assert len(stderr.splitlines()) == 1, (which, stderr)
            named = [name for name in which if str(out / name) in stderr]
            assert named, (which, stderr)
            mend(out, which)
            finished(scenario, out)
        made = results(out)
        assert [name for name in undisturbed.results if made.get(name) != undisturbed.results[name]] == [], which
        table.survived("damaged files of run directories", len(which))
        assert len(scenario.server.requests) - before <= sum(len(model) for model in undisturbed.remembered.values())

    check()


def mend(out: Path, which: dict[str, str]) -> None:
    """As a person would: what is no good is removed."""
    for name in which:
        path = out / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
