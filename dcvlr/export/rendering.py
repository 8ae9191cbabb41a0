"""The texts that trainers read: the problem with its options, the solution with one clean box around the answer."""

from __future__ import annotations

import re
from string import ascii_uppercase
from typing import Literal

from msgspec.structs import replace

from dcvlr.errors import DcvlrError
from dcvlr.records import Qa

# What a trainer or a tokenizer takes for its own: places of pictures (<image>, <image_0>, </img>, <IMG_CONTEXT>), all
# of the shapes <|image_pad|> and <｜User｜>, ends of texts and turns (</s>, <eos>, <end_of_turn>), </think>, and
# Pixtral's [IMG] and [INST].
_SPECIAL_TOKEN = re.compile(
    r"<("
    r"/?(?:image|img|video|audio)(?:[_-]\w+)?"
    r"|/?(?:im|start_of|end_of|fake_token_around)_\w+"
    r"|/?(?:s|pad|unk|bos|eos|mask|think)"
    r"|[|｜][^<>|｜\s]+[|｜]"
    r")>",
    re.IGNORECASE,
)
_BRACKETED_TOKEN = re.compile(r"\[(/?(?:IMG|INST|IMG_BREAK|IMG_END))\]")
_ID = r"(?:(?:p\d_)?(?:[TO]\d+|P:[a-z-]+(?::[a-z]+)?|C)|p\d)"
_IDS = re.compile(rf" ?\[{_ID}(?:, ?{_ID})*\]")
_OPEN_BOX = re.compile(r"\\+(?:boxed|fbox)\b\s*\{")
_BARE_BOX = re.compile(r"\\+(boxed|fbox)\b")


Solution = Literal["steps", "rationale", "think"]
"""What stands before the answer: the short steps, the long rationale where there is one, or that as a thought."""


def problem_text(qa: Qa) -> str:
    """The question, and below it one lettered line per option.

    Raises `DcvlrError` if there are more options than letters.
    """
    options = qa.options or ()
    if len(options) > len(ascii_uppercase):
        raise DcvlrError(
            f"question {qa.id} has {len(options)} options: {len(ascii_uppercase)} have a letter; leave the question out"
        )
    lines = [_lettered(letter, option) for letter, option in zip(ascii_uppercase, options, strict=False)]
    return "\n".join([plain(qa.question), *lines])


def solution_text(qa: Qa, form: Solution) -> str:
    r"""The reasoning, an empty line and `\boxed{…}`, the only box in the text, with the answer or its letter.

    The reasoning are the short steps, the long rationale where there is one, or that between think tags with the steps
    after it. Ids of evidence (`[T3]`) are left out: nobody who sees only the picture can know them.
    """
    steps, rationale = (plain(_without_ids(qa, text)).strip() for text in (qa.reasoning, qa.rationale or ""))
    boxed = f"\\boxed{{{boxed_answer(qa)}}}"
    if form == "think":
        after = f"{steps}\n\n" if rationale else ""
        return f"<think>\n{rationale or steps}\n</think>\n\n{after}{boxed}"
    return f"{(form == 'rationale' and rationale) or steps}\n\n{boxed}"


def boxed_answer(qa: Qa) -> str:
    """The letter of the answer where there are options; else the answer on one line, lone braces made round.

    Raises `DcvlrError` if the answer is not one of the options that have a letter.
    """
    if qa.options is None:
        return _balanced(_one_line(plain(qa.answer)))
    lettered = qa.options[: len(ascii_uppercase)]
    if qa.answer not in lettered:
        raise DcvlrError(f"question {qa.id} has the answer {qa.answer!r}: one of its options {lettered!r} is allowed")
    return ascii_uppercase[lettered.index(qa.answer)]


def plain(text: str) -> str:
    r"""`text` without a trainer's own marks: `<image>` and its like are escaped, `\boxed{X}` is X."""
    return escaped(_unboxed(text))


def escaped(text: str) -> str:
    """`text` in which no trainer sees the token of a picture or the end of a turn: `<image>` is `&lt;image&gt;`."""
    return _BRACKETED_TOKEN.sub(r"&#91;\1&#93;", _SPECIAL_TOKEN.sub(r"&lt;\1&gt;", text))


def with_escaped_texts(qa: Qa) -> Qa:
    """The record with the texts that a trainer reads escaped; its evidence still quotes the picture."""
    return replace(
        qa,
        question=escaped(qa.question),
        options=None if qa.options is None else tuple(map(escaped, qa.options)),
        answer=escaped(qa.answer),
        reasoning=escaped(qa.reasoning),
        rationale=None if qa.rationale is None else escaped(qa.rationale),
    )


def _without_ids(qa: Qa, text: str) -> str:
    return _IDS.sub("", text) if qa.evidence else text


def _lettered(letter: str, option: str) -> str:
    text = _one_line(plain(option))
    return f"{letter}. {text[3:] if text.startswith((f'{letter}. ', f'{letter}) ')) else text}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _unboxed(text: str) -> str:
    # Again from the start each time: what is left of one box may be the beginning of another.
    while box := _OPEN_BOX.search(text):
        end = _closing_brace(text, box.end())
        text = text[: box.start()] + text[box.end() : end] + text[end + 1 :]
    return _BARE_BOX.sub(r"\1", text)


def _closing_brace(text: str, start: int) -> int:
    """Where the brace ends that was opened before `start`; the end of `text` if nowhere."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text)


def _balanced(text: str) -> str:
    r"""`text` whose braces pair, escaped ones too, since scorers count every brace: a lone one is made round."""
    opened, lone = [], []
    for index, character in enumerate(text):
        if character == "{":
            opened.append(index)
        elif character == "}":
            if opened:
                opened.pop()
            else:
                lone.append(index)
    characters = list(text)
    for index in (*opened, *lone):
        characters[index] = "(" if text[index] == "{" else ")"
    return "".join(characters)
