"""Where the answer stands in what a model wrote."""

from __future__ import annotations

import json
import re

from dcvlr.text.thinking import without_thoughts

_BOX = re.compile(r"\\(?:boxed|fbox)\s*$")
_BRACE = re.compile(r"\\[{}\\]|[{}]")
_TAG = re.compile(r"<answer>", re.IGNORECASE)
_TAG_END = re.compile(r"</answer>", re.IGNORECASE)
_BOX_BEGINS, _BOX_ENDS = "<|begin_of_box|>", "<|end_of_box|>"  # of GLM-V
_STOP = re.compile(r"(?:</s>|<\|(?:im_end|eot_id|end_of_text|endoftext|end|return)\|>|<end_of_turn>|<eos>)$")
_HASHES = re.compile(r"(?:^|\n)\s{0,3}#{4}\s*([^\s#][^\n]*)\s*$")
_STATED = re.compile(
    r"(?<!\w)(?:the\s+)?(?:(?:final|correct|right|best)\s+)?(?:answer|option|choice)"
    r"(?:\*\*|__)?\s{0,3}(?::|=|\bis\b\s{0,3}:?)\s{0,3}(?:\*\*|__)?\s{0,3}"
    r"|答案\s{0,3}(?:[是为為]\s{0,3}[:：]?|[:：])\s{0,3}",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\bvs)(?<!\bJr)(?<!\bSr)(?<!\b[A-Z])[.!?]\s+(?=[A-Z])"
    r"|,?\s+(?:because|since)\s"
)
_LONGEST_LINE = 200  # characters; a longer last line is prose, not an answer


def final_answer(text: str) -> str | None:
    r"""The answer of a free-form reply, or None if it has none.

    Thoughts do not count. In this order: the last balanced `\boxed{…}`, the last `<answer>…</answer>`, a last line
    behind `####` (GSM8K), the field `answer` of a reply that is JSON, what follows the last "Answer:" or "the answer
    is", up to the end of the sentence; else the last line, unless it has more than 200 characters.
    """
    text = _STOP.sub("", without_thoughts(text).rstrip())
    for find in (_in_tokens, _boxed, _tagged, _hashed, _in_json, _stated, _last_line):
        found = find(text)
        if found is not None and found.strip():
            return found.strip()
    return None


def _boxed(text: str) -> str | None:
    """One pass, so that thousands of open braces cost no more than closed ones."""
    opened: list[int | None] = []  # where the inside of a box starts, or None for other braces
    found = None
    for brace in _BRACE.finditer(text):
        if brace.group() == "{":
            is_box = _BOX.search(text, max(0, brace.start() - 12), brace.start())
            opened.append(brace.end() if is_box else None)
        elif brace.group() == "}" and opened:
            start = opened.pop()
            if start is not None:
                found = text[start : brace.start()]
    return found


def _in_tokens(text: str) -> str | None:
    before, end, _ = text.rpartition(_BOX_ENDS)
    _, start, inside = before.rpartition(_BOX_BEGINS)
    return inside if start and end else None


def _tagged(text: str) -> str | None:
    starts = [tag.end() for tag in _TAG.finditer(text)]
    ends = [tag.start() for tag in _TAG_END.finditer(text)]
    if not starts or not ends:
        return None
    before = [start for start in starts if start <= ends[-1]]
    return text[before[-1] : ends[-1]] if before else None


def _in_json(text: str) -> str | None:
    bare = text.strip().removeprefix("```json").strip("` \n")
    try:
        is_object = bare.startswith("{") and bare.endswith("}")
        value = json.loads(bare, parse_int=str, parse_float=str) if is_object else None
    except (ValueError, RecursionError):
        return None
    answer = value.get("answer") if isinstance(value, dict) else None
    return answer if isinstance(answer, str) else None


def _hashed(text: str) -> str | None:
    found = _HASHES.search(text.rstrip())
    return (_stated(found[1]) or found[1].rstrip(" .")) if found else None


def _stated(text: str) -> str | None:
    end = next((found.end() for found in reversed(list(_STATED.finditer(text)))), None)
    if end is None:
        return None
    line, *_ = text[end:].lstrip().split("\n", 1)
    answer = _SENTENCE_END.split(line, maxsplit=1)[0]
    return answer if len(answer) <= _LONGEST_LINE else None


def _last_line(text: str) -> str | None:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines and len(lines[-1].strip()) <= _LONGEST_LINE else None
