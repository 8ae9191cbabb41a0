"""From the free-form reasoning of a reply to numbered steps, without what only states the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from dcvlr.text.thinking import without_thoughts

_BOXED = re.compile(r"\\(?:boxed|fbox)\b")
_UNBOXED = re.compile(r"\\(?:boxed|fbox)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_TAG = re.compile(r"</?(?:answer|think|thinking)>", re.IGNORECASE)
_ANSWER_LINE = re.compile(r"[\s*_#]*(?:the\s+)?(?:final\s+)?answer[\s*_]*(?::.*|is\b.*)?", re.IGNORECASE)
_MARKERS = re.compile(r"^(?:#{1,6}\s+|[-*•]\s+)")
_EMPHASIS = re.compile(r"^(\*\*|__|\*|`)(?=\S)([^*_`]+)(?<=\S)\1$")
_COUNTED = re.compile(
    r"^(?:\*\*|__)?(?P<step>step\s*)?(?P<number>\d{1,3})\s*[.):](?=\s|\*|_)(?:\*\*|__)?\s*", re.IGNORECASE
)
_COUNTED_INSIDE = re.compile(r"\s+(?=(?:step\s*)?\d{1,2}\s*[.):]\s+\S)", re.IGNORECASE)
_ABBREVIATIONS = "".join(
    rf"(?<!\b{word}\.)" for word in ("Dr", "Mr", "Mrs", "Ms", "St", "No", "Fig", "vs", "approx", "e.g", "i.e")
)
_SENTENCE_END = re.compile(rf"{_ABBREVIATIONS}(?<=[.!?])\s+(?=[^\W\da-z_]|[\"'(\[$\\*\d])")


def numbered_steps(text: str) -> str:
    r"""One numbered step per line; empty where a reply has an answer and no reasoning.

    Thoughts do not count. Steps are the lines, or the sentences where there is one line only. What states the answer
    goes: the last `\boxed{}` with all that follows it, `<answer>` tags, "Final answer: …".
    """
    reply = without_thoughts(text)
    lines = _without_answer([line.strip() for line in reply.splitlines() if _says_something(line)])
    if len(lines) == 1:
        lines = _without_answer(sentences(lines[0]))
    steps = [step for step in without_list_markers(map(_bare, lines)) if step]
    return numbered(steps)


def numbered(steps: Iterable[str]) -> str:
    """Reasoning as a question keeps it: each step in a line behind its number."""
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))


def split_steps(text: str) -> list[str]:
    """Steps that came as one text: its lines, or what its numbers 1., 2., … count, or its sentences."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        return lines
    counted = _COUNTED_INSIDE.split(text.strip())
    numbers = [_COUNTED.match(part) for part in counted]
    if len(counted) > 1 and [found and int(found["number"]) for found in numbers] == [*range(1, len(counted) + 1)]:
        return counted
    return sentences(text)


def sentences(text: str) -> list[str]:
    """The sentences of a line of reasoning; no abbreviation and no number with a point ends one."""
    return _SENTENCE_END.split(text.strip())


def unboxed(text: str) -> str:
    r"""The text with what stands in `\boxed{}` in place of the box."""
    return _UNBOXED.sub(r"\1", text)


def without_emphasis(text: str) -> str:
    """The text without bold, italic or code marks around all of it."""
    return _EMPHASIS.sub(r"\2", text)


def without_list_markers(steps: Iterable[str]) -> list[str]:
    """The steps without the marks of a list in front: dashes, "Step 2:", and numbers that count them.

    A number that does not count stays, such as the year of "2019: 35 units were sold".
    """
    bare, count = [], 0
    for step in steps:
        shorter = _MARKERS.sub("", step.strip())
        found = _COUNTED.match(shorter)
        if found and (found["step"] or int(found["number"]) == count + 1):
            count = int(found["number"])
            shorter = _MARKERS.sub("", shorter[found.end() :])
        bare.append(shorter.strip())
    return bare


def _without_answer(lines: list[str]) -> list[str]:
    boxes = [index for index, line in enumerate(lines) if _BOXED.search(line)]
    if boxes:
        last = boxes[-1]
        before = takewhile(lambda sentence: not _BOXED.search(sentence), sentences(lines[last]))
        lines = [*lines[:last], *before] or lines[last + 1 :]  # some give the answer first and reasons after it
    while lines and _only_answers(lines[-1]):
        lines = lines[:-1]
    return lines


def _says_something(line: str) -> bool:
    return any(map(str.isalnum, _TAG.sub("", line)))


def _only_answers(line: str) -> bool:
    return bool(_TAG.search(line) or _ANSWER_LINE.fullmatch(line))


def _bare(line: str) -> str:
    """Without dashes and headings in front, boxes, and bold."""
    line = " ".join(unboxed(line).split())
    return _MARKERS.sub("", line).replace("**", "").strip("_* ")
