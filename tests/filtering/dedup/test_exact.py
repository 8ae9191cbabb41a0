from __future__ import annotations

from pathlib import Path

import pytest
from contracts.duplicates import DuplicateFinderContract
from filtering.dedup.pages import form, jpeg, photograph
from filtering.dedup.test_phash import Folders, filtering
from PIL import Image

from dcvlr.filtering.dedup.pictures import DuplicateFinder

EXACT = "filtering/dedup=[exact]"


class TestExact(DuplicateFinderContract):
    @pytest.fixture
    def finder(self) -> DuplicateFinder:
        return filtering(EXACT).dedup["exact"]


def test_equal_pixels_in_other_formats_are_one_picture(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    photo = jpeg(photograph(0), 90)
    folders.add("a.png", photo)
    folders.add("b.bmp", photo)
    folders.add("c.tif", photo)
    folders.add("smaller.png", photo.resize((500, 375)))
    folders.add("recompressed.jpg", photo)
    rejected = folders.rejected(EXACT)
    kept = {"a.png", "b.bmp", "c.tif"} - set(rejected)
    assert len(kept) == 1
    assert set(rejected) | kept == {"a.png", "b.bmp", "c.tif"}
    for entry in rejected.values():
        (finding,) = [finding for finding in entry.findings if not finding.passed]
        assert next(iter(kept)) in finding.reason
        assert finding.reason.endswith("which is kept: all are equal")


def test_one_other_pixel_is_another_picture(tmp_path: Path) -> None:
    folders, page = Folders(tmp_path), form(0).copy()
    folders.add("a.png", page)
    page.putpixel((800, 1000), (0, 0, 0))
    folders.add("b.png", page)
    assert folders.rejected(EXACT) == {}


def test_only_what_hashes_alike_is_decoded_whole(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    for seed in range(5):
        folders.add(f"{seed}.png", photograph(seed))
    folders.add("copy.bmp", photograph(0))
    folders.rejected(EXACT)
    (count,) = [count for name, count in folders.memo.computed.items() if name.startswith("pixels_digest")]
    assert count == 2


@pytest.mark.slow
def test_exact_and_phash_stand_together_and_name_the_same_kept_one(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    kept = folders.add("large.png", photograph(0, 1200, 900).resize((1000, 750)))
    small = Image.open(kept.path).convert("RGB").resize((500, 375))
    folders.add("small.png", small)
    folders.add("small.bmp", small)
    rejected = folders.rejected("filtering/dedup=[exact,phash]")
    assert set(rejected) == {"small.png", "small.bmp"}
    for entry in rejected.values():
        assert kept.id in entry.findings[-1].reason, "not that of another rejected one"
