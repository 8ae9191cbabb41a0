"""The thoughts of a reasoning model, parted from the reply after them."""

from __future__ import annotations

import re

_WORD = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|analysis|reflection|scratchpad|(?:inner|internal)_monologue)"
_PREFIX = r"(?:\w+[:_])?"  # <seed:think>, <mm:thinking>
_TAGS = (  # how thoughts begin and end, of every family of models in use
    (rf"<({_PREFIX}{_WORD})>", r"</{0}>"),
    (r"\[(THINK|REASONING)\]", r"\[/{0}\]"),
    (r"◁(think)▷", r"◁/{0}▷"),
    (r"<\|begin_of_(thought)\|>", r"<\|end_of_{0}\|>"),
    (r"<\|START_(THINKING)\|>", r"<\|END_{0}\|>"),
    (r"<\|(think|thinking|thought)\|>", r"<\|/{0}\|>"),
    (r"(?:<\|start\|>assistant)?<\|channel\|>(analysis|commentary)<\|message\|>", r"(?:<\|end\|>|(?=<\|start\|>))"),
    (r"<unused94>(thought)\n?", r"<unused95>"),
    (r'<(details) type="reasoning"[^>]*>', r"</{0}>"),
)
_OPENINGS = tuple((re.compile(opening, re.IGNORECASE), closing) for opening, closing in _TAGS)
_CLOSINGS = re.compile(
    rf"</{_PREFIX}{_WORD}>|\[/(?:THINK|REASONING)\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>"
    r"|<\|/(?:think|thinking|thought)\|>|<unused95>",
    re.IGNORECASE,
)
_ANSWER_MARK = re.compile(
    r"^(?:<\|start\|>assistant)?<\|channel\|>final<\|message\|>|^<\|START_RESPONSE\|>|^<\|begin_of_solution\|>"
    r"|^<(?:response|output|final)>",
    re.IGNORECASE,
)
_ANSWER_END = re.compile(
    r"(?:<\|end_of_solution\|>|<\|END_RESPONSE\|>|<\|return\|>|<\|end\|>|</(?:response|output|final)>)$", re.IGNORECASE
)


def split_thinking(text: str) -> tuple[str, str]:
    """What stands between tags of thoughts at the beginning, and what follows.

    Many chat templates open the tag in the prompt, so that only its end is in `text`. A text that ends before its
    thoughts do is all thought. Several thoughts in a row are one. Tags further on in a text are part of the reply.
    """
    thoughts, rest = [], text
    while found := _first_thought(rest):
        thought, rest = found
        thoughts.append(thought.strip())
    if not thoughts:
        marked = _ANSWER_MARK.match(text.lstrip())
        return "", _unmarked(text) if marked else text
    return "\n".join(thought for thought in thoughts if thought), _unmarked(rest)


def without_thoughts(text: str) -> str:
    """What follows the last end of a thought, wherever it stands; all of a text that has none."""
    ends = [found.end() for found in _CLOSINGS.finditer(text)]
    return _unmarked(text[ends[-1] :]) if ends else split_thinking(text)[1]


def opened_thought(prompt: str) -> str:
    """The tag a prompt ends with, to be put in front of the reply before `split_thinking`; "" if there is none."""
    end = prompt.rstrip()
    found = [match for opening, _ in _OPENINGS for match in opening.finditer(end) if match.end() == len(end)]
    return found[-1].group() if found else ""


def _first_thought(text: str) -> tuple[str, str] | None:
    begun = text.lstrip()
    for opening, closing in _OPENINGS:
        if opened := opening.match(begun):
            inside = begun[opened.end() :]
            end = re.search(closing.format(re.escape(opened[1])), inside, re.IGNORECASE)
            return (inside[: end.start()], inside[end.end() :]) if end else (inside, "")
    end = _CLOSINGS.search(begun)
    if end and not any(opening.search(begun, 0, end.start()) for opening, _ in _OPENINGS):
        return begun[: end.start()], begun[end.end() :]
    return None


def _unmarked(text: str) -> str:
    """Without the marks that some models put around an answer after their thoughts."""
    return _ANSWER_END.sub("", _ANSWER_MARK.sub("", text.strip()).strip()).strip()
