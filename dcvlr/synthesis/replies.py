"""From the text of a reply to a question: what is asked for as JSON, and what is wrong with what came."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcvlr.records import Evidence, Scene
from dcvlr.synthesis.scene_text import cited_together
from dcvlr.synthesis.slots import Slot
from dcvlr.text.answers import agree
from dcvlr.text.citations import without_citations
from dcvlr.text.json_objects import JsonObject, all_objects
from dcvlr.text.letters import are_letters, names_letter, spelled_out, without_letters
from dcvlr.text.steps import split_steps, without_list_markers

_OPTIONS = 4
_MAX_STEPS = 12
_NUMBER = re.compile(r"\d")
_FORM = re.compile(r"\.{2,}|…|<[^<>]*>")  # the question of the form that was asked for, repeated before the reply
_REF = re.compile(
    r"^\W*(?:(?:ID|line|item|object|text|element|entry)\s*)?((?:p\d_)?(?:[TO]\d{1,6}|C|picture|image))\b(?:\s(\d)\b)?",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^\s*#{1,6}\s+\S")
_OTHER_NAMES = {  # what models call the fields that they were asked for
    "steps": ("reasoning_steps", "reasoning", "explanation", "rationale"),
    "answer": ("correct_answer", "final_answer"),
    "options": ("choices",),
    "evidence": ("evidence_ids",),
}
_REF_END = re.compile(r"\s*[;,\n]\s*|\s+(?=\[?(?:p\d_)?[TO]\d)")


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The fields that are asked for, as strings whatever their type was; a field that is not known is ignored."""

    question: str
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[str, ...]
    options: tuple[str, ...]
    had_headings: bool  # among the steps; they are none


@dataclass(frozen=True, kw_only=True)
class Written:
    """A question that can be used; `options` are in the order of the reply."""

    question: str
    options: tuple[str, ...] | None
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    repaired: bool


@dataclass(frozen=True, kw_only=True)
class Replied:
    """What a reply holds: of each slot its question, or what is wrong with it, and questions beyond those asked for."""

    found: Mapping[int, Written | str]
    extra: tuple[str, ...] = ()


def schema(slots: Sequence[Slot]) -> str:
    """The JSON schema of a reply, in the part of the language that every guided decoder has.

    One question is an object; several are a list in an object's field, each with its number, and with an empty list of
    options where it has none.
    """
    if len(slots) == 1:
        return json.dumps(_object(_properties(slots[0].answer_type == "multiple_choice", bound=True)))
    with_options = [slot.answer_type == "multiple_choice" for slot in slots]
    fields = {"number": {"type": "integer"}, **_properties(any(with_options), bound=all(with_options))}
    return json.dumps(_object({"questions": {"type": "array", "items": _object(fields), "maxItems": len(slots)}}))


def _properties(has_options: bool, *, bound: bool) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    fields: dict[str, Any] = {"question": text}
    if has_options:
        fields["options"] = {"type": "array", "items": text, "minItems": _OPTIONS if bound else 0, "maxItems": _OPTIONS}
    return fields | {
        "answer": text,
        "steps": {"type": "array", "items": text, "minItems": 1, "maxItems": _MAX_STEPS},
        "evidence": {"type": "array", "items": text, "maxItems": 16},
    }


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def read_all(
    text: str,
    scene: Scene,
    slots: Sequence[Slot],
    *,
    needs_evidence: bool,
    max_lines: int,
    seen: bool,
    others: Sequence[Scene] = (),
) -> Replied:
    """The questions in a reply by the numbers of their slots; of one slot the first whole object counts.

    `others` are the pictures that were shown after that of the scene.

    Of several, the numbers that objects give count where each is a slot's and none comes twice; else their order does.
    """
    objects = [one for one in all_objects(text, field="question") if not _FORM.fullmatch(_text(one.value["question"]))]
    if len(slots) == 1:
        objects = objects[:1]
    numbers = [_number(found.value.get("number")) for found in objects]
    wanted = [slot.number for slot in slots]
    if len(set(numbers)) < len(numbers) or not set(numbers) <= set(wanted):
        numbers = [*wanted, *[None] * len(objects)][: len(objects)]
    of_slot = {number: found for number, found in zip(numbers, objects, strict=True) if number is not None}
    what_came = (
        "it is no JSON object." if "{" not in text else "it is no JSON object with the fields that were asked for."
    )
    missing = "there is no question for it." if objects else what_came
    return Replied(
        found={
            slot.number: read(
                of_slot[slot.number],
                (scene, *others),
                slot,
                needs_evidence=needs_evidence,
                max_lines=max_lines,
                seen=seen,
            )
            if slot.number in of_slot
            else missing
            for slot in slots
        },
        extra=tuple(
            _text(found.value["question"]) for number, found in zip(numbers, objects, strict=True) if number is None
        ),
    )


def _number(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isdecimal() and len(text) < 4 else None


def read(
    found: JsonObject, scenes: Sequence[Scene], slot: Slot, *, needs_evidence: bool, max_lines: int, seen: bool
) -> Written | str:
    """The question that an object of a reply is, or in a sentence what is wrong with it, for the model to mend.

    What can be mended without asking is: JSON that is none, numbers and single texts where strings and lists are due,
    ids in brackets in steps and headings between them, which go, and letters of options in them, in whose place the
    words of the option are put.
    """
    value = _renamed(found.value)
    missing = [name for name in ("question", "answer", "steps") if value.get(name) in (None, "", [])]
    if missing:
        return f"the field {missing[0]!r} is missing or empty."
    reply = _fields(value)
    options = reply.options if slot.answer_type == "multiple_choice" else None
    answer = _option_meant(reply.answer, options) if options else reply.answer
    lettered = options is not None and not are_letters(options)
    steps = tuple(spelled_out(step, options) for step in reply.steps) if options and lettered else reply.steps
    names_option = lettered and any(map(names_letter, steps))
    steps = tuple(map(without_citations, steps))
    evidence = {
        ref: cited_together(scenes, ref, max_lines=max_lines, seen=seen) for ref in dict.fromkeys(reply.evidence)
    }
    unknown = [ref for ref, known in evidence.items() if known is None]
    problem = (
        _problem_of_words(reply.question, answer, steps, slot)
        or ("a step names an option by its letter or place; the order of the options will change." * names_option)
        or (_problem_of_options(options, answer) if options is not None else "")
        or (f"there is no data with the id {unknown[0]!r}." if unknown and needs_evidence else "")
        or ("evidence names no data." if needs_evidence and not evidence else "")
    )
    if problem:
        return problem
    return Written(
        question=reply.question,
        options=options,
        answer=answer,
        steps=steps,
        evidence=tuple({known.ref: known for known in evidence.values() if known is not None}.values()),
        repaired=found.repaired or steps != reply.steps or reply.had_headings,
    )


def _renamed(value: Mapping[str, Any]) -> dict[str, Any]:
    """With the fields that were asked for, where they came under another name."""
    found = {
        name: next((value[other] for other in others if other in value), None)
        for name, others in _OTHER_NAMES.items()
        if name not in value
    }
    return {**value, **{name: one for name, one in found.items() if one is not None}}


def _fields(value: Mapping[str, Any]) -> Fields:
    answer = value["answer"]
    options = value.get("options") or []
    written = options.values() if isinstance(options, dict) else options if isinstance(options, list) else [options]
    written_steps = _lines(value["steps"])
    steps = [step for step in written_steps if not _HEADING.match(step)]
    return Fields(
        question=_text(value["question"]),
        answer=_text(answer[0] if isinstance(answer, list) and len(answer) == 1 else answer),
        steps=tuple(step for step in without_list_markers(steps) if step),
        had_headings=len(steps) < len(written_steps),
        evidence=_refs(value.get("evidence") or []),
        options=without_letters([_text(option) for option in written]),
    )


def _text(value: Any) -> str:
    """One line of text; of an object the first text in it, before a number."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        texts = [item for item in value.values() if isinstance(item, str) and item.strip()]
        return _text(next((item for item in texts if not item.isdecimal()), texts[0] if texts else ""))
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return " ".join(str(value).split())


def _lines(value: Any) -> list[str]:
    """The steps as they came; one text is taken apart at its lines, numbers or sentences."""
    if isinstance(value, dict):
        value = [item for item in value.values() if not (isinstance(item, str) and item.isdecimal())]
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    written = split_steps(value) if isinstance(value, str) else value if isinstance(value, list) else [value]
    return [_text(step) for step in written]


def _refs(value: Any) -> tuple[str, ...]:
    """Ids as they stand in the data: of "[T1]" and "T1: Order 8" it is T1; what is none stays as it is."""
    if isinstance(value, dict) and any(map(_REF.match, value)):
        value = list(value)
    written = _REF_END.split(value) if isinstance(value, str) else value if isinstance(value, list) else [value]
    texts = [_text(item) for item in written]
    return tuple(_ref(text) for text in texts if text)


def _ref(text: str) -> str:
    found = _REF.match(text)
    if not found:
        return text
    ref = found[1].upper().replace("IMAGE", "PICTURE")
    if ref == "PICTURE":
        return f"p{found[2]}_picture" if found[2] else "picture"
    return ref


def _option_meant(answer: str, options: Sequence[str]) -> str:
    """The option that the answer means by its words or letter; the answer itself where it means none."""
    if answer in options:
        return answer
    return next((option for option in options if agree(answer, option, options, tolerance=0.0)), answer)


def _problem_of_words(question: str, answer: str, steps: tuple[str, ...], slot: Slot) -> str:
    if not question.strip() or not answer or not steps or not all(steps):
        return "the question, the answer or a step is empty."
    if slot.answer_type == "number" and not _NUMBER.search(answer):
        return f"the answer {answer!r} is no number."
    return ""


def _problem_of_options(options: tuple[str, ...], answer: str) -> str:
    if len(options) != _OPTIONS or not all(options):
        return f"{_OPTIONS} options are needed, there are {len([option for option in options if option])}."
    if len({option.casefold() for option in options}) != len(options):
        return "two options are the same."
    return "" if answer in options else f"the answer {answer!r} is not one of the options."
