"""Pictures that stand together, whatever order they come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dcvlr.synthesis.neighbours import neighbours

IDS = [f"picture {n}" for n in range(101)]


def named(ids: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(ids[place] for place in group) for group in neighbours(ids, size)}


@given(st.permutations(IDS[:20]), st.integers(2, 3))
def test_groups_are_a_function_of_the_ids(ids: list[str], size: int) -> None:
    groups = named(ids, size)
    assert groups == named(IDS[:20], size)
    assert len(groups) == 20 // size
    assert len({one for group in groups for one in group}) == 20 // size * size


def test_a_picture_that_goes_changes_few_groups() -> None:
    kept = [len(named(IDS, 2) & named([*IDS[:gone], *IDS[gone + 1 :]], 2)) for gone in range(101)]
    assert min(kept) == 47  # of 50
    assert neighbours(["a"], 2) == []
    assert neighbours([], 2) == []
