from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from composed import composed_part
from contracts.duplicates import DuplicateFinderContract
from filtering.dedup.pages import chart, form, jpeg, photograph, receipt, scene, slide
from ledgers import entries_in
from PIL import Image, ImageEnhance, ImageOps

from dcvlr.errors import ConfigError
from dcvlr.filtering.dedup.pair_difference import pair_of
from dcvlr.filtering.dedup.pictures import DuplicateFinder
from dcvlr.filtering.stage import Filtering
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger


def filtering(*overrides: str) -> Filtering:
    """The stage as configured, without models for watermarks and nudity."""
    built = composed_part("filtering", *overrides, "filtering/nsfw=none", "filtering.watermark_threshold=null")
    assert isinstance(built, Filtering)
    return built


class Folders:
    """Pictures on disk, and what the stage makes of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images: list[ImageRecord] = []
        self.stage_folder = "out"

    def add(self, name: str, image: Image.Image) -> ImageRecord:
        path = self.folder / name
        image.save(path, quality=90, compress_level=1)
        self.images.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="d"))
        return self.images[-1]

    def rejected(self, *overrides: str) -> dict[str, LedgerEntry]:
        file = io.BytesIO()
        self.memo = Memo(self.folder / "checkpoints")
        stage = filtering(*overrides)
        stage(self.images, self.memo, Ledger(file, stage.name), Folder(self.folder / self.stage_folder))
        return {Path(entry.path).name: entry for entry in entries_in(file)}


class TestPhash(DuplicateFinderContract):
    @pytest.fixture
    def finder(self) -> DuplicateFinder:
        return filtering().dedup["phash"]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@pytest.mark.slow
def test_pages_of_one_layout_with_other_content_are_all_kept(folders: Folders) -> None:
    for draw in (form, chart, slide):
        for seed in range(6):
            folders.add(f"{draw.__name__}{seed}.png", draw(seed))
    folders.add("scene.png", scene())
    folders.add("scene_moved.png", scene(moved=40))
    for colour in ("white", "red", "blue"):
        folders.add(f"{colour}.png", Image.new("RGB", (400, 400), colour))
    assert folders.rejected() == {}


@pytest.mark.slow
def test_copies_of_pages_and_photographs_are_rejected_for_the_one_that_is_kept(folders: Folders) -> None:
    for seed in range(6):
        folders.add(f"form{seed}.png", form(seed))
    kept = folders.add("photo.png", photograph(0, 800, 600))
    folders.add("form2_small.jpg", form(2).resize((600, 776)))
    folders.add("form3_grey.jpg", jpeg(form(3), 40).convert("L"))
    folders.add("photo_small.jpg", photograph(0, 800, 600).resize((400, 300)))
    folders.add("photo_framed.png", ImageOps.expand(photograph(0, 800, 600).resize((640, 480)), 40, "black"))
    rejected = folders.rejected()
    # Of equal size the smaller id is kept, which file that is says the digest of its bytes.
    one_of = {"form3.png", "form3_grey.jpg"} & set(rejected)
    assert len(one_of) == 1
    assert set(rejected) - one_of == {"form2_small.jpg", "photo_framed.png", "photo_small.jpg"}
    for name in ("photo_framed.png", "photo_small.jpg"):
        (finding,) = [finding for finding in rejected[name].findings if not finding.passed]
        assert rejected[name].reasons == ("duplicate",)
        assert f"shows what {kept.file_name} ({kept.id}) shows, which is kept: " in finding.reason


@pytest.mark.slow
@pytest.mark.parametrize("draw", [receipt, form, photograph])
@pytest.mark.parametrize("colour", ["white", "black", "#808080"])
def test_copies_with_a_plain_border_are_found_and_other_pages_in_one_are_not(
    draw: Callable[[int], Image.Image], colour: str, folders: Folders
) -> None:
    border = round(0.07 * max(draw(0).size))
    folders.add("framed0.png", ImageOps.expand(draw(0), border, colour))
    folders.add("plain0.png", draw(0))
    folders.add("framed1.png", ImageOps.expand(draw(1), border, colour))
    assert set(folders.rejected()) == {"framed0.png"}


@pytest.mark.parametrize("factor", [0.8, pytest.param(1.2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("draw", [receipt, form, chart, slide, photograph])
def test_lighter_and_darker_copies_are_found_and_other_pages_are_not(
    draw: Callable[[int], Image.Image], factor: float, folders: Folders
) -> None:
    folders.add("page0.png", draw(0))
    folders.add("other.png", draw(1))
    smaller = draw(0).resize((draw(0).width * 3 // 4, draw(0).height * 3 // 4))
    folders.add("copy0.jpg", ImageEnhance.Brightness(smaller).enhance(factor))
    assert set(folders.rejected()) == {"copy0.jpg"}


@pytest.mark.slow
def test_what_was_compared_once_is_not_compared_again(folders: Folders) -> None:
    for seed in range(8):
        folders.add(f"form{seed}.png", form(seed))
    folders.add("copy.jpg", form(0).resize((600, 776)))
    before = list(folders.rejected())
    names = {name.rpartition("-")[0] for name, count in folders.memo.computed.items() if count}
    assert names == {"statistics", "closer_look", "pair_difference"}, "more than a few hash alike"
    assert list(folders.rejected("filtering.phash_threshold=7", "filtering.dedup.phash.max_difference=0.9")) == before
    assert set(folders.memo.computed.values()) == {0}


def test_a_pair_is_the_same_item_in_either_order() -> None:
    one, other = (ImageRecord(id=name, path=name, dataset="d") for name in "ab")
    assert pair_of(one, other) == pair_of(other, one)


def test_a_picture_that_vanished_is_no_duplicate(folders: Folders) -> None:
    folders.add("a.png", photograph(0))
    folders.add("b.png", photograph(0, 800, 600))
    assert list(folders.rejected()) == ["a.png"]
    (folders.folder / "checkpoints").rename(folders.folder / "old")
    gone = folders.add("c.png", photograph(1))
    statistics = filtering().statistics
    Memo(folders.folder / "checkpoints").measure(statistics, folders.images)
    for image in folders.images[:2]:
        Path(image.path).unlink()
    assert folders.rejected() == {}
    assert Path(gone.path).is_file()


@pytest.mark.slow
def test_duplicates_can_be_kept(folders: Folders) -> None:
    folders.add("a.png", photograph(0))
    folders.add("b.png", photograph(0, 800, 600))
    assert folders.rejected("filtering/dedup=none") == {}
    assert folders.rejected("filtering.phash_threshold=null") == {}
    assert list(folders.rejected("filtering/dedup=[phash]")) == ["a.png"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "filtering.dedup.phash.max_difference=-1",
            r"filtering\.dedup\.phash\.max_difference=-1",
        ),
        ("filtering.dedup.phash.difference.side=10", r"filtering\.dedup\.phash\.difference\.side=10"),
        ("filtering.dedup.phash.look.batch_size=0", r"filtering\.dedup\.phash\.look\.batch_size=0"),
    ],
)
def test_a_wrong_setting_is_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        filtering(override)


def test_the_settings_of_speed_are_no_part_of_what_was_measured() -> None:
    phash = filtering().dedup["phash"]
    faster = dataclasses.replace(phash.difference, batch_size=99, threads=1)  # type: ignore[attr-defined]
    assert faster == phash.difference  # type: ignore[attr-defined]
