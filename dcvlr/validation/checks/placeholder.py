"""Answers that stand in for an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.text.words import has_words, stands_in, steps, unwrapped, words
from dcvlr.validation.each import each

_NOTHING = frozenset({"none", "nil", "unknown", "missing", "error"})
_BLANK = re.compile(
    r"[\[<{]\s*(?:(?:insert|enter|your|the|add|some)\s+)*(?:question|answer|steps?|text|reasoning|options?|value|number|name)"
    r"(?:\s*\d+|\s+(?:here|goes here))*\s*[\]>}]",
    re.IGNORECASE,
)
_LOREM_IPSUM = re.compile(r"\blorem ipsum\b")
_AROUND = " \t\r\n$\\.,:;!?…-–—_*#'\"`()[]{}<>"


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """The whole answer is one of `answers`, or nothing but dots and dashes; case and brackets do not matter.

    What is one of the options, or stands word for word in the evidence, is an answer all the same. "Terror" and
    "standard error" are answers, "error" and "[error]" are not.
    """

    name: ClassVar[str] = "placeholder"

    answers: list[str]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(_plain(answer) for answer in self.answers)

    @each
    def __call__(self, qa: Qa) -> Finding:
        plain, options = _plain(qa.answer), qa.options or ()
        is_answer = bool(plain) and (plain not in self._known or _is_reached(qa, plain))
        texts = (qa.question, qa.answer, *options, *steps(qa.reasoning))
        if found := next(filter(_is_blank, texts), None):
            reason = f"a blank that nobody filled in: {found!r}"
        else:
            reason = "" if is_answer or qa.answer in options else f"the answer {qa.answer!r} is a placeholder"
        return Finding(name=self.name, passed=not reason, value=qa.answer if reason else None, reason=reason)


def _is_blank(text: str) -> bool:
    return bool(_BLANK.search(text) or _LOREM_IPSUM.search(text.lower())) or not has_words(text)


def _is_reached(qa: Qa, plain: str) -> bool:
    """Whether the picture says the answer, or the last step of the reasoning comes to it: "so none of them"."""
    is_read = any(stands_in(evidence.text, qa.answer) for evidence in qa.evidence)
    last = steps(qa.reasoning)[-1] if steps(qa.reasoning) else qa.answer  # without reasoning yet, it may come to it
    return is_read or (plain in _NOTHING and plain in words(last))


def _plain(answer: str) -> str:
    return " ".join(unwrapped(answer).casefold().strip(_AROUND).split())
