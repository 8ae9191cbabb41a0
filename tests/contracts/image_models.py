"""What every model that looks at pictures must do; a model's test subclasses this and offers `model`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageDraw

from dcvlr.identity import digest, identity
from dcvlr.images import read_picture
from dcvlr.protocols import ImageModel
from dcvlr.records import Decode, Failure, ImageRecord, Picture, to_json


def picture_of(image: Image.Image, decode: Decode, *, image_format: str = "PNG", **options: Any) -> Picture:
    """What a model with this `decode` would be handed, had the drawn picture been found in a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn"
        image.save(path, image_format, **{"compress_level": 1, **options})
        record = ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="drawn")
        picture = read_picture(record, decode)
    assert isinstance(picture, Picture), picture
    return picture


def drawn_images() -> list[Image.Image]:
    """Pictures of different sizes and shapes: text, objects, noise, a blank one and a very small one."""
    page = Image.new("RGB", (420, 300), "white")
    pen = ImageDraw.Draw(page)
    for row, line in enumerate(("Total 12.50", "Coffee 3.20", "Bread 9.30")):
        pen.text((30, 40 + 80 * row), line, fill="black", font_size=36)
    shapes = Image.new("RGB", (300, 400), (90, 160, 90))
    pen = ImageDraw.Draw(shapes)
    pen.ellipse((40, 60, 160, 180), fill=(220, 40, 40))
    pen.rectangle((170, 220, 280, 370), fill=(40, 60, 220))
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (240, 240, 3), dtype=np.uint8))
    return [page, shapes, noise, Image.new("RGB", (320, 200), "white"), Image.new("RGB", (3, 2), "black")]


def handed(width: int, height: int) -> Picture:
    """A picture of twice the size that the network saw."""
    pixels = np.zeros((height // 2, width // 2, 3), dtype=np.uint8)
    return Picture(id="x", path="x.png", format="PNG", width=width, height=height, pixels=pixels)


def astronaut() -> Image.Image:
    """A photograph of NASA in the public domain, inside the wheel of scikit-image; 512 x 512, one face."""
    data = pytest.importorskip("skimage.data", reason="the regions extra is not installed")
    return Image.fromarray(data.astronaut())


class ImageModelContract:
    """Offer `model`; what it makes of the drawn pictures in one batch is in `results`, computed once."""

    known: ClassVar[dict[tuple[type, str], Sequence[Any]]] = {}

    @pytest.fixture
    def model(self) -> ImageModel[Any]:
        raise NotImplementedError

    @pytest.fixture
    def pictures(self, model: ImageModel[Any]) -> Sequence[Picture]:
        return [picture_of(image, model.decode) for image in drawn_images()]

    @pytest.fixture
    def results(self, model: ImageModel[Any], pictures: Sequence[Picture]) -> Sequence[Any]:
        key = (type(self), identity(model))
        if key not in self.known:
            self.known[key] = model(pictures)
        return self.known[key]

    def is_same(self, first: Any, second: Any) -> bool:
        """Whether two results are the same; a back end whose numbers depend on the batch states its tolerance here."""
        return bool(first == second)

    def test_there_is_one_result_of_the_declared_type_for_each_picture(
        self, model: ImageModel[Any], pictures: Sequence[Picture], results: Sequence[Any]
    ) -> None:
        assert len(results) == len(pictures)
        assert all(isinstance(result, model.signal | Failure) for result in results)

    def test_no_pictures_give_no_results(self, model: ImageModel[Any]) -> None:
        assert list(model([])) == []

    def test_a_batch_gives_what_each_picture_gives_alone(
        self, model: ImageModel[Any], pictures: Sequence[Picture], results: Sequence[Any]
    ) -> None:
        for together, alone in zip(results, [model([picture])[0] for picture in pictures], strict=True):
            assert self.is_same(together, alone)

    def test_the_order_of_pictures_does_not_matter(
        self, model: ImageModel[Any], pictures: Sequence[Picture], results: Sequence[Any]
    ) -> None:
        for backwards, forwards in zip(model(pictures[::-1])[::-1], results, strict=True):
            assert self.is_same(backwards, forwards)

    def test_different_pictures_give_different_results(self, results: Sequence[Any]) -> None:
        assert len({to_json(result) for result in results}) > 1

    def test_results_survive_json(self, results: Sequence[Any]) -> None:
        for result in results:
            assert msgspec.json.decode(to_json(result), type=type(result)) == result

    def test_it_is_frozen_and_has_an_identity(self, model: Any) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            model.batch_size = 99
        assert identity(dataclasses.replace(model)) == identity(model)
        assert identity(dataclasses.replace(model, batch_size=model.batch_size + 1)) == identity(model)

    def test_it_says_how_it_runs(self, model: ImageModel[Any]) -> None:
        assert model.name
        assert model.revision >= 1
        assert model.batch_size >= 1
        assert isinstance(model.decode, Decode)
        model.check_ready()
