from __future__ import annotations

import re
from math import prod
from pathlib import Path

import pytest

from dcvlr.identity import describe
from dcvlr.settings import SettingError
from dcvlr.text import question_words
from dcvlr.text.question_words import WordingFile

ARGMAX = "questions: {argmax: {any: ['Name the {c.row} with the {c.most} {c.of}.']}}"


def own(folder: Path, text: str) -> WordingFile:
    file = folder / "mine.yaml"
    file.write_text(text)
    return WordingFile(file=str(file))


def test_a_file_that_extends_english_says_only_what_differs(tmp_path: Path) -> None:
    words = own(tmp_path, f"extends: en\nrows: {{dish: [dish, dishes, of]}}\n{ARGMAX}").words
    assert words.questions["argmax"]["any"] == ["Name the {c.row} with the {c.most} {c.of}."]
    assert words.rows["dish"] == ("dish", "dishes", "of")
    assert words.rows["team"] == ("team", "teams", "of")
    assert words.weekdays[0] == "Monday"


def test_a_setting_is_described_by_the_words_and_not_by_where_they_stand(tmp_path: Path) -> None:
    english = describe(WordingFile(file="en"))
    (tmp_path / "other").mkdir()
    assert describe(own(tmp_path / "other", "extends: en")) == english
    assert describe(own(tmp_path, f"extends: en\n{ARGMAX}")) != english


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("- a", "a YAML file of words is needed: Expected `object`, got `array`"),
        ("rows: [", "a YAML file of words is needed"),
        ("extends: eng", "extends: eng: there is en"),
        ("rows: {}", "Object missing required field `columns`"),
        ("extends: en\nquestions: 5", r"Expected `object`, got `int` - at `\$.questions`"),
        ("extends: en\nrows: {dish: [dish]}", r"Expected `array` of length 3, got 1 - at `\$.rows\[...\]`"),
        ("extends: en\nrow: {}", "there is no row; did you mean 'rows'?"),
        (
            "extends: en\nparts: {across: {left thrd: links}}",
            "there is no parts.across.left thrd; did you mean 'left third'?",
        ),
        ("extends: en\nquestions: {argmx: {any: [a]}}", "there is no questions.argmx; did you mean 'argmax'?"),
        ("extends: en\nquestions: {argmax: {any: []}}", r"questions.argmax.any: at least one phrasing is needed"),
        (
            "extends: en\nquestions: {argmax: {any: ['A {c.rwo}?']}}",
            r"questions.argmax: .* {c.rwo}; did you mean 'c.row'",
        ),
        ("extends: en\nquestions: {argmax: {any: ['The {n} of it?']}}", "questions.argmax: there is nothing for {n}"),
        ("extends: en\nquestions: {argmax: {any: ['A {c.row?']}}", "braces are not closed"),
        (
            "extends: en\nsteps: {sum: '{trems} = {result}'}",
            "steps: there is nothing for {trems}; did you mean 'terms'",
        ),
        ("extends: en\nweekdays: [Mo, Di]", r"Expected `array` of length >= 7 - at `\$.weekdays`"),
        ("extends: en\nyes: 'yes'", "a YAML file of words is needed: Expected `str`, got `bool`"),
        ("extends: en\n'yes': 1", r"Expected `str`, got `int` - at `\$.yes`"),
    ],
)
def test_a_file_that_cannot_be_asked_with_is_refused_at_once(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(SettingError, match=error):
        own(tmp_path, text)


def test_a_language_has_a_word_for_rows_of_any_kind(tmp_path: Path) -> None:
    english = Path(question_words.__file__).parent / "languages" / "en.yaml"
    without = re.sub(r"^  category: .*\n", "", english.read_text(), flags=re.MULTILINE)
    with pytest.raises(SettingError, match=r"rows\.category is missing: languages/en\.yaml shows what is needed"):
        own(tmp_path, without)


def test_what_english_says_of_one_column_may_be_said_of_the_other(tmp_path: Path) -> None:
    phrasing = "{d.row} or {c.row}: which {d.of}?"
    lookup = f"questions: {{lookup_argmax: {{any: ['{phrasing}']}}}}"
    assert own(tmp_path, f"extends: en\n{lookup}").words.questions["lookup_argmax"]["any"] == [phrasing]


def test_a_language_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(SettingError, match=r"file='eng': there is en, or a file of your own that ends in \.yaml"):
        WordingFile(file="eng")
    with pytest.raises(SettingError, match=r"file='nowhere.yaml': No such file or directory: a file of words"):
        WordingFile(file="nowhere.yaml")


def test_english_has_six_ways_to_ask_for_everything() -> None:
    def ways(template: str) -> int:
        return prod(len(choice.split("|")) for choice in re.findall(r"\[([^\[\]]*)\]", template))

    for kind, phrasings in WordingFile(file="en").words.questions.items():
        for register, templates in phrasings.items():
            assert len(set(templates)) == len(templates) >= 3, (kind, register)
            assert sum(map(ways, templates)) >= 6, (kind, register)


@pytest.mark.slow
def test_a_file_of_its_own_lacks_no_kind_of_question(tmp_path: Path) -> None:
    english = (Path(question_words.__file__).parent / "languages" / "en.yaml").read_text()
    assert own(tmp_path, english).words == WordingFile(file="en").words
    with pytest.raises(SettingError, match=r"questions\.argmin is missing: languages/en.yaml shows what is needed"):
        own(tmp_path, english.replace("\n  argmin:", "\n  lowest:"))
