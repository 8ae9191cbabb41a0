"""The letters of options: in front of them, and where reasoning names an option by its letter."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LEAD = re.compile(r"^\s*[(\[]?([A-H])[.):\]]\s+(?=\S)")
_NOUN = r"(?:options?|choices?|answers?|letters?|alternatives?)"
_NAMED = re.compile(
    rf"\b(?i:{_NOUN}(?:\s+(?:is|are|would be|must be))?:?)\s+[(\[\"']?(?P<named>[A-H])\b(?![.']?\w|[’'-]\w)[)\]\"']?"
    rf"|\((?P<bracketed>[A-H])\)"
    rf"|(?<![\w(])(?P<listed>[A-H])\)(?=\s|$)"
    rf"|\b(?P<judged>[A-H]) (?i:is (?:the )?(?:correct|right|wrong|incorrect|false|true|not)\b)"
    rf"|(?i:\b(?:choose|pick|select|so|hence|thus|therefore|answer is))\s*,?\s*(?P<chosen>[A-H])(?=[.,;]?$|\s(?i:is)\b)"
)


def without_letters(options: Sequence[str]) -> tuple[str, ...]:
    """The options without letters in front, where these run A, B, C, …; initials and names of species stay."""
    found = [_LEAD.match(option) for option in options]
    bare = tuple(
        option[letter.end() :].strip() if letter else option for option, letter in zip(options, found, strict=True)
    )
    in_order = [ord(letter[1]) - ord("A") == index for index, letter in enumerate(found) if letter]
    runs = len(in_order) > 1 and all(in_order)
    return bare if runs and len(set(bare)) == len(bare) else tuple(options)


def names_letter(text: str) -> bool:
    """Whether a text names an option by its letter, as in 'so (B) is right' and 'option C'."""
    return bool(_NAMED.search(text))


def spelled_out(text: str, options: Sequence[str]) -> str:
    """The text with the words of an option in place of its letter, since letters change when options are shuffled.

    'Option B is wrong' becomes 'blue is wrong'. A letter that no option has stays.
    """

    def words(found: re.Match[str]) -> str:
        letter = next(group for group in found.groups() if group)
        index = ord(letter) - ord("A")
        if index >= len(options):
            return found.group()
        kind = found.lastgroup or ""
        front = "" if kind != "chosen" else found.group()[: found.group().rindex(letter)]
        behind = found.group()[found.group().rindex(letter) + 1 :] if kind in {"judged", "chosen"} else ""
        is_stated = re.match(r"(?i)answers?\b", found.group()) if kind == "named" else None
        lead = found.group()[: found.start(kind) - found.start()].rstrip("([\"' ") + " " if is_stated else front
        return f"{lead}{options[index]}{behind}"

    return _NAMED.sub(words, text)
