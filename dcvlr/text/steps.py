"""From the free-form reasoning of a reply to numbered steps, without what only states the answer."""

from __future__ import annotations

import re
from itertools import takewhile

_BOXED = re.compile(r"\\(?:boxed|fbox)\b")
_UNBOXED = re.compile(r"\\(?:boxed|fbox)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_TAG = re.compile(r"</?(?:answer|think|thinking)>", re.IGNORECASE)
_ANSWER_LINE = re.compile(r"[\s*_#]*(?:the\s+)?(?:final\s+)?answer[\s*_]*(?::.*|is\b.*)?", re.IGNORECASE)
_LIST_MARKERS = re.compile(
    r"^(?:#{1,6}\s+|[-*•]\s+|(?:\*\*|__)?(?:step\s*)?\d{1,3}\s*[.):](?=\s|\*|_)\s*)", re.IGNORECASE
)
_ABBREVIATIONS = "".join(
    rf"(?<!\b{word}\.)" for word in ("Dr", "Mr", "Mrs", "Ms", "St", "No", "Fig", "vs", "approx", "e.g", "i.e")
)
_SENTENCE_END = re.compile(rf"{_ABBREVIATIONS}(?<=[.!?])\s+(?=[^\W\da-z_]|[\"'(\[$\\*\d])")


def numbered_steps(text: str) -> str:
    r"""One numbered step per line; empty where a reply has an answer and no reasoning.

    Thoughts up to the last `</think>` do not count. Steps are the lines, or the sentences where there is one line only.
    What states the answer goes: the last `\boxed{}` with all that follows it, `<answer>` tags, "Final answer: …".
    """
    _, _, reply = text.rpartition("</think>")
    lines = _without_answer([line.strip() for line in reply.splitlines() if _says_something(line)])
    if len(lines) == 1:
        lines = _without_answer(_SENTENCE_END.split(lines[0]))
    steps = [step for step in map(_bare, lines) if step]
    return "\n".join(f"{count}. {step}" for count, step in enumerate(steps, start=1))


def _without_answer(lines: list[str]) -> list[str]:
    boxes = [index for index, line in enumerate(lines) if _BOXED.search(line)]
    if boxes:
        last = boxes[-1]
        sentences = takewhile(lambda sentence: not _BOXED.search(sentence), _SENTENCE_END.split(lines[last]))
        lines = [*lines[:last], *sentences] or lines[last + 1 :]  # some give the answer first and reasons after it
    while lines and _only_answers(lines[-1]):
        lines = lines[:-1]
    return lines


def _says_something(line: str) -> bool:
    return any(map(str.isalnum, _TAG.sub("", line)))


def _only_answers(line: str) -> bool:
    return bool(_TAG.search(line) or _ANSWER_LINE.fullmatch(line))


def _bare(line: str) -> str:
    """Without list markers and headings in front, boxes, and bold."""
    line = " ".join(_UNBOXED.sub(r"\1", line).split())
    while (shorter := _LIST_MARKERS.sub("", line, count=1)) != line:
        line = shorter
    return line.replace("**", "").strip("_* ")
