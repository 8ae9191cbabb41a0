"""Selection without a student: the dataset cut to its size."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from contracts.checks import qa
from hypothesis import given
from hypothesis import strategies as st
from ledgers import run_stage as run

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.records import Qa
from dcvlr.selection.bands import bands, filled
from dcvlr.selection.stage import Selection


def cut(**changes: Any) -> Selection:
    settings: dict[str, Any] = {
        "student": None,
        "blind": None,
        "max_blind_share": 0.5,
        "teacher": None,
        "teacher_up_to": 0,
        "min_teacher_agreeing": 1,
        "quotas": None,
        "fill": True,
        "bins": ["A", "B", "C"],
        "bins_ratio": None,
        "dataset_size": None,
        "max_per_image": None,
        "max_per_dataset": None,
        "max_per_kind": None,
        "seed": 0,
        "batch": 3,
    }
    return Selection(**{**settings, **changes})


def many(image: str, count: int, bin_: str = "A") -> list[Qa]:
    return [qa(id=f"{image}-{n}", image_id=image, bin=bin_, question=f"Boat {n}?") for n in range(count)]


def by_bin(size: int, ratios: list[float] | None, counts: dict[str, int]) -> dict[str, int]:
    given_ = filled("ABC", size, ratios, bands(None, 0), {(name, 0): count for name, count in counts.items()})
    return {name: count for (name, _), count in given_.items()}


def test_without_a_size_all_go_on_as_they_came(tmp_path: Path) -> None:
    qas = [*many("a", 3), *many("b", 2, "C")]
    kept, entries, summary = run(cut(bins_ratio=[0.4, 0.4, 0.2]), qas, tmp_path)
    assert (kept, entries, summary["selected_count"]) == (qas, [], 5)
    assert (tmp_path / "selected_qa_pairs.jsonl").read_text().count("passes") == 0


def test_a_cap_says_so(tmp_path: Path) -> None:
    kept, entries, _ = run(cut(max_per_image=2), many("a", 3), tmp_path)
    assert len(kept) == 2
    assert [(entry.reasons, entry.findings[0].value, entry.findings[0].threshold) for entry in entries] == [
        (("max_per_image",), None, 2)
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"quotas": [{"from": 0, "to": 1, "share": 1}]},
            r"^student=null: quotas needs one: choose selection=student",
        ),
        ({"dataset_size": 0}, r"dataset_size=0"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        cut(**changes)


def test_a_size_without_the_stage_that_cuts_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"dataset_size=5: selection cuts to size, add it to stages"):
        build(compose(["images_dir=x", "dataset_size=5", "stages=[filtering,binning,synthesis,validation]"]))


def test_a_dataset_size_is_met_exactly_and_the_rest_is_in_the_ledger(tmp_path: Path) -> None:
    qas = [*many("a", 6, "A"), *many("b", 6, "B"), *many("c", 6, "C")]
    kept, entries, summary = run(cut(dataset_size=5, bins_ratio=[0.4, 0.4, 0.2]), qas, tmp_path)
    assert Counter(record.bin for record in kept) == {"A": 2, "B": 2, "C": 1}
    assert [record.id for record in kept] == [record.id for record in qas if record in kept]
    assert {entry.reasons for entry in entries} == {("dataset_size",)}
    assert len(entries) == 13
    assert entries[0].findings[0].threshold == 5
    assert entries[0].record in qas
    assert (summary["selected_count"], summary["removed"]) == (5, {"dataset_size": 13})


def test_what_a_bin_cannot_fill_goes_to_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    qas = [*many("a", 7, "A"), *many("b", 1, "B")]
    kept, _, _ = run(cut(dataset_size=5, bins_ratio=[0.4, 0.4, 0.2]), qas, tmp_path)
    assert Counter(record.bin for record in kept) == {"A": 4, "B": 1}
    assert caplog.messages == [
        "selection: bin B gives 1 of 2 wanted questions (1 available)",
        "selection: bin C gives 0 of 1 wanted questions (0 available)",
    ]


def test_too_few_questions_are_all_kept_and_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept, entries, _ = run(cut(dataset_size=9, bins_ratio=[1.0, 0.0, 0.0]), many("a", 3), tmp_path)
    assert (len(kept), entries) == (3, [])
    assert caplog.messages[-1] == "dataset_size=9: only 3 questions were selected"


def test_every_picture_comes_once_before_one_comes_twice(tmp_path: Path) -> None:
    qas = [record for image in "abcd" for record in many(image, 5)]
    kept, _, _ = run(cut(dataset_size=6), qas, tmp_path)
    assert sorted(Counter(record.image_id for record in kept).values()) == [1, 1, 2, 2]


def test_the_seed_decides_who_is_cut_and_order_does_not(tmp_path: Path) -> None:
    qas = [record for image in "abcdefgh" for record in many(image, 1)]
    chosen = [
        {record.id for record in run(cut(dataset_size=3, seed=seed), order, tmp_path / str(index))[0]}
        for index, (seed, order) in enumerate([(1, qas), (1, qas[::-1]), (2, qas)])
    ]
    assert chosen[0] == chosen[1] != chosen[2]


@given(
    size=st.integers(0, 60),
    found=st.tuples(*[st.integers(0, 30)] * 3),
    ratios=st.sampled_from([None, [0.4, 0.4, 0.2], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.3333, 0.3333, 0.3334]]),
)
def test_bins_fill_the_size_exactly_and_never_give_what_they_do_not_have(
    size: int, found: tuple[int, int, int], ratios: list[float] | None
) -> None:
    counts = dict(zip("ABC", found, strict=True))
    given_ = by_bin(size, ratios, counts)
    assert sum(given_.values()) == min(size, sum(found))
    assert all(0 <= given_[name] <= counts[name] for name in "ABC")


def test_a_bin_nobody_wants_fills_up_last() -> None:
    assert by_bin(10, [0.5, 0.5, 0.0], {"A": 3, "B": 20, "C": 9}) == {"A": 3, "B": 7, "C": 0}
    assert by_bin(10, [0.5, 0.5, 0.0], {"A": 3, "B": 4, "C": 9}) == {"A": 3, "B": 4, "C": 3}
