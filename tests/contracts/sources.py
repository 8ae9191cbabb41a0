"""What every source must do; a source's test subclasses this and offers `source`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dcvlr.identity import digest
from dcvlr.images import read_bytes
from dcvlr.memo import Memo
from dcvlr.protocols import Source
from dcvlr.records import ImageRecord
from dcvlr.remote import is_url
from dcvlr.rundir.ledger import Ledger


def content(path: str, image_id: str) -> bytes:
    if not is_url(path):
        return Path(path).read_bytes()
    data = read_bytes(ImageRecord(id=image_id, path=path, dataset=""))
    assert isinstance(data, bytes)
    return data


class SourceContract:
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def images(self, source: Source, tmp_path: Path) -> list[ImageRecord]:
        return source(Memo(tmp_path / "checkpoints"), Ledger(io.BytesIO(), "source"))

    def test_ids_are_digests_of_the_bytes_and_each_comes_once(self, images: list[ImageRecord]) -> None:
        assert [image.id for image in images] == [digest(content(image.path, image.id)) for image in images]
        assert len({image.id for image in images}) == len(images)

    def test_pictures_are_sorted_by_path_and_paths_are_absolute(self, images: list[ImageRecord]) -> None:
        paths = [image.path for image in images]
        assert paths == sorted(paths)
        assert all(Path(path).is_absolute() or is_url(path) for path in paths)

    def test_copies_have_the_same_bytes_and_come_after_the_path(self, images: list[ImageRecord]) -> None:
        for image in images:
            paths = [image.path, *image.copies]
            assert paths == sorted(set(paths))
            assert {digest(content(path, image.id)) for path in paths} == {image.id}

    def test_a_second_call_gives_the_same_pictures_without_reading_files(
        self, source: Source, images: list[ImageRecord], tmp_path: Path
    ) -> None:
        memo = Memo(tmp_path / "checkpoints")
        assert source(memo, Ledger(io.BytesIO(), "source")) == images
        assert sum(memo.computed.values()) == 0

    def test_count_is_the_number_of_files_with_copies(self, source: Source, images: list[ImageRecord]) -> None:
        assert source.count() == sum(1 + len(image.copies) for image in images)

    def test_location_is_said_before_any_work(self, source: Source) -> None:
        assert source.location

    def test_pictures_lie_below_the_root(self, source: Source, images: list[ImageRecord]) -> None:
        assert all(image.path.startswith(f"{source.root}/") for image in images)
