"""What several test files need once per session."""

from __future__ import annotations

import gc
import os
import re
import resource
import signal
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest
from conf_once import conf_once
from forked import stop_server
from pictures import make_pictures
from s3 import S3
from text_read import read_text

# A busy machine draws slowly too: how long an example takes says nothing about the code.
busy = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("all", busy)
hypothesis.settings.register_profile("quick", busy, max_examples=20)

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started by a shell with &; tests send Ctrl-C to processes
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a test that reaches for the hub fails at once instead of waiting


@pytest.fixture(scope="session", autouse=True)
def conf_is_read_once() -> Iterator[None]:
    with conf_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def forks_end_with_the_session() -> Iterator[None]:
    yield
    stop_server()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the makers in tests/tiny/ save their tiny random-weight models; each is made by the first who asks."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)  # tiny models lose more to waiting threads than they gain
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture(scope="session")
def text_read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To copy as an output folder in which the text of what `make_pictures` draws, which is dear, is read already."""
    pytest.importorskip("rapidocr", reason="preset=embedded needs the extra rapidocr")
    return read_text(make_pictures(tmp_path_factory.mktemp("drawn")), tmp_path_factory.mktemp("text_read"))


_TESTS = Path(__file__).parent
_LONG_S = 0.5
_LONGEST = (  # over half a minute of a processor, by `--durations`
    *("faults/test_disks", "cli/test_shared_runs", "execution/test_ray", "execution/test_slurm", "test_examples"),
    *("test_presets", "faults/test_killed_runs", "test_language_models_end_to_end", "execution/test_launchers"),
    *("test_recipe_runs", "faults/test_killed_workers", "faults/test_kills", "faults/test_pictures"),
)
_ALL_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)


def pytest_configure(config: pytest.Config) -> None:
    """`make quick` draws a fifth of the examples that `make test` does."""
    hypothesis.settings.load_profile("quick" if config.option.markexpr == "not slow" else "all")


def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at millions of objects again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of slow tests alone are not even imported where those are left out: it takes longer than the fast tests."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return bool(_ALL_SLOW.search(collection_path.read_text(encoding="utf-8"))) or None


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """One for all: moto takes seconds to import, and clients remember where their store is."""
    with S3() as server:
        os.environ.update(server.environment)
        yield server


@pytest.fixture
def s3(s3_server: S3) -> S3:
    """An empty store whose faults and requests are those of this test; reached without long waits."""
    s3_server.clear()
    return s3_server


@pytest.fixture
def small_files_only() -> Iterator[None]:
    """No file may have more than 100,000 bytes, as where a disk is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that took long and are not marked `slow`; a busy machine names some that need no mark."""
    found = [one for one in terminalreporter.stats.get("passed", []) if one.when == "call" and one.duration > _LONG_S]
    if unmarked := [one for one in found if "slow" not in one.keywords]:
        terminalreporter.section(f"over {_LONG_S} s and not marked slow")
        for one in sorted(unmarked, key=lambda report: -report.duration):
            terminalreporter.write_line(f"{one.duration:6.1f} {one.nodeid}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, then those of slow tests alone, those with most of them, and large ones.

    A long file that begins last leaves the other workers idle.
    """
    longest = {_TESTS / f"{name}.py": -len(_LONGEST) + rank for rank, name in enumerate(_LONGEST)}
    tests = Counter(item.path for item in items)
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    order = {path: (longest.get(path, 0), slow[path] < tests[path], -slow[path], -tests[path]) for path in tests}
    items.sort(key=lambda item: order[item.path])
