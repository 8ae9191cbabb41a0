"""From the text of a reply to a question: what is asked for as JSON, and what is wrong with what came."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from dcvlr.records import Evidence, Scene
from dcvlr.synthesis.origin import has_data
from dcvlr.synthesis.reply_fields import fields, renamed
from dcvlr.synthesis.reply_options import OPTIONS
from dcvlr.synthesis.reply_texts import one_line
from dcvlr.synthesis.scene_text import cited_together
from dcvlr.synthesis.slots import Slot
from dcvlr.text.answers import agree
from dcvlr.text.citations import needs_citations, without_citations, without_citations_around
from dcvlr.text.json_objects import JsonObject, all_objects, object_schema
from dcvlr.text.letters import are_letters, names_letter, spelled_out
from dcvlr.text.lone_letters import labels_in

_NEEDED = ("question", "answer", "steps")
_MAX_STEPS = 12
_NUMBER = re.compile(r"\d")
_FORM = re.compile(r"\.{2,}|…|<[^<>]*>|string|str")  # the question of the form or schema, repeated before the reply


@dataclass(frozen=True, kw_only=True)
class Written:
    """A question that can be used; `options` are in the order of the reply, `labels` letters that name none of them."""

    question: str
    options: tuple[str, ...] | None
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    labels: frozenset[str]
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
        return json.dumps(object_schema(_properties(slots[0].answer_type == "multiple_choice", bound=True)))
    with_options = [slot.answer_type == "multiple_choice" for slot in slots]
    fields = {"number": {"type": "integer"}, **_properties(any(with_options), bound=all(with_options))}
    questions = {"type": "array", "items": object_schema(fields), "maxItems": len(slots)}
    return json.dumps(object_schema({"questions": questions}))


def _properties(has_options: bool, *, bound: bool) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    fields: dict[str, Any] = {"question": text}
    if has_options:
        fields["options"] = {"type": "array", "items": text, "minItems": OPTIONS if bound else 0, "maxItems": OPTIONS}
    return fields | {
        "answer": text,
        "steps": {"type": "array", "items": text, "minItems": 1, "maxItems": _MAX_STEPS},
        "evidence": {"type": "array", "items": text, "maxItems": 16},
    }


def read_all(text: str, scenes: Sequence[Scene], slots: Sequence[Slot], *, max_lines: int, seen: bool) -> Replied:
    """The questions in a reply by the numbers of their slots; of one slot the first object with all fields counts.

    Of several, the numbers that objects give count where each is a slot's and none comes twice; else their order does.
    `scenes` are the pictures that were shown; what was read of each may be cited down to `max_lines`, and the picture
    itself where it was `seen`.
    """
    found = all_objects(text, field="question")
    objects = [one for one in found if not _FORM.fullmatch(one_line(one.value["question"]))]
    if len(slots) == 1:
        objects = [*filter(_is_whole, objects), *objects][:1]
    numbers = [_number(found.value.get("number")) for found in objects]
    wanted = [slot.number for slot in slots]
    if len(set(numbers)) < len(numbers) or not set(numbers) <= set(wanted):
        numbers = [*wanted, *[None] * len(objects)][: len(objects)]
    numbered = list(zip(numbers, objects, strict=True))
    of_slot = {number: one for number, one in numbered if number is not None}
    fields_missing = " with the fields that were asked for" if "{" in text else ""
    missing = "there is no question for it." if objects else f"it is no JSON object{fields_missing}."
    given = {slot: of_slot.get(slot.number) for slot in slots}
    return Replied(
        found={
            slot.number: read(one, scenes, slot, max_lines=max_lines, seen=seen) if one else missing
            for slot, one in given.items()
        },
        extra=tuple(one_line(one.value["question"]) for number, one in numbered if number is None),
    )


def _is_whole(found: JsonObject) -> bool:
    return not _missing(renamed(found.value))


def _missing(value: Mapping[str, Any]) -> list[str]:
    return [name for name in _NEEDED if value.get(name) in (None, "", [])]


def _number(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isdecimal() and len(text) < 4 else None


def read(found: JsonObject, scenes: Sequence[Scene], slot: Slot, *, max_lines: int, seen: bool) -> Written | str:
    """The question that an object of a reply is, or in a sentence what is wrong with it, for the model to mend.

    What can be mended without asking is: JSON that is none, numbers and single texts where strings and lists are due,
    ids in brackets in steps and around the question, and headings between steps, which go, and letters of options in
    steps, in whose place the words of the option are put.
    """
    if found.is_cut:
        return "the reply ends within a text."
    value = renamed(found.value)
    if missing := _missing(value):
        return f"the field {missing[0]!r} is missing or empty."
    reply = fields(value)
    options = reply.options if slot.answer_type == "multiple_choice" else None
    answer = _option_meant(reply.answer, options) if options else reply.answer
    lettered = options is not None and not are_letters(options)
    labels = _labels(reply.question, scenes)
    steps = tuple(spelled_out(step, options, labels) for step in reply.steps) if options and lettered else reply.steps
    names_option = lettered and any(names_letter(step, labels) for step in steps)
    bare = tuple(without_citations(step).strip() for step in steps)
    question = without_citations_around(reply.question)
    names_id = any(map(needs_citations, steps)) or without_citations(question) != question
    evidence = {ref: cited_together(scenes, ref, max_lines=max_lines, seen=seen) for ref in reply.evidence}
    unknown = [ref for ref, known in evidence.items() if known is None]
    needs_evidence = any(map(has_data, scenes))
    problem = (
        _problem_of_words(question, answer, bare, slot)
        or ("a step names an option by its letter or place; the order of the options will change." * names_option)
        or (_problem_of_options(options, answer) if options is not None else "")
        or (f"there is no data with the id {unknown[0]!r}." if unknown and needs_evidence else "")
        or ("the question or a step says an id of the data instead of what it is." * names_id)
        or ("evidence names no data." if needs_evidence and not evidence else "")
    )
    if problem:
        return problem
    return Written(
        question=question,
        options=options,
        answer=answer,
        steps=bare,
        evidence=tuple({known.ref: known for known in evidence.values() if known is not None}.values()),
        labels=labels,
        repaired=found.repaired or (question, bare) != (reply.question, reply.steps) or reply.had_marks,
    )


def _labels(question: str, scenes: Sequence[Scene]) -> frozenset[str]:
    """Letters that stand for something in what is asked or printed in a picture."""
    printed = [line.text for scene in scenes if scene.text is not None for line in scene.text.lines]
    return labels_in([question, *printed])


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
    if len(options) != OPTIONS or not all(options):
        return f"{OPTIONS} options are needed, there are {len([option for option in options if option])}."
    if any(agree(*pair, None, tolerance=0.0) for pair in combinations(options, 2)):
        return "two options are the same."
    return "" if answer in options else f"the answer {answer!r} is not one of the options."
