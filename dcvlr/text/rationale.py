"""The long thought of a model as a rationale: what it says of the picture, without what it says of its task."""

from __future__ import annotations

import re
from re import Pattern
from typing import Literal

from dcvlr.text.citations import without_citations
from dcvlr.text.steps import sentences, unboxed
from dcvlr.text.thinking import without_thoughts

RationaleSource = Literal["steps", "writer", "solver"]
"""Whose thought a question keeps beside its short steps: nobody's, its writer's, or that of a solver who agrees."""

_HEADING = re.compile(r"^[\s#*_]*question\s+(\d+)\b.*$", re.IGNORECASE | re.MULTILINE)
_LIST_SIGN = re.compile(r"^\s*(?:#{1,6}\s+|[-*•]\s+|\d{1,2}[.)]\s+)|\*\*|__")


def part_of(thought: str, number: int, *, alone: bool) -> str:
    """What a thought says of one of its questions, by headings such as "Question 2"; all of it where it has but one.

    Empty where there are several and they are not told apart.
    """
    if alone:
        return thought
    headings = list(_HEADING.finditer(thought))
    if not headings:
        return ""
    ends = [*(found.start() for found in headings[1:]), len(thought)]
    parts = {int(found[1]): thought[found.end() : end] for found, end in zip(headings, ends, strict=True)}
    return parts.get(number, "") if len(parts) == len(headings) else ""


def cleaned(thought: str, unwanted: Pattern[str]) -> str:
    """The sentences in which no `unwanted` phrase stands, line by line, without ids, boxes and marks of lists."""
    plain = without_citations(unboxed(without_thoughts(thought) or thought))
    lines = (_LIST_SIGN.sub("", line).strip() for line in plain.splitlines())
    kept = (" ".join(one for one in sentences(line) if one and not unwanted.search(one)) for line in lines)
    return "\n".join(line for line in kept if any(map(str.isalnum, line)))
