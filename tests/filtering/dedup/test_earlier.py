from __future__ import annotations

from pathlib import Path

import pytest
from filtering.dedup.pages import form, photograph
from filtering.dedup.test_phash import Folders, filtering
from PIL import ImageOps

from dcvlr.cli.build_pack import main
from dcvlr.decontamination.pack import Header, Item, Pack, write_pack
from dcvlr.errors import ConfigError


def delivery(folder: Path) -> Folders:
    folder.mkdir()
    return Folders(folder)


@pytest.mark.slow
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
    with pytest.raises(
        ConfigError, match=r"filtering\.against: .* is no pack and holds no intermediate/stage1_filtering"
    ):
        stage.check_ready()


def test_the_first_of_the_source_can_be_kept_instead_of_the_largest(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.add("a.png", photograph(0, 600, 450))
    folders.add("b.png", photograph(0, 800, 600))
    assert list(folders.rejected()) == ["a.png"]
    assert list(folders.rejected("filtering.keep=first")) == ["b.png"]


def packed(folder: Path, *more: str) -> Path:
    """A pack of the pictures of a folder."""
    output = folder.parent / f"{folder.name}.jsonl"
    assert main([f"name={folder.name}", f"source={folder}", f"output={output}", *more]) == 0
    return output


@pytest.mark.slow
def test_a_new_delivery_is_held_against_a_pack_of_which_no_picture_is_left(tmp_path: Path) -> None:
    old, new = delivery(tmp_path / "old"), delivery(tmp_path / "new")
    for seed in range(4):
        old.add(f"form{seed}.png", form(seed))
    old.add("photo.png", photograph(0, 600, 450))
    pack = packed(tmp_path / "old")
    for image in old.images:
        Path(image.path).unlink()
    new.add("form1_smaller.jpg", form(1).resize((600, 776)))
    new.add("form7.png", form(7))
    new.add("larger.png", photograph(0, 800, 600))
    new.add("framed.png", ImageOps.expand(photograph(0, 800, 600), 60, "white"))
    new.add("other.png", photograph(1))
    rejected = new.rejected(f"filtering.against=[{pack}]")
    assert set(rejected) == {"form1_smaller.jpg", "larger.png", "framed.png"}
    finding = rejected["form1_smaller.jpg"].findings[-1]
    assert rejected["form1_smaller.jpg"].reasons == ("duplicate",)
    assert finding.reason.startswith("shows what form1.png of the pack old, named in filtering.against, shows: ")


@pytest.mark.slow
def test_packs_and_runs_stand_together(tmp_path: Path) -> None:
    first, second, new = (delivery(tmp_path / name) for name in ("first", "second", "new"))
    first.add("a.png", photograph(0))
    second.add("b.png", photograph(1))
    second.stage_folder = "intermediate/stage1_filtering"
    second.rejected()
    for seed in range(3):
        new.add(f"{seed}.png", photograph(seed, 800, 600))
    against = f"filtering.against=[{packed(tmp_path / 'first')},{tmp_path / 'second'}]"
    assert set(new.rejected(against)) == {"0.png", "1.png"}


def test_a_pack_that_cannot_be_compared_with_is_refused_before_work(tmp_path: Path) -> None:
    old = delivery(tmp_path / "old")
    old.add("a.png", photograph(0))
    exact = packed(tmp_path / "old", "hash_decode=exact")
    with pytest.raises(ConfigError, match=r"hashed with another filtering\.statistics"):
        filtering(f"filtering.against=[{exact}]").check_ready()
    for item, message in {
        Item(id="q", shingles=b"abcd"): "holds no picture",
        Item(id="p", phash="0" * 16): "holds no hashes of 256 bits; build it again",
    }.items():
        write_pack(tmp_path / "pack", Pack(Header(name="mine", words=3, statistics=""), [item]))
        with pytest.raises(ConfigError, match=f"the pack 'mine' {message}"):
            filtering(f"filtering.against=[{tmp_path / 'pack'}]").check_ready()
