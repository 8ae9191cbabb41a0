"""Pairs of answers that a person is sure about, written by somebody who had not read the comparison."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dcvlr.text.answers import agree

PAIRS = [json.loads(line) for line in Path(__file__).with_name("judged_pairs.jsonl").read_text().splitlines()]
MISSED = {
    *(("five foot seven", "5'7\""), ("free", "$0"), ("12\\pi \\text{ cm}^2", "12\\pi"), ("mA", "MA"), ("5‰", "0.5%")),
    *(("Chapter IV", "Chapter 4"), ("5 janvier 2020", "5 January 2020"), ("<answer>B</answer>", "blue")),
    *(("NYC", "New York City"), ("seven thirty", "7:30"), ("x=-2 or x=3", "x = 3 or x = -2")),
}


@pytest.mark.parametrize("kind", sorted({pair["kind"] for pair in PAIRS}))
def test_answers_agree_where_a_person_says_so_whichever_comes_first(kind: str) -> None:
    wrong = set()
    for pair in PAIRS:
        one, other = pair["answer"], pair["reference"]
        if pair["kind"] == kind:
            both = [agree(*order, pair["options"], tolerance=0.0) for order in ((one, other), (other, one))]
            wrong |= {(one, other)} if both != [pair["agree"]] * 2 else set()
    assert wrong == {(pair["answer"], pair["reference"]) for pair in PAIRS if pair["kind"] == kind} & MISSED
