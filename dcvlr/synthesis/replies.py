"""From the text of a reply to a question: what is asked for as JSON, and what is wrong with what came."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from dcvlr.records import Evidence, Scene
from dcvlr.synthesis.scene_text import cited
from dcvlr.synthesis.slots import Slot

_OPTIONS = 4
_MAX_STEPS = 12
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_LETTER = re.compile(r"\b(?:option|choice)\s+\(?[A-D]\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*(?:step\s*)?\d+\s*[.):]\s+", re.IGNORECASE)
_LETTERED = re.compile(r"^\s*\(?[A-D][.):]\s+")
_NUMBER = re.compile(r"\d")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that are asked for; a field that is not known is ignored."""

    question: str
    answer: str
    steps: list[str]
    evidence: list[str]
    options: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Written:
    """A question that can be used; `options` are in the order of the reply."""

    question: str
    options: tuple[str, ...] | None
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    repaired: bool


def schema(slot: Slot) -> str:
    """The JSON schema of a reply, in the part of the language that every guided decoder has."""
    text: dict[str, Any] = {"type": "string"}
    fields: dict[str, Any] = {"question": text}
    if slot.answer_type == "multiple_choice":
        fields["options"] = {"type": "array", "items": text, "minItems": _OPTIONS, "maxItems": _OPTIONS}
    fields |= {
        "answer": text,
        "steps": {"type": "array", "items": text, "minItems": 1, "maxItems": _MAX_STEPS},
        "evidence": {"type": "array", "items": text, "maxItems": 16},
    }
    whole = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return json.dumps(whole)


def read(text: str, scene: Scene, slot: Slot, *, needs_evidence: bool, max_lines: int) -> Written | str:
    """The question in a reply, or in a sentence what is wrong with it, for the model to mend."""
    reply, repaired = _parsed(text)
    if isinstance(reply, str):
        return reply
    options = _options(reply) if slot.answer_type == "multiple_choice" else None
    answer = _bare(reply.answer) if options is not None else " ".join(reply.answer.split())
    steps = tuple(_NUMBERED.sub("", " ".join(step.split())) for step in reply.steps)
    evidence = {ref: cited(scene, ref, max_lines=max_lines) for ref in dict.fromkeys(reply.evidence)}
    unknown = [ref for ref, found in evidence.items() if found is None]
    problem = (
        _problem_of_words(reply.question, answer, steps, slot)
        or (_problem_of_options(options, answer) if options is not None else "")
        or (f"there is no data with the id {unknown[0]!r}." if unknown and needs_evidence else "")
        or ("evidence names no data." if needs_evidence and not evidence else "")
    )
    if problem:
        return problem
    return Written(
        question=" ".join(reply.question.split()),
        options=options,
        answer=answer,
        steps=steps,
        evidence=tuple({found.ref: found for found in evidence.values() if found is not None}.values()),
        repaired=repaired,
    )


def _parsed(text: str) -> tuple[Reply | str, bool]:
    fenced = _FENCED.search(text)
    candidate = fenced[1] if fenced else text.strip()
    try:
        return msgspec.json.decode(candidate, type=Reply), False
    except msgspec.ValidationError as error:
        return f"a field is missing or of the wrong type: {error}.", False
    except (msgspec.DecodeError, UnicodeEncodeError):
        return _repaired(candidate), True


def _repaired(text: str) -> Reply | str:
    import json_repair

    if "{" not in text:
        return "it is no JSON object."
    try:
        return msgspec.convert(json_repair.loads(text[text.index("{") :]), type=Reply)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        return f"it is no JSON object with the fields that were asked for ({str(error)[:200]})."


def _options(reply: Reply) -> tuple[str, ...]:
    return tuple(_bare(option) for option in reply.options or ())


def _bare(text: str) -> str:
    """Without line breaks and without an option's letter in front."""
    return _LETTERED.sub("", " ".join(text.split()))


def _problem_of_words(question: str, answer: str, steps: tuple[str, ...], slot: Slot) -> str:
    if not question.strip() or not answer or not steps or not all(steps):
        return "the question, the answer or a step is empty."
    if slot.answer_type == "number" and not _NUMBER.search(answer):
        return f"the answer {answer!r} is no number."
    if any(_LETTER.search(step) for step in steps):
        return "a step names an option by its letter; the order of the options will change."
    return ""


def _problem_of_options(options: tuple[str, ...], answer: str) -> str:
    if len(options) != _OPTIONS or not all(options):
        return f"{_OPTIONS} options are needed, there are {len([option for option in options if option])}."
    if len({option.casefold() for option in options}) != len(options):
        return "two options are the same."
    return "" if answer in options else f"the answer {answer!r} is not one of the options."
