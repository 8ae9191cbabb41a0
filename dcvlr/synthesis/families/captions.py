"""What a caption states: numbers of things, main colour, lightness, shape, text; and which caption is the right one.

A question is about the picture, and its answer is as true as the caption is. What another feature of the scene measures
is left to that feature. Colour, lightness and shape are those of the whole picture only in the opening words of
`dcvlr.binning.captioner.composed`: a caption that begins with "A dark brown dog" says nothing about the picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from rapidfuzz import fuzz

from dcvlr.records import Evidence, Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.families.pixels import CONFUSABLE, SHAPES
from dcvlr.synthesis.reading import quotable

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# What may stand before a number and after its noun, or the number is part of another one, or the noun of another word.
_BEFORE = r"(?:^|, |\b(?<!hundred )(?<!thousand )(?:and|of|with|shows|the|are|by) )"
_AFTER = (
    r"(?=[.,;]|$| (?:and|are|with|in|on|at|near|next|under|by|behind|beside|that|who|which|"
    r"sit|sits|sitting|stand|standing|walking|running|lying)\b)"
)
_THING = r"lines of text|people|[a-z]+(?<![sui])s"
_COUNT = re.compile(rf"{_BEFORE}(?P<phrase>(?P<number>\d+|{'|'.join(_NUMBERS)}) (?P<thing>{_THING})){_AFTER}")
_PEOPLE = re.compile(r"\b(?:m[ae]n|wom[ae]n|boys?|girls?|child(?:ren)?|kids?|bab(?:y|ies)|persons?)\b")
_OPENING = re.compile(
    rf"A (?:(?P<light>bright|dark)(?:, (?=mostly)| ))?(?:mostly (?P<colour>{'|'.join(CONFUSABLE)}) )?"
    r"(?P<shape>landscape|portrait|square) picture(?= with | in which |\.?$)"
)
_QUOTE = re.compile(r"(?:the largest of which reads|one line of text that reads) “(?P<text>[^”]+)”")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_FORMAT = {"landscape": "wider than tall", "portrait": "taller than wide"}
_NO_THING = frozenset(
    {"regions", "pixels", "percent", "times", "degrees", "colours", "colors", "minutes", "hours", "years", "others"}
)
_ANOTHER = 50.0  # rapidfuzz token_set_ratio of 100; below it two captions say different things
_CHOICES = 3


def caption_count(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    text = _text(scene)
    told = _QUOTED.sub("", text).casefold()  # what is printed in the picture counts nothing in it
    for match in _COUNT.finditer(told):
        number, thing = _as_number(match["number"]), match["thing"]
        measured = scene.text if thing == "lines of text" else scene.objects
        if not _is_all(thing, told) or not 2 <= number <= limits.max_count or measured:
            continue
        near = [str(n) for n in range(max(1, number - 2), number + 4) if n != number]
        yield Draft(
            question=f"How many {thing} can be seen in the picture?",
            answer=str(number),
            distractors=tuple(rng.sample(near, 3)),
            steps=(
                f'The picture is described by the sentence "{text}" [C].',
                f'The sentence says "{match["phrase"]}", so the number of {thing} is {number}.',
            ),
            evidence=_evidence(scene),
        )


def caption_colour(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    if colour := _opening(scene, "colour"):
        others = sorted(set(CONFUSABLE) - {colour} - set(CONFUSABLE[colour]))
        question = "Which colour makes up most of the picture?"
        step = f'The sentence says "mostly {colour}", so most of the picture is {colour}.'
        yield _told(scene, question, colour, rng.sample(others, _CHOICES), step)


def caption_shape(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    word = _opening(scene, "shape")
    if word in _FORMAT:
        shape = _FORMAT[word]
        question = "Which words describe the shape of the whole picture?"
        step = f"The sentence calls it a {word} picture, which means that it is {shape}."
        yield _told(scene, question, shape, [other for other in SHAPES if other != shape], step)


def caption_light(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    if light := _opening(scene, "light"):
        question = "Which word describes how light the picture is overall?"
        step = f'The sentence begins by calling the picture "{light}", so overall it is {light}.'
        yield _told(scene, question, light, ["dark" if light == "bright" else "bright"], step)


def caption_text(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    text = _text(scene)
    found = _QUOTE.search(text)
    if found is None or scene.text is not None or not quotable(found["text"]):
        return
    yield Draft(
        question="What does the text in the largest letters in the picture say?",
        answer=found["text"],
        steps=(
            f"The picture is described by the sentence {text} [C].",
            f'What the sentence quotes of its text is "{found["text"]}", so that is what the largest letters say.',
        ),
        evidence=_evidence(scene),
    )


def caption_choice(scene: Scene, others: Sequence[str], rng: Random) -> Iterator[Draft]:
    """Which of several sentences describes the picture; `others` are captions of other pictures.

    Only for captioners that look at the picture: a sentence composed of counts may fit another picture just as well.
    """
    text = _text(scene)
    wrong: list[str] = []
    for other in rng.sample(sorted(set(others)), len(set(others))):
        if len(wrong) < _CHOICES and all(fuzz.token_set_ratio(other, one) < _ANOTHER for one in (text, *wrong)):
            wrong.append(other)
    if not text or len(wrong) < _CHOICES:
        return
    yield Draft(
        question="Which sentence describes what the picture shows?",
        answer=text,
        distractors=tuple(wrong),
        closed=True,
        steps=(
            f'A look at the picture is summed up as "{text}" [C].',
            "The other sentences name things that are not in this picture, so they do not describe it.",
        ),
        evidence=_evidence(scene),
    )


def _opening(scene: Scene, part: str) -> str:
    """One word of what the composed captioner says of the whole picture; empty where the pixels say it better."""
    found = _OPENING.match(_text(scene)) if scene.pixels is None else None
    return (found[part] or "") if found else ""


def _told(scene: Scene, question: str, answer: str, distractors: Sequence[str], step: str) -> Draft:
    first = f'The picture is described by the sentence "{_text(scene)}" [C].'
    return Draft(
        question=question,
        answer=answer,
        distractors=tuple(distractors),
        closed=True,
        steps=(first, step),
        evidence=_evidence(scene),
    )


def _is_all(thing: str, told: str) -> bool:
    """Whether the sentence names `thing` once only, so that no more of them are elsewhere in it."""
    if thing == "people" and _PEOPLE.search(told):
        return False
    stem = re.sub(r"(?:ies|es|s)$", "", thing)
    return thing not in _NO_THING and len(re.findall(rf"\b{re.escape(stem)}", told)) == 1


def _text(scene: Scene) -> str:
    return "" if scene.caption is None else scene.caption.text.strip()


def _evidence(scene: Scene) -> tuple[Evidence, ...]:
    return (Evidence(kind="caption", ref="C", box=None, text=_text(scene)),)


def _as_number(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS.index(word) + 1
