"""What stands in the place of a manifest and is none: named, set aside, made anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcvlr.errors import ConfigError
from dcvlr.records import ImageRecord
from dcvlr.rundir.manifest import RunManifest, check_same_source, read_manifest, source_of
from dcvlr.rundir.reader import RunDirectory


def damage(kind: str, path: Path) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        (path / "full").mkdir(parents=True)
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    else:
        path.write_bytes({"cut": b'{"source": "/a', "empty": b"", "no text": b"\xff", "nested": b"[" * 10**5}[kind])


@pytest.mark.parametrize("kind", ["pipe", "folder", "dangling link", "cut", "empty", "no text", "nested"])
def test_a_manifest_that_is_none_is_named_and_set_aside(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "manifest.json"
    damage(kind, path)
    assert read_manifest(tmp_path) == {}
    with pytest.raises(ConfigError, match=r"is no run directory|is damaged: run the same command again"):
        RunDirectory(tmp_path).manifest  # noqa: B018  read when it is asked for
    assert source_of(tmp_path) is None
    assert len(list(tmp_path.glob("manifest.json.*.damaged"))) == 1
    assert f"{path} is set aside as manifest.json." in caplog.text
    check_same_source(tmp_path, "/b", lambda: 1, overwrite=False)
    path.write_text('{"source": "/b"}')
    assert read_manifest(tmp_path)["source"] == source_of(tmp_path) == "/b"


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"icons": []}')
    with pytest.raises(ConfigError, match="is not a dcvlr manifest: choose another output_dir, or remove it"):
        check_same_source(tmp_path, "/b", lambda: 1, overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def begun(run_dir: Path, location: str, name: str = "1") -> RunManifest:
    """What a run over one picture says when it begins."""
    settings = {"source": {"location": location}, "filtering": {"min_resolution": 224}}
    manifest = RunManifest(run_dir=run_dir, location=location, root=location, all_settings=settings, overwrite=True)
    manifest.check_pictures([ImageRecord(id=name * 32, path=f"{location}/a.png", dataset="d")])
    manifest.begin(())
    return manifest


def test_what_was_spent_stays_said_where_nobody_counts(tmp_path: Path) -> None:
    begun(tmp_path, "/a").end(tmp_path, spent={"seconds": 5.0}, status="complete")
    again = begun(tmp_path, "/a")
    assert (read_manifest(tmp_path)["status"], read_manifest(tmp_path)["spent"]) == ("running", {"seconds": 5.0})
    again.end(tmp_path, spent={}, status="complete")
    assert (read_manifest(tmp_path)["status"], read_manifest(tmp_path)["spent"]) == ("complete", {"seconds": 5.0})


def test_results_stay_where_pictures_were_moved_and_go_aside_where_they_are_others(tmp_path: Path) -> None:
    begun(tmp_path, "/a").end(tmp_path, spent={}, status="complete")
    result = tmp_path / "intermediate/stage1_filtering"
    result.mkdir(parents=True)
    begun(tmp_path, "/b").end(tmp_path, spent={}, status="complete")
    assert result.exists()
    assert read_manifest(tmp_path)["source"] == "/b"
    begun(tmp_path, "/c", "2")
    assert not result.exists()
    result.mkdir(parents=True)
    (tmp_path / "manifest.json").write_text('{"source": "/a"}')  # that says nothing of its settings
    begun(tmp_path, "/b")
    assert not result.exists()
