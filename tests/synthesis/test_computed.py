"""Choosing among programs: variety, options, balance, determinism; and that whatever is written can be proven."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from statistics import median

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthesis.made_documents import all_scenes
from synthesis.made_scenes import (
    SHARES,
    SIGHT,
    TEXT,
    asked,
    chart,
    detection,
    english,
    league,
    line,
    meadow,
    receipt,
    rows,
    scene,
    street,
    timetable,
    writer,
)

from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.synthesis.generator.computed import but_for_numbers
from dcvlr.synthesis.programs.draw import Shares
from dcvlr.text.question_words import WordingFile
from dcvlr.validation.checks.proof import Proof


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Memo:
    return Memo(Path(tmp_path_factory.mktemp("checkpoints")))


cents = st.integers(5, 9999).map(lambda n: f"{n // 100}.{n % 100:02d}")
names = st.sampled_from(("Bread", "Green tea", "Olive oil", "Eggs", "Ink pen", "Soap", "Ruler 30 cm"))


@st.composite
def bills(draw: st.DrawFn) -> Scene:
    """A bill of some items with any prices, read with any certainty."""
    labels = draw(st.lists(names, min_size=2, max_size=6, unique=True))
    prices = [draw(st.integers(5, 9999)) for _ in labels]
    total = sum(prices) + draw(st.sampled_from((0, 0, 0, 1, -100)))
    paid = -(-total // 1000) * 1000
    cells = [*zip(labels, prices, strict=True), ("Total", total), ("Cash", paid), ("Change", paid - total)]
    texts = [(label, f"{value // 100}.{value % 100:02d}") for label, value in cells]
    scores = st.sampled_from((0.85, 0.95, 0.99, 1.0))
    lines = [line(one.text, *one.quad[0], score=draw(scores)) for one in rows(texts, (40, 320), 100)]
    return scene(*lines)


@st.composite
def tables(draw: st.DrawFn) -> Scene:
    """Any numbers in any number of rows; some rows have one name."""
    heads = draw(
        st.lists(st.sampled_from(("Won", "Lost", "Price", "Q1", "Q2", "Share")), min_size=1, max_size=4, unique=True)
    )
    labels = draw(st.lists(names, min_size=2, max_size=6))
    cell = st.sampled_from(("0", "3", "7", "12", "12.5", "4.50", "08:15", "", "A4", "40%"))
    body = [(label, *(draw(cell) for _ in heads)) for label in labels]
    return scene(*rows([("Item", *heads), *body], (40, 200, 300, 400, 500), 100))


detections = st.builds(
    lambda label, x, y, w, h, score: detection(label, x, y, x + w, y + h, score=score),
    st.sampled_from(("dog", "cat", "person", "mouse", "bus", "berry")),
    *(st.integers(0, 300), st.integers(0, 300), st.integers(5, 100), st.integers(5, 200)),
    score=st.sampled_from((0.5, 0.7, 0.99)),
)
crowds = st.lists(detections, min_size=1, max_size=8).map(lambda some: scene(detections=tuple(some)))


@settings(max_examples=3 * settings().max_examples // 2)
@given(made=st.one_of(bills(), tables(), crowds))
def test_whatever_is_written_can_be_proven(made: Scene, memo: Memo) -> None:
    (qas,) = asked(writer(), [made], memo)
    findings = Proof(wording=english())(qas, memo)
    assert [(qa, finding) for qa, finding in zip(qas, findings, strict=True) if not finding.passed] == []
    for qa in qas:
        assert qa.options is None or (qa.answer in qa.options and len(set(qa.options)) == len(qa.options) >= 2)
        heads = re.findall(r"(?:column|rows|unit|document)\((T\d+)", qa.program or "")  # steps call them by name
        uncited = [one.ref for one in qa.evidence if one.ref not in heads and f"[{one.ref}]" not in qa.reasoning]
        assert uncited == [], (qa.program, qa.reasoning)
    assert len({qa.id for qa in qas}) == len(qas)


def test_clock_times_are_not_added_up(memo: Memo) -> None:
    heads = (line("Item", 40, 100), line("Won", 200, 100), line("Starts", 300, 100))
    rows = [
        (line(name, 40, y), line(won, 200, y), line("08:15", 300, y))
        for y, name, won in ((140, "Bread", "4"), (180, "Green tea", "7"), (220, "Olive oil", "9"))
    ]
    (qas,) = asked(writer(), [scene(*heads, *(one for row in rows for one in row))], memo)
    of_times = [qa for qa in qas if "08:15" in qa.reasoning]
    assert of_times
    assert [qa.reasoning for qa in of_times if "Adding" in qa.reasoning or "×" in qa.reasoning] == []
    assert any("Adding" in qa.reasoning for qa in qas)


@pytest.mark.parametrize("made", all_scenes(), ids=lambda one: one.image.id)
def test_every_sort_of_picture_gets_proven_questions_of_many_kinds(made: Scene, memo: Memo) -> None:
    (qas,) = asked(writer(), [made], memo)
    assert len({qa.generator for qa in qas}) >= {"meadow": 2, "street": 10}.get(made.image.id, 15)
    assert [finding.reason for finding in Proof(wording=english())(qas, memo) if not finding.passed] == []


@pytest.mark.slow
def test_a_picture_of_colours_alone_is_asked_about_in_many_ways(memo: Memo) -> None:
    per_seed = [asked(writer(seed=seed), [meadow()], memo)[0] for seed in range(4)]
    kinds = {qa.generator.partition("/")[2] for qas in per_seed for qa in qas}
    assert kinds >= {"colour_most", "colour_count", "brightest", "darkest", "dark_order"}


@pytest.mark.slow
def test_all_together_use_many_operations_at_every_depth(memo: Memo) -> None:
    qas = [qa for some in asked(writer(), all_scenes(), memo) for qa in some]
    assert len({operation for qa in qas for operation in qa.operations}) >= 30
    assert {min(len(qa.operations), 5) for qa in qas} == {1, 2, 3, 4, 5}
    made = [receipt(str(n)) for n in range(30)] + [league(f"l{n}") for n in range(30)]
    drawn = [qa.difficulty or 0 for some in asked(writer(qa_per_image=6), made, memo) for qa in some]
    assert median(drawn) == 3


def test_the_same_scene_and_seed_give_the_same_questions_in_any_company(memo: Memo) -> None:
    alone = [asked(writer(qa_per_image=5), [made], memo)[0] for made in all_scenes()[:3]]
    together = asked(writer(qa_per_image=5), list(reversed(all_scenes()[:3])), memo)
    assert alone == list(reversed(together))


def test_another_seed_gives_other_questions(memo: Memo) -> None:
    first, second = (asked(writer(qa_per_image=4, seed=seed), [receipt()], memo)[0] for seed in (0, 1))
    assert [qa.question for qa in first] != [qa.question for qa in second]
    assert {qa.seed for qa in second} == {1}


@pytest.mark.slow
def test_the_right_option_is_equally_often_at_each_place(memo: Memo) -> None:
    made = [receipt(f"{n}") for n in range(150)]
    written = [qa for some in asked(writer(qa_per_image=6, multiple_choice_share=1.0), made, memo) for qa in some]
    positions = Counter(qa.options.index(qa.answer) for qa in written if qa.options and len(qa.options) == 4)
    assert sorted(positions) == [0, 1, 2, 3]
    assert all(0.2 < count / sum(positions.values()) < 0.3 for count in positions.values())


@pytest.mark.slow
def test_yes_and_no_are_equally_often_right(memo: Memo) -> None:
    made = [one(f"{n}") for n in range(200) for one in (receipt, league)]
    shares = Shares(operations=SHARES.operations, yes_no=0.5)
    answers = Counter(qa.answer for some in asked(writer(qa_per_image=6, shares=shares), made, memo) for qa in some)
    assert 0.45 < answers["yes"] / (answers["yes"] + answers["no"]) < 0.55


@pytest.mark.slow
def test_open_and_closed_questions_follow_the_share(memo: Memo) -> None:
    made = [timetable(f"{n}") for n in range(100)]

    def closed(share: float) -> float:
        written = [qa for some in asked(writer(qa_per_image=4, multiple_choice_share=share), made, memo) for qa in some]
        return sum(qa.options is not None for qa in written) / len(written)

    assert closed(0.0) < 0.3 < closed(0.5) < closed(1.0)


def test_questions_on_one_picture_differ_in_what_they_compute(memo: Memo) -> None:
    for qas in asked(writer(qa_per_image=6), [receipt(), league(), timetable(), chart()], memo):
        assert len(qas) == 6
        assert len({qa.program for qa in qas}) == 6
        assert len({qa.generator for qa in qas}) == 6


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("quotient(money(T2), 2)", "quotient(money(T2), 5)", True),
        ('quotient(money(T2), "USD 2.50")', 'quotient(money(T2), "USD 5.00")', True),
        ("ascending(a)", "descending(a)", True),
        ("quotient(money(T2), 2)", "quotient(money(T3), 2)", False),
        (
            'plus(entry(T1, money(T2), "below"), entry(T3, money(T4), "below"))',
            'plus(entry(T1, money(T2), "below"), entry(T5, money(T6), "below"))',
            False,
        ),
    ],
)
def test_programs_are_one_but_for_numbers(one: str, other: str, are_alike: bool) -> None:
    assert (but_for_numbers(one) == but_for_numbers(other)) == are_alike


@pytest.mark.slow
def test_parts_of_a_photograph_are_compared_once_and_no_order_is_asked_backwards(memo: Memo) -> None:
    for seed in range(5):
        found = asked(writer(seed=seed), [meadow(), league(), receipt()], memo)
        assert len({qa.evidence for qa in found[0]}) == len(found[0]) >= 2
        orders = [
            qa for qas in found[1:] for qa in qas if "scending(" in (qa.program or "") and "top(" not in qa.program
        ]
        assert len({(qa.image_id, qa.program.partition(";")[0]) for qa in orders}) == len(orders)


def test_records_are_complete(memo: Memo) -> None:
    found = (qa for seed in range(9) for qa in asked(writer(seed=seed), [receipt()], memo)[0])
    qa = next(qa for qa in found if qa.generator == "computed/sum_without" and "without" in qa.question)
    assert (qa.image, qa.image_id, qa.dataset, qa.bin) == ("receipt.png", "receipt", "made", "A")
    assert (qa.created_from, qa.difficulty) == ("full features", 3)
    assert qa.operations == ("select", "at", "difference")
    assert qa.program is not None
    assert qa.program.startswith("a = column(entry(T")
    assert len(qa.evidence) == 4
    assert qa.reasoning.startswith("1. The subtotal is 31.00 [T12][T13].")
    assert msgspec.json.decode(msgspec.json.encode(qa), type=Qa) == qa


def test_no_question_names_a_limit_that_a_row_meets_or_says_its_answer(memo: Memo) -> None:
    for qas in asked(writer(), all_scenes(), memo):
        for qa in qas:
            assert qa.options is not None or f" {qa.answer.casefold()} " not in f" {qa.question.casefold()} "


def test_scenes_without_anything_clear_get_no_question(memo: Memo) -> None:
    assert asked(writer(), [scene(), scene(line("blurred", 10, 10, score=0.4))], memo) == [[], []]
    assert asked(writer(), [], memo) == []


def test_a_photograph_gets_fewer_questions_than_a_document(memo: Memo) -> None:
    found = asked(writer(qa_per_image=6, qa_per_photograph=3), [meadow(), street(), receipt()], memo)
    assert [len(qas) for qas in found] == [3, 3, 6]
    assert asked(writer(qa_per_photograph=0), [meadow()], memo) == [[]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"qa_per_image": 0}, "qa_per_image=0: a whole number from 1 to 100"),
        ({"pictures_per_question": 4}, "pictures_per_question=4: a whole number from 1 to 3"),
        ({"qa_per_photograph": -1}, "qa_per_photograph=-1: a whole number from 0 to 100"),
        ({"multiple_choice_share": 1.5}, "multiple_choice_share=1.5: a number from 0 to 1"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        writer(**changes)


@pytest.mark.parametrize(
    ("limits", "key", "value"),
    [
        (TEXT, "min_score", 2.0),
        (SIGHT, "min_size_ratio", 0.5),
        (SHARES, "yes_no", -0.1),
    ],
)
def test_wrong_limits_are_refused(limits: object, key: str, value: float) -> None:
    fields: dict[str, object] = {name: getattr(limits, name) for name in limits.__dataclass_fields__}  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match=f"{key}={value}"):
        type(limits)(**{**fields, key: value})


def test_days_of_the_week_are_called_what_the_file_of_words_calls_them(tmp_path: Path, memo: Memo) -> None:
    days = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
    (tmp_path / "mine.yaml").write_text(f"extends: en\nweekdays: [{', '.join(days)}]\n")
    words = WordingFile(file=str(tmp_path / "mine.yaml"))
    (qas,) = asked(writer(wording=words, multiple_choice_share=1.0), [receipt()], memo)
    of_days = [qa for qa in qas if qa.generator.startswith("computed/weekday")]
    assert len(of_days) > 1
    assert {day for qa in of_days for day in (qa.answer, *(qa.options or ()))} <= set(days)
    assert [finding.reason for finding in Proof(wording=words)(of_days, memo) if not finding.passed] == []


def test_parts_of_a_picture_are_called_what_the_file_of_words_calls_them(tmp_path: Path, memo: Memo) -> None:
    across, down = "{left third: links, middle third: mittig, right third: rechts}", "{top third: oben}"
    (tmp_path / "mine.yaml").write_text(f"extends: en\nparts: {{across: {across}, down: {down}}}\n")
    words = WordingFile(file=str(tmp_path / "mine.yaml"))
    made = scene(detections=(detection("dog", 10, 10, 60, 60),))
    (qas,) = asked(writer(wording=words, multiple_choice_share=1.0), [made], memo)
    assert {qa.generator: qa.answer for qa in qas} == {
        "computed/object_across": "links",
        "computed/object_down": "oben",
    }
    assert {option for qa in qas for option in qa.options or ()} == {
        *("links", "mittig", "rechts"),
        *("oben", "middle", "bottom"),
    }
    assert [finding.reason for finding in Proof(wording=words)(qas, memo) if not finding.passed] == []
    assert not any(finding.passed for finding in Proof(wording=english())(qas, memo))
