"""The thoughts of a reasoning model, parted from the reply after them."""

from __future__ import annotations

_TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
}


def split_thinking(text: str) -> tuple[str, str]:
    """What stands between think tags at the beginning, and what follows.

    Many chat templates open the tag in the prompt, so that only its end is in `text`. A text that ends before its
    thoughts do is all thought. Tags further on in a text are part of the reply.
    """
    begun = text.lstrip()
    for opening, closing in _TAGS.items():
        if begun.startswith(opening):
            thought, _, reply = begun.removeprefix(opening).partition(closing)
            return thought.strip(), reply.strip()
        thought, found, reply = begun.partition(closing)
        if found and opening not in thought:
            return thought.strip(), reply.strip()
    return "", text


def opened_thought(prompt: str) -> str:
    """The tag a prompt ends with, to be put in front of the reply before `split_thinking`; "" if there is none."""
    return next((opening for opening in _TAGS if prompt.rstrip().endswith(opening)), "")
