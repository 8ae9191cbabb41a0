from __future__ import annotations

import numpy as np
import pytest
from contracts.image_models import ImageModelContract, picture_of
from contracts.readers import PixelReaderContract
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from dcvlr.errors import ConfigError
from dcvlr.records import PixelFacts
from dcvlr.synthesis.pixels.colours import NamedColours
from dcvlr.synthesis.pixels.palette import TERMS, TYPICAL, clear_term, to_lab


def colours() -> NamedColours:
    return NamedColours(max_side=256, batch_size=8)


def facts(image: Image.Image) -> PixelFacts:
    return colours()([picture_of(image, colours().decode)])[0]


def term(*rgb: int) -> str:
    return (*TERMS, "unnamed")[int(clear_term(to_lab(np.array(rgb, dtype=np.uint8))))]


@pytest.mark.slow
class TestNamedColoursLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self) -> NamedColours:
        return colours()


@pytest.mark.slow
class TestNamedColoursReadsPixels(PixelReaderContract):
    @pytest.fixture
    def reader(self) -> NamedColours:
        return colours()


@pytest.mark.parametrize(
    ("rgb", "lab"),
    # Bruce Lindbloom's CIE colour calculator, sRGB, D65
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_cielab_is_that_of_the_standard(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    assert to_lab(np.array(rgb, dtype=np.uint8)) == pytest.approx(lab, abs=0.02)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((20, 20, 20), "black"),
        ((110, 110, 110), "grey"),
        ((160, 162, 161), "grey"),
        ((250, 250, 247), "white"),
        ((255, 255, 240), "white"),  # ivory
        ((200, 30, 30), "red"),
        ((255, 150, 30), "orange"),
        ((255, 225, 60), "yellow"),
        ((60, 120, 50), "green"),
        ((107, 142, 35), "green"),  # olive drab
        ((0, 0, 255), "blue"),
        ((0, 0, 128), "blue"),  # navy
        ((70, 130, 180), "blue"),  # steel blue
        ((135, 206, 235), "blue"),  # sky
        ((120, 50, 150), "purple"),
        ((255, 170, 190), "pink"),
        ((110, 65, 30), "brown"),
        ((181, 141, 100), "brown"),  # cardboard
    ],
)
def test_colours_are_called_what_people_call_them(rgb: tuple[int, int, int], name: str) -> None:
    assert term(*rgb) == name


@pytest.mark.parametrize(
    "rgb",
    [
        (0, 128, 128),  # teal
        (64, 224, 208),  # turquoise
        (0, 255, 255),  # cyan
        (255, 0, 255),  # magenta
        (75, 0, 130),  # indigo
        (250, 128, 114),  # salmon
        (255, 127, 80),  # coral
        (210, 180, 140),  # tan
        (245, 245, 220),  # beige
        (239, 230, 213),  # paper
        (211, 211, 211),  # light grey, or white in the shade
        (50, 50, 50),  # dark grey, or black in the light
    ],
)
def test_a_colour_between_two_names_has_none(rgb: tuple[int, int, int]) -> None:
    assert term(*rgb) == "unnamed"


@given(st.integers(0, 255))
def test_greys_are_black_grey_or_white_or_between(level: int) -> None:
    assert term(level, level, level) in {"black", "grey", "white", "unnamed"}


def test_greys_become_lighter_from_black_over_grey_to_white() -> None:
    named = [name for name in (term(level, level, level) for level in range(256)) if name != "unnamed"]
    assert list(dict.fromkeys(named)) == ["black", "grey", "white"]
    assert sorted(named, key=["black", "grey", "white"].index) == named


def test_a_typical_colour_has_its_own_name() -> None:
    for name, typical in TYPICAL.items():
        for colour in typical.split():
            assert term(*bytes.fromhex(colour)) == name, colour


def test_parts_have_their_own_colours() -> None:
    image = Image.new("RGB", (400, 200), (200, 30, 30))
    ImageDraw.Draw(image).rectangle((200, 0, 399, 199), fill=(30, 60, 200))
    parts = facts(image).parts
    assert (parts["left"].colour, parts["left"].share) == ("red", 1.0)
    assert (parts["right"].colour, parts["right"].share) == ("blue", 1.0)
    assert parts["whole"].share == pytest.approx(0.5, abs=0.01)
    assert parts["whole"].runner_up_share == pytest.approx(0.5, abs=0.01)
    assert parts["left"].box == (0.0, 0.0, 200.0, 200.0)
    assert parts["centre"].box == (100.0, 50.0, 300.0, 150.0)


def test_what_lies_between_two_names_counts_for_neither() -> None:
    image = Image.new("RGB", (400, 200), (0, 128, 128))
    ImageDraw.Draw(image).rectangle((300, 0, 399, 199), fill=(30, 60, 200))
    parts = facts(image).parts
    assert (parts["left"].colour, parts["left"].share) == ("unnamed", 0.0)
    assert (parts["whole"].colour, parts["whole"].share) == ("blue", pytest.approx(0.25, abs=0.01))
    assert parts["whole"].runner_up_share == 0.0


def test_lightness_tells_the_brighter_half() -> None:
    image = Image.new("RGB", (200, 400), (230, 230, 230))
    ImageDraw.Draw(image).rectangle((0, 200, 199, 399), fill=(40, 40, 40))
    parts = facts(image).parts
    assert parts["top"].lab[0] == pytest.approx(91.3, abs=0.5)
    assert parts["bottom"].lab[0] == pytest.approx(16.1, abs=0.5)


def test_a_wrong_size_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"^max_side=0: a whole number from 16"):
        NamedColours(max_side=0, batch_size=8)
