"""What a way of telling duplicates must do, on files and through a memo as in a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from filtering.dedup.pages import form, photograph
from PIL import Image

from dcvlr.filtering.dedup.pictures import DuplicateFinder, Pictures
from dcvlr.filtering.statistics.basic import BasicStatistics
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord

# Of equal pictures the first is kept.
PHOTO, PHOTO_AGAIN, OTHER_PHOTO, FORM, OTHER_FORM = range(5)


def pictures_of(folder: Path, images: Sequence[tuple[str, Image.Image]], earlier: int = 0) -> Pictures:
    """Files of these names, ranked in this order."""
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for name, image in images:
        image.save(folder / name, compress_level=1)
        records.append(ImageRecord(id=digest((folder / name).read_bytes()), path=str(folder / name), dataset="d"))
    statistics = BasicStatistics(hash_decode="draft", batch_size=8)
    signals = Memo(folder / "hashes").measure(statistics, records)
    found = [signals[record.id] for record in records]
    return Pictures(
        images=records,
        phashes=np.array([int(one.phash, 16) for one in found], np.uint64),  # type: ignore[union-attr]
        content_phashes=np.array([int(one.content_phash, 16) for one in found], np.uint64),  # type: ignore[union-attr]
        ranks=np.arange(len(records)),
        earlier=earlier,
    )


class DuplicateFinderContract:
    @pytest.fixture
    def finder(self) -> DuplicateFinder:
        raise NotImplementedError

    @pytest.fixture
    def pictures(self, tmp_path: Path) -> Pictures:
        photo = photograph(0)
        drawn = (photo, photo, photograph(1), form(0), form(1))
        names = ("photo.png", "photo.bmp", "other.png", "form.png", "other_form.png")
        return pictures_of(tmp_path / "pictures", list(zip(names, drawn, strict=True)))

    @pytest.fixture
    def memo(self, tmp_path: Path) -> Memo:
        return Memo(tmp_path / "checkpoints")

    def test_the_same_picture_in_another_format_is_proposed_and_confirmed_for_the_better_one(
        self, finder: DuplicateFinder, pictures: Pictures, memo: Memo
    ) -> None:
        assert PHOTO in finder.candidates(pictures, memo)[PHOTO_AGAIN]
        (finding,) = finder.confirm(pictures, [(PHOTO_AGAIN, PHOTO)], memo)
        assert finding is not None
        assert (finding.name, finding.passed) == ("duplicate", False)
        kept = pictures.images[PHOTO]
        assert f"{kept.file_name} ({kept.id})" in finding.reason

    def test_other_pictures_and_other_entries_of_a_form_are_no_duplicates(
        self, finder: DuplicateFinder, pictures: Pictures, memo: Memo
    ) -> None:
        pairs = [(OTHER_PHOTO, PHOTO), (FORM, PHOTO), (OTHER_FORM, FORM)]
        assert list(finder.confirm(pictures, pairs, memo)) == [None, None, None]

    def test_candidates_are_better_ones_and_few(self, finder: DuplicateFinder, pictures: Pictures, memo: Memo) -> None:
        for picture, others in finder.candidates(pictures, memo).items():
            assert len(others) == len(set(others)) <= 9
            assert all(pictures.ranks[other] < pictures.ranks[picture] for other in others)

    def test_a_pair_gets_the_same_answer_in_any_company(
        self, finder: DuplicateFinder, pictures: Pictures, memo: Memo
    ) -> None:
        pairs = [(OTHER_FORM, FORM), (PHOTO_AGAIN, PHOTO), (OTHER_PHOTO, PHOTO)]
        together = list(finder.confirm(pictures, pairs, memo))
        assert list(finder.confirm(pictures, pairs[::-1], memo))[::-1] == together
        assert [one for pair in pairs for one in finder.confirm(pictures, [pair], memo)] == together

    def test_what_was_looked_at_once_is_remembered(
        self, finder: DuplicateFinder, pictures: Pictures, tmp_path: Path
    ) -> None:
        def found(memo: Memo) -> object:
            return finder.candidates(pictures, memo), finder.confirm(pictures, [(PHOTO_AGAIN, PHOTO)], memo)

        first = found(Memo(tmp_path / "checkpoints"))
        memo = Memo(tmp_path / "checkpoints")
        assert found(memo) == first
        assert set(memo.computed.values()) <= {0}

    def test_a_file_that_vanished_is_no_duplicate(
        self, finder: DuplicateFinder, pictures: Pictures, memo: Memo
    ) -> None:
        Path(pictures.images[PHOTO].path).unlink()
        assert list(finder.confirm(pictures, [(PHOTO_AGAIN, PHOTO)], memo)) == [None]

    def test_no_pictures_and_no_pairs_are_fine(self, finder: DuplicateFinder, pictures: Pictures, memo: Memo) -> None:
        assert list(finder.confirm(pictures, [], memo)) == []
        none = pictures.without(range(len(pictures)))
        assert len(none) == 0
        assert dict(finder.candidates(none, memo)) == {}
