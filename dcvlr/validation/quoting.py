"""A question and all that was written about it, quoted as data for a judge."""

from __future__ import annotations

import json

from dcvlr.records import Qa

_LONGEST_EVIDENCE = 2_000  # characters of one item; the text of a whole page would drown the question


def as_data(qa: Qa) -> str:
    """All that the writer wrote, as JSON without `<`: it can neither end its block nor look like a tag."""
    evidence = [{"id": item.ref, "kind": item.kind, "text": item.text[:_LONGEST_EVIDENCE]} for item in qa.evidence]
    written = {"question": qa.question, "options": qa.options, "answer": qa.answer, "reasoning": qa.reasoning}
    text = json.dumps(written | {"evidence": evidence}, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c")
