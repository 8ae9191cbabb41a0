"""The fields of a reply as strings and lists, whatever names and types a model gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcvlr.synthesis.reply_options import options_and_answer
from dcvlr.synthesis.reply_texts import bare_answer, one_line
from dcvlr.text.steps import split_steps, without_emphasis, without_list_markers

_REF = re.compile(
    r"^\W*(?:(?:OCR|ID|line|item|object|text|element|entry)\s*){0,2}((?:p\d_)?(?:[TO]\d{1,6}|C|picture|image))\b(?:\s(\d)\b)?",
    re.IGNORECASE,
)
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
_REF_END = re.compile(r"\s*[;,\n]\s*|\s+(?=\[?(?:p\d_)?[TO]\d)")


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
    question, short = map(without_emphasis, texts)
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
    written = split_steps(value) if isinstance(value, str) else value if isinstance(value, list) else [value]
    return [one_line(step) for step in written]


def _refs(value: Any) -> tuple[str, ...]:
    """Ids as they stand in the data: of "[T1]" and "T1: Order 8" it is T1; what is none stays as it is."""
    if isinstance(value, dict) and any(map(_REF.match, value)):
        value = list(value)
    elif isinstance(value, dict):
        value = next((item for item in value.values() if item), [])
    written = _REF_END.split(value) if isinstance(value, str) else value if isinstance(value, list) else [value]
    texts = [one_line(_named_ref(item)) for item in written]
    return tuple(_ref(text) for text in texts if text)


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
