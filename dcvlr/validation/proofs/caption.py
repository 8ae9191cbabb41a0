"""Answers from a caption, found again in its sentence.

These repeat the writer's reading of the sentence: whether the sentence is true of the picture they cannot tell.
"""

from __future__ import annotations

import re

from dcvlr.records import Qa
from dcvlr.validation.proofs.reading import UnprovenError, exactly, require

_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_COLOURS = ["black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"]
_SHAPES = {"landscape": "wider than tall", "portrait": "taller than wide"}
_LARGE = re.compile(
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|or|to)(?:[ -]|\b and )$"
)


def count(qa: Qa) -> str:
    asked = re.fullmatch(r"How many (.+) can be seen in the picture\?", qa.question)
    if asked is None:
        raise UnprovenError("the question does not ask how many there are")
    sentence = re.sub(r"“[^”]*”", "", _sentence(qa))
    found = re.findall(rf"(.*?)\b(\w+) {re.escape(asked[1])}\b(?! \w+(?:s|ers)\b)", sentence, re.DOTALL)
    numbers = [_number(word) for before, word in found if not _LARGE.search(before)]
    require(len(numbers) == 1 and numbers[0] != "", f"the caption does not say once how many {asked[1]} there are")
    return numbers[0]


def colour(qa: Qa) -> str:
    words = _opening(qa)
    require("mostly" in words and words[-1] in _COLOURS, "the caption does not name the main colour of the picture")
    return words[-1]


def shape(qa: Qa) -> str:
    word = _before_picture(qa)[-1]
    require(word in _SHAPES, "the caption does not name the shape of the picture")
    return _SHAPES[word]


def light(qa: Qa) -> str:
    words = _opening(qa)
    require(words[:1] in (["bright"], ["dark"]), "the caption does not say how light the picture is")
    return words[0]


def quote(qa: Qa) -> str:
    sentence = exactly(qa, 1, "caption")[0].text
    before, _, after = sentence.partition("“")
    text, end, _ = after.partition("”")
    require(
        end == "”" and before.endswith(("largest of which reads ", "one line of text that reads ")), "no text is quoted"
    )
    return text


def choice(qa: Qa) -> str:
    return exactly(qa, 1, "caption")[0].text


def _sentence(qa: Qa) -> str:
    return exactly(qa, 1, "caption")[0].text.lower()


def _before_picture(qa: Qa) -> list[str]:
    """The words of "A bright, mostly blue landscape picture ..." between the first and "picture"."""
    first, *words = _sentence(qa).partition(" picture")[0].replace(",", "").split() or [""]
    require(first == "a" and len(words) > 0, "the caption does not begin with what the whole picture is like")
    return words


def _opening(qa: Qa) -> list[str]:
    """Those words without the shape; only as the composed captioner puts them."""
    *words, last = _before_picture(qa)
    require(last in (*_SHAPES, "square"), "the caption does not begin with what the whole picture is like")
    rest = words[1:] if words[:1] in (["bright"], ["dark"]) else words
    known = rest == [] or (len(rest) == 2 and rest[0] == "mostly" and rest[1] in _COLOURS)
    require(known, "the caption does not begin with what the whole picture is like")
    return words


def _number(word: str) -> str:
    if word in _WORDS:
        return str(_WORDS.index(word) + 1)
    return word if word.isdigit() else ""
