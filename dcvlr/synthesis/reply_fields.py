"""The fields of a reply as strings and lists, whatever names and types a model gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dcvlr.synthesis.reply_options import options_and_answer
from dcvlr.synthesis.reply_texts import bare_answer, bare_question, one_line
from dcvlr.text.json_objects import list_in
from dcvlr.text.steps import split_steps, without_emphasis, without_list_markers

_ID = (
    r"(?:(?:OCR|ID|line|item|object|text|element|entry)\s*){0,2}"
    r"((?:p\d_)?(?:[TO]\d{1,6}|C|picture|image))\b(?:\s(\d)\b)?"
)
_REF = re.compile(rf"^\W*{_ID}", re.IGNORECASE)
_HEADING = re.compile(r"^\s*#{1,6}\s+\S")
_OTHER_NAMES = {  # what models call the fields that they were asked for
    "steps": ("reasoning_steps", "reasoning", "explanation", "rationale"),
    "answer": ("correct_answer", "final_answer", "correct_option", "correct_choice"),
    "options": ("choices", "answer_options"),
    "evidence": ("evidence_ids", "evidence_id"),
}
_BULLET = re.compile(r"^\s*[-*•]\s+\S")
_REF_BEHIND = re.compile(r"\S.*[(\[]((?:p\d_)?[TO]\d{1,6})[)\]]\W*", re.IGNORECASE)  # Order 8 [T1]
_REF_KEYS = ("id", "ref", "evidence_id", "line_id")
_REF_END = re.compile(  # what parts two ids; of "T1: Gate T2" the second is none
    r"(?:\s*[;,\n/&]\s*|(?<=\])(?=\[)|\s+(?=and\s)"
    r"|(?:(?<=[TO]\d)|(?<=[TO]\d\d)|(?<=[TO]\d\d\d))\]?\s+|\s+(?=\[?(?:p\d_)?[TO]\d{1,6}\]?\s?[:(]))(?:and\s+)?"
    rf"(?=\W{{0,3}}{_ID})",
    re.IGNORECASE,
)
_REF_RANGE = re.compile(r"\W*((?:p\d_)?[TO])(\d{1,6})\]?\s*(?:[-–—]|to)\s*\[?(?:\1)?(\d{1,6})\W*", re.IGNORECASE)
_LONGEST_RANGE = 50


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The fields that are asked for, as strings whatever their type was; a field that is not known is ignored."""

    question: str
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[str, ...]
    options: tuple[str, ...]
    had_marks: bool  # headings among the steps, which are none, bullets, or bold around a question or an answer


def renamed(value: Mapping[str, Any]) -> dict[str, Any]:
    """With the fields that were asked for, where they came under another name."""
    found = {
        name: next((value[other] for other in others if other in value), None)
        for name, others in _OTHER_NAMES.items()
        if name not in value
    }
    return {**value, **{name: one for name, one in found.items() if one is not None}}


def fields(value: Mapping[str, Any]) -> Fields:
    answer = value["answer"]
    written_steps = _lines(value["steps"])
    steps = [step for step in written_steps if not _HEADING.match(step)]
    had_bullets = any(map(_BULLET.match, steps))
    texts = [
        one_line(value["question"]),
        one_line(answer[0] if isinstance(answer, list) and len(answer) == 1 else answer),
    ]
    question, short = bare_question(without_emphasis(texts[0])), without_emphasis(texts[1])
    options, short = options_and_answer(value.get("options") or [], bare_answer(short))
    return Fields(
        question=question,
        answer=short,
        steps=tuple(step for step in without_list_markers(steps) if step),
        had_marks=had_bullets or len(steps) < len(written_steps) or [question, short] != texts,
        evidence=_refs(value.get("evidence") or []),
        options=options,
    )


def _lines(value: Any) -> list[str]:
    """The steps as they came; one text is taken apart at its lines, numbers or sentences."""
    if isinstance(value, dict):
        value = [item for item in value.values() if not (isinstance(item, str) and item.isdecimal())]
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if isinstance(value, str):
        value = list_in(value) or split_steps(value)
    return [one_line(step) for step in (value if isinstance(value, list) else [value])]


def _refs(value: Any) -> tuple[str, ...]:
    """Ids as they stand in the data: of "[T1]" and "T1: Order 8" it is T1; what is none stays as it is."""
    if isinstance(value, dict) and any(map(_REF.match, value)):
        value = list(value)
    elif isinstance(value, dict):
        value = next((item for item in value.values() if item), [])
    written = [one for item in value for one in _parted(item)] if isinstance(value, list) else _parted(value)
    texts = [one_line(_named_ref(item)) for item in written]
    return tuple(ref for text in texts if text for ref in _ranged(text))


def _parted(item: Any) -> list[Any]:
    """The ids of "T1, T2", "[T1][T2]" and of a list in a list, each with what is said behind it."""
    if isinstance(item, list):
        return [one for inner in item for one in _parted(inner)]
    if not isinstance(item, str):
        return [item]
    text = "\n".join(" ".join(line.split()) for line in item.splitlines() if line.strip())
    starts = [0, *(found.end() for found in _REF_END.finditer(text)), len(text)]
    parts = [text[start:end].rstrip(" ,;/&\n") for start, end in pairwise(starts)]
    return parts if all(_REF.match(part) or _REF_BEHIND.fullmatch(part) for part in parts) else [item]


def _ranged(text: str) -> tuple[str, ...]:
    """Each id of T1-T3; else the one that a text holds."""
    found = _REF_RANGE.fullmatch(text)
    numbers = range(int(found[2]), int(found[3]) + 1) if found else range(0)
    if found and 1 < len(numbers) <= _LONGEST_RANGE:
        return tuple(_ref(f"{found[1]}{number}") for number in numbers)
    return (_ref(text),)


def _named_ref(item: Any) -> Any:
    """The id of {"id": "T1", "text": "Order 8"}."""
    named = [item[key] for key in _REF_KEYS if isinstance(item.get(key), str)] if isinstance(item, dict) else []
    return named[0] if named and _REF.match(named[0]) else item


def _ref(text: str) -> str:
    found = _REF.match(text) or _REF_BEHIND.fullmatch(text)
    if not found:
        return text
    ref = found[1].upper().replace("IMAGE", "PICTURE")
    if ref == "PICTURE":
        return f"p{found[2]}_picture" if found[2] else "picture"
    return ref
