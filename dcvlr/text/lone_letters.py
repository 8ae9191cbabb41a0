"""Letters that stand alone in a sentence, and what says that they are no options: gate B, from A to B, initials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

_ALONE = re.compile(
    r"(?<![\w.\['’/+×=*^_\\{°$-])[\"“*(]{0,4}(?P<letter>[A-H])(?![\w’'+×*/^_(°=]|-\w|\.\s?\w|\s*[=+×*/<>≤≥^]|\s[-–]\s)"
)
_FUNCTION = re.compile(  # words that no letter is a kind of
    r"so|thus|hence|therefore|then|and|or|nor|but|that|this|which|because|since|while|as|if|when|only|not|of"
    r"|to|with|by|for|at|on|in|than|from|between|against|about|is|are|was|were|be|it|it's|i\.e|namely|being|the"
    r"|all|both|either|neither|none|any|each|also|just|even|us|them|makes|we|i|can|must|should|would|could"
    r"|however|except|instead|like|over|after|one"
)
_OF_OPTIONS = re.compile(  # what is done with options, and what they do
    r"(?:choos|pick|select|tak|keep|eliminat|exclud|discard|reject|dismiss|rul|remov|drop|favou?r|prefer|support|confirm"
    r"|match|fit|correspond|leav|giv|mak|mean|suggest|indicat|conclud|includ|compar|consider|cross)(?:e|es|s|ing|ed|en)?"
    r"|(?:takes?|took|chosen?|chose|left|out|correct|right|wrong|incorrect|best|final|result|conclusion|verdict|solution)"
    r"|see|sees|seen|(?:check|test|try|verify)ing|remain(?:s|ing)?|options?|choices?|answers?|alternatives?|\w{3,}ly"
)
_WRITTEN = re.compile(r"reads?|says?|labell?ed|marked|lettered|named|called|printed|written|spelled|graded|letters?")
_NOUNS_BEHIND = re.compile(r"(?:major|minor|flat|sharp|chord|string|grade|level|cell|note|clef)s?\b")
_NO_NOUN = re.compile(  # what does not follow an article
    r"(?:is|are|was|were|has|have|had|does|do|did|don|doesn|isn|can|cannot|could|must|should|would|will|may|might|and|or|nor"
    r"|to|because|since|as|with|in|on|at|from|but|not|while|says?|shows?|gives?|fits?|matche?s?|agrees?|remains?|names?"
    r"|lists?|contains?|states?|works?|wins?|it|which|that|has|alone|best|only|looks?|seems?|appears?|means?|refers?"
    r"|corresponds?|describes?|mentions?|represents?|reads?|then|instead|by|of|for|than|too|also|fails?|differs?|comes?)\b"
)
_DRAWN = re.compile(
    r"(?:lies?|meets?|intersects?|touch(?:es)?|coincides?)\b|is (?:the|an?) (?:first|last|\w+th) letter"
)
_SENTENCE_END = re.compile(r"(?<=[^.\s][^.\s][.;!?])\s+")
_BEFORE = re.compile(r"([\w.'’]+)(:?)[\s(\"“*]*$")
_INITIAL = re.compile(r"\.\s+[A-Z]\w+")
_NEAR = 80  # characters beside a letter that are looked at
_LEAD = re.compile(r"^\s*[(\[]?[A-H][.):\]]\s+")  # of options that a picture prints
_JOINED = re.compile(r"(?:\s*,\s*(?:(?:and|or|nor)\s+)?|\s+(?:and|or|nor|to)\s+|\s*[/&–-]\s*)[\"“*(]*")


def lone_letters(text: str) -> Iterator[tuple[str, bool]]:
    """Each letter A to H that stands alone, and whether its sentence says what it is of: gate B, 12 C, an A, marked D.

    Articles and initials are no letters. In a row (points A, B and C) what is true of one is true of all.
    """
    row: list[re.Match[str]] = []
    for found in filter(_is_letter, _ALONE.finditer(text)):
        if row and not _JOINED.fullmatch(text[row[-1].end() : found.start("letter")]):
            yield from _of_row(row)
            row = []
        row.append(found)
    yield from _of_row(row)


def labels_in(texts: Iterable[str]) -> frozenset[str]:
    """The letters that stand alone in what is asked and printed, as those of points; what leads an option does not."""
    return frozenset(letter for text in texts for letter, _ in lone_letters(_LEAD.sub("", text)))


def may_name_options(text: str, labels: frozenset[str]) -> bool:
    """Whether a letter stands alone that is none of `labels`, where no letter of its sentence is of something."""
    named = labels | {letter for letter, explained in lone_letters(text) if explained}
    for sentence in _SENTENCE_END.split(text):
        found = list(lone_letters(sentence))
        if not any(explained for _, explained in found) and any(letter not in named for letter, _ in found):
            return True
    return False


def _is_letter(found: re.Match[str]) -> bool:
    before, behind = _before(found, found.start()).rstrip(), _behind(found)
    begins = not before or before[-1] in ".:;!?"
    if found["letter"] == "A" and begins and re.match(r"[a-z\d]", behind) and not _NO_NOUN.match(behind):
        return False
    is_initial = _INITIAL.match(found.string, found.end())
    return not (is_initial and (not before or before.endswith((".", ",", "by", "and"))))


def _before(found: re.Match[str], end: int) -> str:
    return found.string[max(0, end - _NEAR) : end]


def _behind(found: re.Match[str]) -> str:
    return found.string[found.end() : found.end() + _NEAR].lstrip(')”"*').lstrip()


def _of_row(row: Sequence[re.Match[str]]) -> Iterator[tuple[str, bool]]:
    if row:
        explained = is_named(_before(row[0], row[0].start("letter"))) or _is_drawn(row)
        yield from ((found["letter"], explained) for found in row)


def _is_drawn(row: Sequence[re.Match[str]]) -> bool:
    """Whether a row leads somewhere, as from A to B, or what follows it is done by no option."""
    behind = _behind(row[-1])
    leads = any(" to " in one.string[one.end() : other.start()] for one, other in pairwise(row))
    return leads or bool(_NOUNS_BEHIND.match(behind) or _DRAWN.match(behind))


def is_named(before: str) -> bool:
    """Whether a noun, a number or an article ends the text before a letter."""
    found = _BEFORE.search(before)
    if not found:
        return False
    word = found[1].lower().rstrip(".")
    if word in ("a", "an") or _WRITTEN.fullmatch(word):
        return True
    return not (_FUNCTION.fullmatch(word) or _OF_OPTIONS.fullmatch(word) or found[1].endswith("."))
