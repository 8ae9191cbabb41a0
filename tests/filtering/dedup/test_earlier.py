from __future__ import annotations

from pathlib import Path

import pytest
from filtering.dedup.pages import form, photograph
from filtering.dedup.test_phash import Folders, filtering

from dcvlr.errors import ConfigError


def delivery(folder: Path) -> Folders:
    folder.mkdir()
    return Folders(folder)


def test_a_new_delivery_is_held_against_what_an_earlier_run_kept(tmp_path: Path) -> None:
    old, new = delivery(tmp_path / "old"), delivery(tmp_path / "new")
    kept = old.add("photo.png", photograph(0, 600, 450))
    old.add("form.png", form(0))
    old.stage_folder = "intermediate/stage1_filtering"
    old.rejected()
    new.add("larger.png", photograph(0, 800, 600))
    new.add("form_again.png", form(0))
    new.add("other_form.png", form(1))
    new.add("other.png", photograph(1))
    rejected = new.rejected(f"filtering.against=[{tmp_path / 'old'}]")
    assert set(rejected) == {"larger.png", "form_again.png"}
    assert kept.id in rejected["larger.png"].findings[-1].reason, "what was delivered is never rejected later"
    assert rejected["form_again.png"].findings[-1].reason.startswith("an earlier run")


def test_earlier_pictures_that_are_gone_are_counted_and_not_compared(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = delivery(tmp_path / "old"), delivery(tmp_path / "new")
    gone = old.add("photo.png", photograph(0, 600, 450))
    old.stage_folder = "intermediate/stage1_filtering"
    old.rejected()
    Path(gone.path).unlink()
    new.add("larger.png", photograph(0, 800, 600))
    assert new.rejected(f"filtering.against=[{tmp_path / 'old'}]") == {}
    assert "1 of 1 earlier pictures cannot be read" in caplog.text


def test_what_is_no_run_is_refused_before_work(tmp_path: Path) -> None:
    stage = filtering(f"filtering.against=[{tmp_path}]")
    with pytest.raises(ConfigError, match=r"filtering\.against: .* holds no intermediate/stage1_filtering"):
        stage.check_ready()


def test_the_first_of_the_source_can_be_kept_instead_of_the_largest(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.add("a.png", photograph(0, 600, 450))
    folders.add("b.png", photograph(0, 800, 600))
    assert list(folders.rejected()) == ["a.png"]
    assert list(folders.rejected("filtering.keep=first")) == ["b.png"]
