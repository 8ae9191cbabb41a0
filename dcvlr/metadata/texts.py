"""Questions, choices and answers out of the many shapes in which datasets keep them; all pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_IMAGE_TOKEN = re.compile(
    r"[ \t]*(?:<image(?:[ _]?\d+)?>|<\|image(?:_\d+|_pad)?\|>|<\|vision_(?:start|end)\|>|<img>|</img>|\[IMG\])[ \t]*"
)
_LETTER = re.compile(r"\(?([A-Z])[).:]?", re.IGNORECASE)
_ASKS = {"human", "user", "question"}
_REPLIES = {"gpt", "assistant", "model", "answer"}


def without_image_tokens(text: str) -> str:
    """The text without `<image>` and its like, which mark where a picture goes and mean nothing beside one."""
    if not _IMAGE_TOKEN.search(text):
        return text.strip()
    lines = (re.sub(r" {2,}", " ", _IMAGE_TOKEN.sub(" ", line)).strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def conversation(value: Any) -> tuple[str, str | None] | None:
    """The first question of a conversation and its reply; None if `value` is none. Later turns rest on earlier ones."""
    turns = [turn for turn in map(_turn, value) if turn] if _is_list(value) else []
    for index, (who, text) in enumerate(turns):
        if who in _ASKS:
            reply = turns[index + 1] if index + 1 < len(turns) else None
            return text, reply[1] if reply and reply[0] in _REPLIES else None
    return None


def question_text(value: Any) -> str | None:
    """The question as text without image tokens; None where there is none."""
    talk = conversation(value)
    text = talk[0] if talk else value
    return without_image_tokens(text) or None if isinstance(text, str) else None


def choice_texts(value: Any) -> tuple[str, ...] | None:
    """The choices in order: of a list, of `{"A": …, "B": …}`, or of `{"label": […], "text": […]}`."""
    if isinstance(value, Mapping):
        texts = value.get("text")
        value = texts if _is_list(texts) else [text for _, text in sorted(value.items()) if text is not None]
    if not _is_list(value) or not value:
        return None
    texts = [plain_text(item) for item in value]
    return None if None in texts else tuple(text for text in texts if text is not None)


def answer_texts(value: Any, choices: tuple[str, ...] | None, names: Sequence[str] | None = None) -> tuple[str, ...]:
    """All answers that the row accepts, the first one first; empty where there is none.

    With `choices` a number is an index from 0 and a lone letter names one; with `names` a number is a class label.
    """
    if (talk := conversation(value)) and talk[1]:
        value = talk[1]
    values = value if _is_list(value) else [value]
    texts = [_answer(item, choices, names) for item in values]
    return tuple(dict.fromkeys(text for text in texts if text))


def plain_text(value: Any) -> str | None:
    """Text, numbers and truth values as text; None for anything else and for what is not a number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.15g}" if math.isfinite(value) else None
    return str(value).strip() if isinstance(value, str | int) else None


def _answer(value: Any, choices: tuple[str, ...] | None, names: Sequence[str] | None) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and (texts := choices or names):
        return texts[value] if 0 <= value < len(texts) else _named(str(value), choices or ())
    text = plain_text(value)
    return text if text is None or choices is None else _named(text, choices) or text


def _named(text: str, choices: tuple[str, ...]) -> str | None:
    """The choice that is `text`, or that the letter `text` stands for."""
    if text in choices:
        return text
    letter = _LETTER.fullmatch(text)
    index = ord(letter[1].upper()) - ord("A") if letter else -1
    return choices[index] if 0 <= index < len(choices) else None


def _turn(value: Any) -> tuple[str, str] | None:
    """Who says what, of `{"from", "value"}` or `{"role", "content"}`, whose content may be a list of parts."""
    if not isinstance(value, Mapping):
        return None
    who, content = value.get("from", value.get("role")), value.get("value", value.get("content"))
    if _is_list(content):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        content = "\n".join(part for part in parts if isinstance(part, str))
    return (who, content) if isinstance(who, str) and isinstance(content, str) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
