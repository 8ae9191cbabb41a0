"""Runs in one folder at once: those of equal settings share the work, another is refused while one of them lives."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from forked import Forked
from PIL import Image

from dcvlr.api import DataSynthesisPipeline
from dcvlr.errors import ConfigError
from dcvlr.rundir.belonging import changes
from dcvlr.rundir.manifest import check_same_source
from dcvlr.rundir.sharing import shared

MODEL = {"name": "ocr", "revision": 1, "fields": {"min_score": 0.5, "languages": ["en"]}}
SETTINGS = {
    "source": {"name": "Folder", "revision": None, "location": "/a", "fields": {"num_images": None}},
    "binning": {"name": "Stage", "revision": None, "fields": {"ocr": MODEL, "bins": {"A": 3}}},
}


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """What runs, in a second or two, over one picture."""
    train = tmp_path / "images" / "drawn" / "train"
    train.mkdir(parents=True)
    Image.linear_gradient("L").resize((300, 300)).save(train / "a.png")
    places = [f"images_dir={tmp_path / 'images'}", f"output_dir={tmp_path / 'out'}"]
    return [*places, "filtering/nsfw=none", "stages=[filtering]", "report=none", "runtime.lease_s=900"]


def started(*words: str) -> Forked:
    return Forked("-m", "dcvlr", *words)


def ended(process: Forked) -> tuple[int, str]:
    _, errors = process.communicate(timeout=240)
    return process.returncode, errors


@contextmanager
def held_still(words: list[str], out: Path) -> Iterator[Forked]:
    """A run that is alive and does nothing: stopped as soon as its lock is there."""
    process = started(*words)
    try:
        while not list((out / "status").glob("*-*.lock")) or (out / "status" / ".entry").exists():
            assert process.poll() is None, ended(process)
            time.sleep(0.005)
        process.send_signal(signal.SIGSTOP)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_run_with_other_settings_is_refused_while_one_lives_and_an_equal_one_shares_the_work(
    words: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with held_still(words, out) as first:
        for more in ([], ["overwrite=true"]):
            code, errors = ended(started(*words, "filtering.min_resolution=100", *more))
            assert code == 2
            [line] = errors.splitlines()
            assert line.startswith(
                f"dcvlr: output_dir='{out}': a run with other settings is at work there (held by pro"
            )
            assert line.endswith(
                ": filtering.min_resolution: 224 -> 100. Wait for its end, or choose another output_dir"
            )
        code, errors = ended(started(*words, "stages=[filtering,binning]", "overwrite=true"))
        assert code == 2
        assert 'stages: ["filtering"] -> ["filtering","binning"]. Wait' in errors

        swept = ended(started("-m", *words, "filtering.min_resolution=100,150"))
        assert swept == (0, "")  # its jobs have folders of their own

        fast = ["verbose=true", "runtime.decode_threads=1", "runtime.chunk_size=8", "report=light"]
        equal = started(*words, *fast)
        while len(list((out / "status").glob("*-*.lock"))) < 2:
            assert equal.poll() is None, ended(equal)
            time.sleep(0.005)
        first.send_signal(signal.SIGCONT)
        assert (ended(equal), ended(first)) == ((0, ""), (0, ""))
    assert not list((out / "status").glob("*.lock"))
    assert json.loads((out / "manifest.json").read_bytes())["counts"] == {"filtered_count": 1}


@pytest.mark.slow
def test_a_run_that_was_killed_keeps_nobody_out(words: list[str], tmp_path: Path) -> None:
    with held_still(words, tmp_path / "out") as first:
        first.kill()
        first.wait()
        assert ended(started(*words, "filtering.min_resolution=100")) == (0, "")


@pytest.mark.slow
def test_a_notebook_is_refused_too(words: list[str], tmp_path: Path) -> None:
    with held_still(words, tmp_path / "out"):
        other = DataSynthesisPipeline([*words, "filtering.min_resolution=100"])
        with pytest.raises(ConfigError, match=r"filtering\.min_resolution: 224 -> 100"):
            other.run()
        with pytest.raises(ConfigError, match=r"filtering\.min_resolution: 224 -> 100"):
            other.filter_stage()
        assert len(DataSynthesisPipeline(words).filter_stage()) == 1


def test_a_run_of_another_host_lives_as_long_as_its_lease(tmp_path: Path) -> None:
    other = SETTINGS | {"source": {**SETTINGS["source"], "location": "/b"}}
    lock = tmp_path / "status" / "00000000-1.lock"
    lock.parent.mkdir()
    lock.write_text(f"00000000-1 abc {json.dumps(other)}")
    message = r'of another machine, renewed \d s ago, .* source\.location: "/b" -> "/a"'
    with pytest.raises(ConfigError, match=message), shared(tmp_path, SETTINGS, 60):
        pass
    with shared(tmp_path, other, 60):
        pass
    long_ago = time.time() - 61
    os.utime(lock, (long_ago, long_ago))
    with shared(tmp_path, SETTINGS, 60):
        assert not lock.exists()
    assert [path.name for path in (tmp_path / "status").iterdir()] == []


def test_an_output_dir_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=f"output_dir='{place}' cannot be made: "), shared(place, SETTINGS, 60):
            pass
    with pytest.raises(ConfigError, match="is a file; choose a folder"):
        check_same_source(tmp_path / "file", "/a", lambda: 1, overwrite=True)


@pytest.mark.parametrize("text", ["", "x", "00000000-1 abc", "00000000-1 abc [1]", "00000000-1 abc {"])
def test_a_lock_that_tells_no_settings_refuses_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "status").mkdir()
    (tmp_path / "status" / "x.lock").write_text(text)
    with shared(tmp_path, SETTINGS, 60):
        pass


def test_differences_are_told_by_the_keys_of_the_config() -> None:
    changed = {**MODEL, "fields": {"min_score": 0.7, "languages": ["en"]}}
    binning = {"name": "Stage", "revision": None, "fields": {"ocr": changed, "bins": {"A": 3, "B": 1}}}
    assert list(changes(SETTINGS, SETTINGS)) == []
    assert list(changes(SETTINGS, SETTINGS | {"binning": binning})) == [
        ("binning.ocr.min_score", 0.5, 0.7),
        ("binning.bins.B", None, 1),
    ]
    other = {"name": "Stage", "revision": None, "fields": {"ocr": {**MODEL, "name": "paddle"}, "bins": {"A": 3}}}
    csv = {"name": "Csv", "revision": None, "fields": {}}
    assert list(changes(SETTINGS, {"source": SETTINGS["source"], "binning": other, "export.csv": csv})) == [
        ("export", [], ["csv"]),
        ("binning.ocr", "ocr", "paddle"),
    ]
    assert list(changes(SETTINGS, {"source": SETTINGS["source"]})) == [("stages", ["binning"], [])]
