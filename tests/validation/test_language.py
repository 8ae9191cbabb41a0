from __future__ import annotations

import pytest
from contracts.checks import qa, text
from validation.shipped import settings, verdict

from dcvlr.errors import ConfigError
from dcvlr.validation.checks.language import Language

ENGLISH = Language(**settings("language"))
WRITER = "openai:qwen/features"


@pytest.mark.parametrize(
    ("question", "reasoning"),
    [
        ("Wie hoch ist der Gesamtbetrag auf diesem Beleg?", "1. Unten auf dem Beleg steht die Summe."),
        ("¿De qué color es el platillo que está debajo de la taza?", "1. El platillo es de color rojo."),
        ("¿Cuánto cuesta la leche?", "1. En la fila figura el importe 2.50.\n2. Por lo tanto, es 2.50."),
        ("这张收据上的总金额是多少？", "1. 收据底部写着总金额。"),
        ("Какого цвета глаза у кошки?", "1. У кошки большие зелёные глаза."),
    ],
)
def test_another_language_fails(question: str, reasoning: str) -> None:
    assert not verdict(ENGLISH, qa(question=question, reasoning=reasoning, generator=WRITER)).passed


def test_a_language_that_nobody_can_tell_is_named_with_those_there_are() -> None:
    check = Language(**{**settings("language"), "language": "xx"})
    with pytest.raises(ConfigError, match=r"validation\.checks\.language\.language='xx': py3langid knows af, .*, zu"):
        verdict(check, qa(question="What colour is the saucer below the cup?", generator=WRITER))


def test_so_many_letters_are_enough_to_tell_a_language() -> None:
    german = qa(question="Wie hoch ist der Gesamtbetrag auf diesem Beleg?", reasoning="1. Unten.", generator=WRITER)
    for least, passed in ((44, False), (45, True)):
        assert verdict(Language(**{**settings("language"), "min_letters": least}), german).passed is passed


def test_what_only_may_be_another_language_passes() -> None:
    found = verdict(
        ENGLISH, qa(question="How many cola and pizza?", reasoning="1. Pizza cola taxi hotel.", generator=WRITER)
    )
    assert (found.passed, found.value) == (True, "pcm"), "with the probability 0.82, below 0.95"


def test_what_the_picture_says_may_be_in_any_language() -> None:
    question = qa(
        question='What stands below "Gesamtbetrag inklusive Mehrwertsteuer"?',
        reasoning="1. The line below it reads Vielen Dank für Ihren Einkauf und auf Wiedersehen.",
        evidence=(text(1, "Vielen Dank für Ihren Einkauf und auf Wiedersehen"),),
        generator=WRITER,
    )
    assert verdict(ENGLISH, question).passed


def test_the_wanted_language_passes_and_few_letters_are_not_judged() -> None:
    english = verdict(ENGLISH, qa(question="What colour is the saucer below the cup?", generator=WRITER))
    assert (english.passed, english.value) == (True, "en")
    computed = qa(question="Was ist das?", generator="computed/text")
    short = verdict(ENGLISH, qa(question="Was?", reasoning="1. Da.", generator=WRITER))
    assert (short.passed, short.reason) == (True, "not checked: 5 letters are too few")
    assert verdict(ENGLISH, computed).reason == "not checked: computed"
