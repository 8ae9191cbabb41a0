from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import DetectorContract
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.models.nudenet import NudeNet
from dcvlr.records import Picture

pytestmark = pytest.mark.slow

pytest.importorskip("nudenet", reason="the nsfw extra is not installed")


@pytest.fixture(scope="module")
def nudenet() -> NudeNet:
    return NudeNet(min_score=0.25, max_side=640, batch_size=4, threads=2)


def astronaut() -> Image.Image:
    """A photograph of NASA in the public domain, from scikit-image's own data; 512 x 512, one face."""
    data = pytest.importorskip("skimage.data", reason="the regions extra is not installed")
    return Image.fromarray(data.astronaut())


class TestNudeNetLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, nudenet: NudeNet) -> NudeNet:
        return nudenet

    @pytest.fixture
    def pictures(self, model: NudeNet) -> list[Picture]:
        images = [*drawn_images(), astronaut(), astronaut().resize((200, 400))]
        return [picture_of(image, model.decode) for image in images]


class TestNudeNetDetects(DetectorContract):
    @pytest.fixture
    def reader(self, nudenet: NudeNet) -> NudeNet:
        return nudenet


def test_a_face_is_found_where_it_is(nudenet: NudeNet) -> None:
    (found,) = nudenet([picture_of(astronaut(), nudenet.decode)])
    (face,) = found.objects
    assert face.label == "FACE_FEMALE"
    assert face.score > 0.7
    assert face.box == pytest.approx((173, 82, 273, 179), abs=8)


def test_boxes_are_in_full_size_pixels(nudenet: NudeNet) -> None:
    (found,) = nudenet([picture_of(astronaut().resize((2048, 2048)), nudenet.decode)])
    assert found.objects[0].box == pytest.approx((692, 328, 1092, 716), abs=32)


def test_colours_reach_the_network_in_the_order_it_is_surest_with(nudenet: NudeNet) -> None:
    swapped = Image.merge("RGB", astronaut().split()[::-1])
    (right, wrong) = nudenet([picture_of(image, nudenet.decode) for image in (astronaut(), swapped)])
    assert right.objects[0].score > wrong.objects[0].score


def test_weak_objects_are_dropped(nudenet: NudeNet) -> None:
    strict = dataclasses.replace(nudenet, min_score=0.95)
    assert strict([picture_of(astronaut(), strict.decode)])[0].objects == ()


def test_a_score_out_of_range_is_refused_by_name(nudenet: NudeNet) -> None:
    with pytest.raises(ConfigError, match=r"^min_score=2"):
        dataclasses.replace(nudenet, min_score=2)


def threads_now() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def test_it_takes_no_more_threads_than_it_is_given(nudenet: NudeNet) -> None:
    pictures = [picture_of(astronaut(), nudenet.decode)] * 3
    of_two, before = nudenet(pictures), threads_now()  # the package is imported
    alone = dataclasses.replace(nudenet, threads=1)
    assert alone(pictures) == of_two
    assert threads_now() == before + 1
