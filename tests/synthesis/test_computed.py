"""Choosing among drafts: variety, options, determinism; and that whatever is written can be proven."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from synthesis.made_scenes import (
    LIMITS,
    all_scenes,
    asked,
    facts,
    line,
    receipt,
    scene,
    sign,
    street,
    thing,
    told,
    writer,
)

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof

_WORDS = (
    "Total",
    "Cash",
    "Tax:",
    "Green tea",
    "12.50",
    "3.10",
    "0.40",
    "7",
    "Name: Ann",
    "03/05/2021",
    "Date",
    "14:25",
    "TOTAL",
)
_COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Memo:
    return Memo(Path(tmp_path_factory.mktemp("checkpoints")))


lines = st.builds(
    line,
    st.sampled_from(_WORDS),
    st.integers(0, 350),
    st.integers(0, 25).map(lambda n: 20 * n),
    score=st.sampled_from((0.5, 0.985, 1.0)),
    height=st.integers(15, 40),
    width=st.integers(20, 50),
)
things = st.builds(
    lambda label, x, y, w, h, score: thing(label, x, y, x + w, y + h, score=score),
    st.sampled_from(("dog", "cat", "person", "mouse", "bus", "berry")),
    *(st.integers(0, 300), st.integers(0, 300), st.integers(5, 100), st.integers(5, 200)),
    score=st.sampled_from((0.5, 0.7, 0.99)),
)
parts = st.fixed_dictionaries(
    {
        name: st.tuples(st.sampled_from(_COLOURS), st.sampled_from((0.5, 0.7, 0.9)), st.just(0.1), st.floats(0, 100))
        for name in ("whole", "left", "right", "top", "bottom", "centre")
    }
)
scenes = st.builds(
    lambda lines, things, size, parts, caption: scene(
        *lines, things=tuple(things), pixels=facts(*size, **parts), caption=caption
    ),
    st.lists(lines, max_size=25),
    st.lists(things, max_size=8),
    st.tuples(st.integers(400, 900), st.integers(560, 900)),
    parts,
    st.sampled_from((None, told().caption.text, "Two dogs and a cat")),  # type: ignore[union-attr]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=scenes)
def test_whatever_is_written_can_be_proven(made: Scene, memo: Memo) -> None:
    (qas,) = asked(writer(), [made], memo)
    findings = Proof()(qas, memo)
    assert [(qa, finding) for qa, finding in zip(qas, findings, strict=True) if not finding.passed] == []
    for qa in qas:
        assert qa.options is None or (qa.answer in qa.options and len(set(qa.options)) == len(qa.options) >= 2)
        assert all(evidence.ref in qa.reasoning for evidence in qa.evidence)
    assert len({qa.id for qa in qas}) == len(qas)


def test_the_same_scene_and_seed_give_the_same_questions_in_any_company(memo: Memo) -> None:
    alone = [asked(writer(qa_per_image=5), [made], memo)[0] for made in all_scenes()[:3]]
    together = asked(writer(qa_per_image=5), list(reversed(all_scenes()[:3])), memo)
    assert alone == list(reversed(together))


def test_another_seed_gives_other_questions(memo: Memo) -> None:
    first, second = (asked(writer(qa_per_image=4, seed=seed), [receipt()], memo)[0] for seed in (0, 1))
    assert [qa.question for qa in first] != [qa.question for qa in second]
    assert {qa.seed for qa in second} == {1}


def test_the_right_option_is_equally_often_at_each_place(memo: Memo) -> None:
    made = [told(f"{n}") for n in range(400)]
    written = asked(writer(families=["caption.colour"]), made, memo)
    places = Counter(qa.options.index(qa.answer) for (qa,) in written if qa.options)
    assert sorted(places) == [0, 1, 2, 3]
    assert all(70 <= count <= 130 for count in places.values())


def test_open_and_closed_questions_follow_the_share(memo: Memo) -> None:
    made = [receipt(f"{n}") for n in range(100)]
    family = ["text.words_in_line"]

    def closed(share: float) -> int:
        written = asked(writer(families=family, qa_per_image=1, multiple_choice_share=share), made, memo)
        return sum(qa.options is not None for (qa,) in written)

    assert (closed(0.0), closed(1.0)) == (0, 100)
    assert 30 <= closed(0.5) <= 70


def test_questions_on_one_picture_differ(memo: Memo) -> None:
    for qas in asked(writer(), all_scenes(), memo):
        for i, qa in enumerate(qas):
            assert all(fuzz.ratio(qa.question, other.question) <= 80 for other in qas[:i])


def test_a_picture_full_of_text_is_asked_about_its_text(memo: Memo) -> None:
    (qas,) = asked(writer(qa_per_image=4), [receipt()], memo)
    assert {qa.generator.split("/")[1].split(".")[0] for qa in qas} <= {"text", "amounts"}
    assert len({qa.generator for qa in qas}) == 4


def test_no_question_says_its_answer(memo: Memo) -> None:
    made = scene(line("Cashier:", 10, 10), line("Cashier", 200, 10))
    assert asked(writer(families=["text.value_beside_label"]), [made], memo) == [[]]


def test_records_are_complete(memo: Memo) -> None:
    (qas,) = asked(writer(qa_per_image=1, families=["amounts.sum"]), [receipt()], memo)
    (qa,) = qas
    assert (qa.image, qa.image_id, qa.dataset, qa.bin) == ("receipt.png", "receipt", "made", "A")
    assert (qa.generator, qa.created_from, qa.seed) == ("computed/amounts.sum", "full features", 0)
    assert len(qa.evidence) == 4
    assert {evidence.ref for evidence in qa.evidence} < {"T16", "T17", "T18", "T19", "T20", "T21"}
    assert qa.reasoning.startswith("1. ")
    assert msgspec.json.decode(msgspec.json.encode(qa), type=Qa) == qa


def test_a_scene_of_a_caption_alone_is_marked_so(memo: Memo) -> None:
    (qas,) = asked(writer(qa_per_image=3), [told()], memo)
    assert len(qas) == 3
    assert {qa.created_from for qa in qas} == {"caption only"}


def test_caption_choice_is_asked_only_where_it_is_wanted(memo: Memo) -> None:
    wanted = {qa.generator for qas in asked(writer(), all_scenes(), memo) for qa in qas}
    unwanted = {qa.generator for qas in asked(writer(caption_choice=False), all_scenes(), memo) for qa in qas}
    assert wanted - unwanted == {"computed/caption.choice"}


def test_scenes_without_anything_clear_get_no_question(memo: Memo) -> None:
    assert asked(writer(), [scene(), scene(line("blurred", 10, 10, score=0.4))], memo) == [[], []]
    assert asked(writer(), [], memo) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"qa_per_image": 0}, "qa_per_image=0: a whole number from 1 to 100"),
        ({"multiple_choice_share": 1.5}, "multiple_choice_share=1.5: a number from 0 to 1"),
        ({"families": ["text.magic"]}, "names 'text.magic'; known families: text.value_beside_label"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        writer(**changes)


@pytest.mark.parametrize(("key", "value"), [("min_text_score", 2.0), ("min_size_ratio", 0.5), ("rival_overlap", 0.9)])
def test_wrong_limits_are_refused(key: str, value: float) -> None:
    limits = {field: getattr(LIMITS, field) for field in LIMITS.__dataclass_fields__}
    with pytest.raises(ConfigError, match=f"{key}={value}"):
        type(LIMITS)(**{**limits, key: value})


def test_other_scenes_than_receipts_are_asked_about_objects_first(memo: Memo) -> None:
    (qas,) = asked(writer(qa_per_image=6), [street()], memo)
    assert {qa.generator.split("/")[1].split(".")[0] for qa in qas} == {"objects", "pixels"}
    assert asked(writer(), [sign()], memo) != [[]]
