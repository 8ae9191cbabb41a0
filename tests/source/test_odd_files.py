"""Files and folders that are not what they seem: links, odd names, files that vanish or change."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from source.test_folder import DIGEST, draw, folder, run

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.records import Failure
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileId, file_state


def test_links_to_files_are_followed_and_loops_of_folders_end(tmp_path: Path) -> None:
    real = draw(tmp_path / "elsewhere/real.png")
    train = tmp_path / "in/d/train"
    train.mkdir(parents=True)
    (train / "link.png").symlink_to(real)
    (train / "again").symlink_to(train)
    (tmp_path / "in/whole").symlink_to(tmp_path / "in")
    (tmp_path / "in/self").symlink_to("self")
    images, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [image.path for image in images] == [str(train / "link.png")]
    assert [(Path(e.path).name, e.findings[0].value) for e in entries] == [
        ("again", "link"),
        ("self", "no file"),
        ("whole", "link"),
    ]


def test_a_link_to_a_folder_elsewhere_is_followed_once(tmp_path: Path) -> None:
    draw(tmp_path / "elsewhere/real.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/one").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/two").symlink_to(tmp_path / "elsewhere")
    images, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [(image.path, image.dataset) for image in images] == [(f"{tmp_path}/in/one/real.png", "one")]
    assert [Path(entry.path).name for entry in entries] == ["two"]


def test_a_name_that_is_not_utf8_gets_a_ledger_line(tmp_path: Path) -> None:
    train = draw(tmp_path / "in/d/train/good.png").parent
    try:
        Path(os.fsdecode(os.fsencode(train) + b"/b\xff.png")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system holds only UTF-8 names")
    _, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [(entry.path, entry.findings[0].reason) for entry in entries] == [
        (f"{train}/b\\xff.png", "not a picture file: a name that is not UTF-8")
    ]


def test_a_zero_byte_file_is_a_picture_until_it_is_opened(tmp_path: Path) -> None:
    draw(tmp_path / "in/d/train/a.png")
    (tmp_path / "in/d/train/empty.png").write_bytes(b"")
    images, _ = run(folder(tmp_path / "in"), tmp_path)
    assert [image.id for image in images if image.path.endswith("empty.png")] == ["af1349b9f5f9a1a6a0404dea36dcc949"]


def test_a_touched_file_is_read_again_and_the_others_are_not(tmp_path: Path) -> None:
    for index in range(3):
        draw(tmp_path / f"in/d/train/{index}.png", f"rgb({index},0,0)")
    before, _ = run(folder(tmp_path / "in"), tmp_path)
    draw(tmp_path / "in/d/train/1.png", "white")
    memo = Memo(tmp_path / "checkpoints")
    after = folder(tmp_path / "in")(memo, Ledger(io.BytesIO(), "source"))
    assert list(memo.computed.values()) == [1]
    assert [a.id == b.id for a, b in zip(after, before, strict=True)] == [True, False, True]


def test_a_file_that_vanishes_or_changes_is_a_passing_failure(tmp_path: Path) -> None:
    gone, changed, kept = (draw(tmp_path / f"{name}.png", "red") for name in ("gone", "changed", "kept"))
    states = [file_state(str(path), path.stat()) for path in (gone, changed, kept)]
    gone.unlink()
    changed.write_bytes(b"other")
    first, second, third = DIGEST(states)
    assert isinstance(first, Failure)
    assert (first.kind, first.remembered) == ("missing", False)
    assert isinstance(second, Failure)
    assert (second.kind, second.remembered) == ("changed", False)
    assert isinstance(third, FileId)


def test_an_unreadable_file_is_unmeasured_and_the_rest_goes_on(tmp_path: Path) -> None:
    draw(tmp_path / "in/d/train/a.png")
    secret = draw(tmp_path / "in/d/train/b.png", "blue")
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        pytest.skip("this user may read everything")
    images, entries = run(folder(tmp_path / "in"), tmp_path)
    assert [Path(image.path).name for image in images] == ["a.png"]
    assert [(entry.path, entry.verdict, entry.reasons) for entry in entries] == [
        (str(secret), "unmeasured", ("missing",))
    ]


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in/d/train/dir.jpg").mkdir(parents=True)
    with pytest.raises(ConfigError, match="could be read"):
        run(folder(tmp_path / "in", layout="strict"), tmp_path)
