"""The letters of options: in front of them, and where reasoning names an option by its letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from random import Random
from string import ascii_uppercase

from dcvlr.text.lone_letters import is_named, may_name_options

_LETTERS = tuple("ABCDEFGH")
_OTHERS = r"of (?:the above|these|them|those|the others|the options|the other options)"
_NONE_OF_OTHERS = re.compile(rf"\bnone {_OTHERS}\b", re.IGNORECASE)
_OF_OTHERS = re.compile(rf"\b(?:none|neither|all|any) {_OTHERS}\b", re.IGNORECASE)
_LEAD = re.compile(r"^\s*[(\[]?([A-H])[.):\]]\s+(?=\S)")
_NOUN = r"(?:options?|choices?|answers?|(?<!\bthe )letters?|alternatives?)"
_ONE = r"[(\[\"']?\b[A-H]\b(?![.']?\w|[’'–-]\w)[)\]\"']?"
_AND = r"(?:\s*,\s*(?:(?:and|or|nor)\s+)?|\s+(?:and|or|nor)\s+|\s*[/&]\s*)"
_SOME = rf"{_ONE}(?:{_AND}{_ONE})*"
_REFUSED = r"(?:eliminat|exclud|discard|reject|dismiss)\w*|rul\w+ out|leav(?:es|ing)"
_VERDICT = (  # "B is right of A" is about a drawing
    r" (?i:is (?:not (?:there|it)|(?:not )?(?:the )?(?:correct|wrong|incorrect|false|true"
    r"|right(?! (?:of|beside|next|above|below|under|behind|in|at|to|angled?)\b)))\b)"
)
_NAMED = re.compile(
    rf"\b(?i:{_NOUN}(?P<stated>\s+(?:is|are|would be|must be):?|:)?)\s+(?P<named>{_SOME})"
    rf"|\b(?i:{_NOUN}),\s+(?P<apposed>[A-H])(?=,)"
    rf"|\((?P<bracketed>[A-H])\)"
    rf"|(?<![\w(])(?P<listed>[A-H])\)(?=[\s.,;:]|$)"
    rf"|(?<![A-Za-z] )\b(?P<judged>[A-H])(?={_VERDICT})"  # not of plan B or statement C
    rf"|\b(?i:so|that|and|but|or|because|since|then|while|only)\s+(?P<claimed>[A-H])(?={_VERDICT})"
    rf"|(?i:\b(?:choose|pick|select|so|hence|thus|therefore|answer is|{_REFUSED}))\s*,?\s*"
    rf"(?P<chosen>{_SOME})(?=[.,;]?$|[.,;]\s|\s(?i:because|since)\b|{_VERDICT}|\sare\s(?:correct|wrong|incorrect|out)\b)"
)
_HINTED = re.compile(  # sure enough to ask again, not to say which words are meant
    rf"\b(?i:{_NOUN})\s+\(?[a-h]\)|(?<![\w(])[a-h]\)\s+(?:is|are)\b"
    rf"|\*\*\(?[A-H]\)?\*\*|\\boxed\{{(?:\\\w+\{{)?\(?[A-H]\)?\}}|\b(?i:{_NOUN})\s+[A-H]\s?[-–]\s?[A-H]\b"
    r"|(?<![A-Za-z] )\[[ABD-H]\]|\b(?i:so|that|and|but|or|hence|thus|is) \[[ABD-H]\]"  # [C] cites the caption
    r"|\b[A-H] is (?:the )?(?:correct|wrong|incorrect)\b"
    r"|\b(?i:(?:first|second|third|fourth|last) (?:option|choice|alternative))\b"
    r"|\b(?i:(?:option|choice|alternative)s? #?[1-8])\b"
)
_NEAR = 40  # characters in front that are looked at
_OF_SOMEBODY = re.compile(r"(?:['’]s|\b(?:his|her|their|its|your|my))\s+(?:\w+\s+)?$", re.IGNORECASE)
_LETTER = re.compile(r"letters?\b", re.IGNORECASE)
_IS = re.compile(  # what stands before the letter of an option, unlike the first letter of a word
    r"^\s*$|\b(?:is|be|to|with|by|pick|choose|select|correct|right|corresponding|matching|option|answer),?\s+$",
    re.IGNORECASE,
)
_OF_NOUN = frozenset({"named", "apposed"})  # what speaks of options whatever letters a picture has


def option_lines(options: Iterable[str] | None) -> list[str]:
    """`A. red`, `B. blue` and so on in the stored order; behind Z a dash."""
    return [f"{_lead(index)} {option}" for index, option in enumerate(options or ())]


def _lead(index: int) -> str:
    return f"{ascii_uppercase[index]}." if index < len(ascii_uppercase) else "-"


def is_none_of_others(option: str) -> bool:
    """None of the above, of these, of the other options."""
    return _NONE_OF_OTHERS.search(option) is not None


def shuffled(options: Sequence[str], rng: Random) -> tuple[int, ...]:
    """The places of the options in a new order; "None of the above" and its like stay last."""
    positions = rng.sample(range(len(options)), len(options))
    return tuple(sorted(positions, key=lambda position: _OF_OTHERS.search(options[position]) is not None))


def shuffled_options(
    options: Sequence[str] | None, rng: Random
) -> tuple[tuple[str, ...] | None, tuple[int, ...] | None]:
    """The options in a new order, and the place that each had; None for a question without."""
    if options is None:
        return None, None
    order = shuffled(options, rng)
    return tuple(options[position] for position in order), order


def without_letters(options: Sequence[str]) -> tuple[str, ...]:
    """The options without letters in front, where these run A, B, C, …; initials and names of species stay."""
    found = [_LEAD.match(option) for option in options]
    bare = tuple(
        option[letter.end() :].strip() if letter else option for option, letter in zip(options, found, strict=True)
    )
    in_order = [ord(letter[1]) - ord("A") == index for index, letter in enumerate(found) if letter]
    runs = len(in_order) > 1 and all(in_order)
    return bare if runs and len(set(bare)) == len(bare) else tuple(options)


def are_letters(options: Sequence[str]) -> bool:
    """Whether options are letters themselves, as of bars or corners of a drawing: reasoning then speaks of those."""
    return any(option.strip("() .") in _LETTERS for option in options)


def names_letter(text: str, labels: frozenset[str]) -> bool:
    """Whether a text names an option by its letter or place, as in 'so (B) is right' and 'the first choice'.

    `labels` are letters that name something else, as `labels_in` finds them in what is asked and printed.
    """
    return (
        any(_means_option(found, labels) for found in _NAMED.finditer(text))
        or _HINTED.search(text) is not None
        or may_name_options(text, labels)
    )


def _means_option(found: re.Match[str], labels: frozenset[str]) -> bool:
    kind, before = found.lastgroup or "", found.string[max(0, found.start() - _NEAR) : found.start()]
    if kind in ("bracketed", "listed") and is_named(before):  # panel (B)
        return False
    if kind == "named" and (_OF_SOMEBODY.search(before) or (_LETTER.match(found.group()) and not _IS.search(before))):
        return False
    return kind in _OF_NOUN or not labels.issuperset(_letters(found[kind]))


def _letters(text: str) -> list[str]:
    return re.findall(r"\b[A-H]\b", text)


def spelled_out(text: str, options: Sequence[str], labels: frozenset[str]) -> str:
    """The text with the words of an option in place of its letter, since letters change when options are shuffled.

    'Options B and C are wrong' becomes 'blue and green are wrong'. A letter that no option has stays, and so does
    one that only may be an option's, as in 'B and C are wrong', or is one of `labels`. Beside the words themselves
    ('A: red') it goes.
    """
    for letter, option in zip(_LETTERS, options, strict=False):
        lead = rf"(?<![\w(])(?:(?i:{_NOUN})\s)?\(?{letter}(?:[.:)]+|\s[-–=])\s+"
        text = re.sub(rf"{lead}(?={re.escape(option)}(?!\w))", "", text)
        text = re.sub(rf"\b(?i:{_NOUN})\s{letter}\s+\(({re.escape(option)})\)", r"\1", text)
    return _NAMED.sub(lambda found: _in_words(found, options) if _means_option(found, labels) else found.group(), text)


def _in_words(found: re.Match[str], options: Sequence[str]) -> str:
    kind = found.lastgroup or ""
    letters = found[kind]
    if any(ord(letter) - ord("A") >= len(options) for letter in _letters(letters)):
        return found.group()
    spelled = re.sub(r"[(\[\"']?\b([A-H])\b[)\]\"']?", lambda one: options[ord(one[1]) - ord("A")], letters)
    keeps_lead = kind in {"chosen", "claimed", "apposed"} or found["stated"]
    return (found.group()[: found.start(kind) - found.start()] if keeps_lead else "") + spelled
