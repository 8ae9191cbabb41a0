"""Messages as the chat that a model's own template turns into a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from dcvlr.records.requests import Message

PLAIN_END = "\nUser:"
"""Where a model that was asked with `plain_prompt` begins to make up the next question."""

_OF_PROCESSOR = ("image_token", "video_token", "audio_token", "boi_token", "eoi_token", "fake_image_token")


def control_words(tokenizer: Any, processor: Any = None) -> list[str]:
    """What a tokenizer reads as a command rather than as text: the end of a message, the slot of a picture."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    words = {*tokenizer.all_special_tokens, *(str(token) for token in added.values() if token.special)}
    words |= {getattr(processor, name, None) or "" for name in _OF_PROCESSOR}
    return sorted(word for word in words if len(word.strip()) > 1)


def harmless(text: str, words: Iterable[str]) -> str:
    """`text` with a space inside each of the control words: what was read from a picture must not end a message."""
    patterns = [f"(?<={re.escape(word[0])})(?={re.escape(word[1:])})" for word in words]
    return re.sub("|".join(patterns), " ", text) if patterns else text


def spelled(messages: Sequence[Message], words: Iterable[str]) -> list[Message]:
    """The messages with `harmless` texts."""
    known = list(words)
    return [msgspec.structs.replace(message, text=harmless(message.text, known)) for message in messages]


def without_system(messages: Sequence[Message]) -> list[Message]:
    """The system's words at the head of the first message of the user, for templates that have no such role."""
    system = [message.text for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    for index, message in enumerate(turns):
        if system and message.role == "user":
            turns[index] = msgspec.structs.replace(message, text="\n\n".join([*system, message.text]))
            break
    return turns


def chat(messages: Iterable[Message], pictures: Sequence[dict[str, Any]], *, parts: bool) -> list[dict[str, Any]]:
    """Messages for a chat template; `pictures` are content parts, put before the text of the first user message.

    With `parts` every text is a content part too, which is what the templates of models that see expect.
    """
    turns: list[dict[str, Any]] = []
    waiting = list(pictures)
    for message in messages:
        content: Any = [{"type": "text", "text": message.text}] if parts else message.text
        if message.role == "user" and waiting:
            content, waiting = [*waiting, {"type": "text", "text": message.text}], []
        turns.append({"role": message.role, "content": content})
    return turns


def plain_prompt(messages: Iterable[Message]) -> str:
    """`User: …` and `Assistant:`, for a model without a chat template."""
    turns = [f"{message.role.capitalize()}: {message.text.strip()}" for message in messages]
    return "\n\n".join([*turns, "Assistant:"])
