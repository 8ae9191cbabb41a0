"""What people type as a value, and what Hydra's grammar is handed of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.config import compose
from dcvlr.errors import ConfigError
from dcvlr.settings.typed import as_text, quoted

PARSER = OverridesParser.create()


@pytest.mark.parametrize(
    "value",
    [
        "uni ç 東京",
        "photos (2)",
        "it's",
        "a#b",
        "back\\slash's",
        "two\nlines",
        "[x] final",
        "50%",
        "=x",
        "sweep/seed=0",
        "a,",
    ],
)
def test_a_path_is_the_text_that_it_is(value: str) -> None:
    assert compose([f"images_dir={value}"]).images_dir == value


def test_the_home_folder_is_where_it_is_in_a_shell() -> None:
    assert as_text(["images_dir=~/my photos", "output_dir=~", "x=~joe"]) == [
        f"images_dir={Path.home()}/my photos",
        f"output_dir={Path.home()}",
        "x='~joe'",
    ]


def test_what_is_something_in_the_grammar_stays_what_it_is() -> None:
    words = [
        "-m",
        "seed=1,2",
        "stages=[filtering, binning]",
        "x={a: 1}",
        "~export",
        "x='a b'",
        "n=range(1,3)",
        "+y=null",
    ]
    assert as_text(words) == words


def test_a_list_that_is_not_closed_is_answered_as_the_text_that_it_is() -> None:
    with pytest.raises(ConfigError, match=r"binning/detector='\[onnx': one of .* is allowed"):
        compose(["binning/detector=[onnx"])


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "ab\\'\" (),[]{}:=~#$\n", max_size=8
)


@given(TEXTS)
def test_every_text_can_be_typed_and_typing_it_again_changes_nothing(value: str) -> None:
    once = as_text([f"key={value}"])
    PARSER.parse_override(once[0])
    assert as_text(once) == once


@given(TEXTS)
def test_what_is_quoted_is_read_as_the_text_that_it_was(value: str) -> None:
    assert PARSER.parse_override(quoted("key", value)).value() == value
