"""What a judge says: a score and a reason for each criterion, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dcvlr.text.json_objects import all_objects, object_schema
from dcvlr.text.thinking import without_thoughts

SCORES = (1, 2, 3, 4, 5)
_WRITTEN = re.compile(r"\s*([1-5])(?:\.0+)?(?:\s*(?:/|out of)\s*5)?\s*")
_LONGEST_REASON = 300  # characters


@dataclass(frozen=True, kw_only=True)
class Judgement:
    score: int
    reason: str


def schema(criteria: Iterable[str]) -> str:
    """The JSON schema of a verdict; a reason comes before its score, so that the score follows from it."""
    score = {"type": "integer", "enum": list(SCORES)}
    one = object_schema({"reason": {"type": "string"}, "score": score})
    return json.dumps(object_schema(dict.fromkeys(criteria, one)))


def read_scores(text: str, criteria: Iterable[str]) -> dict[str, Judgement] | str:
    """The judgements in a reply, by criterion, or in words what is wrong with it, for the model to mend.

    JSON that is broken is repaired; of several objects the last counts. A score may be 4, 4.0, "4" or "4/5".
    """
    verdicts = (all_objects(without_thoughts(text), field=name) for name in criteria)
    found = next((objects[-1].value for objects in verdicts if objects), None)
    if found is None:
        return "it is no JSON object"
    judged = {name: _judgement(found.get(name)) for name in criteria}
    missing = [name for name, judgement in judged.items() if judgement is None]
    if missing:
        return f"it has no score from 1 to 5 for {', '.join(map(repr, missing))}"
    return {name: judgement for name, judgement in judged.items() if judgement is not None}


def _judgement(value: Any) -> Judgement | None:
    score, reason = (value.get("score"), value.get("reason")) if isinstance(value, dict) else (value, "")
    written = None if isinstance(score, bool) else _WRITTEN.fullmatch(str(score))
    if written is None:
        return None
    return Judgement(score=int(written[1]), reason=" ".join(str(reason or "").split())[:_LONGEST_REASON])
