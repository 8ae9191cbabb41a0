"""Phrases are found in any case, however they are written."""

from __future__ import annotations

import pytest
from contracts.checks import qa

from dcvlr.text.phrases import free_of

PHRASES = ["ocr", r"data (?:block|list)", "Bounding[ -]box", r"(?-i:[TO])\d+", r"\Astyle:", r"let[’']s see(?! it\b)"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Per OCR it is 3.", "OCR"),
        ("The Data  Block says so.", "Data Block"),
        ("the bounding-BOX", "bounding-BOX"),
        ("as T12 says", "T12"),
        ("as t12 says", None),
        ("Style: hard", "Style:"),
        ("the style: hard", None),
        ("LET’S SEE.", "LET’S SEE"),
        ("Let's see IT.", None),
        ("Let's see İt.", None),  # in any case it is an i
        ("LET'ſ see.", "LET'ſ see"),
        ("mocr", None),
    ],
)
def test_a_phrase_is_found_in_any_case(text: str, found: str | None) -> None:
    (finding,) = free_of(PHRASES, "phrases", [(qa(), [text])], "says")
    assert (finding.value, finding.passed) == (found, found is None)
