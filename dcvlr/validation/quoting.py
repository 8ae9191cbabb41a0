"""A question and all that was said about it, quoted as data for a judge."""

from __future__ import annotations

import json

from dcvlr.records import Qa

_LONGEST_EVIDENCE = 2_000  # characters of one item; the text of a whole page would drown the question


def as_data(qa: Qa) -> str:
    """All that the writer said, as JSON without `<`: it can neither end its place nor look like a tag."""
    evidence = [{"id": item.ref, "kind": item.kind, "text": item.text[:_LONGEST_EVIDENCE]} for item in qa.evidence]
    said = {"question": qa.question, "options": qa.options, "answer": qa.answer, "reasoning": qa.reasoning}
    text = json.dumps(said | {"evidence": evidence}, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c")
