"""Thoughts between tags are told from what is said."""

from __future__ import annotations

import pytest

from dcvlr.text.thinking import opened_thought, split_thinking

SPLIT = {
    "<think>\nTwo and two.\n</think>\n\n4": ("Two and two.", "4"),
    "  <think></think>4": ("", "4"),
    "Two and two.</think>4": ("Two and two.", "4"),
    "<think>Two and": ("Two and", ""),
    "[THINK]hm[/THINK]4": ("hm", "4"),
    "◁think▷hm◁/think▷4": ("hm", "4"),
    "<think>a</think>b<think>c</think>": ("a", "b<think>c</think>"),
    "Write <think> and </think> around it": ("", "Write <think> and </think> around it"),
    " 4 ": ("", " 4 "),
    "": ("", ""),
}


@pytest.mark.parametrize("text", SPLIT)
def test_thoughts_come_first(text: str) -> None:
    assert split_thinking(text) == SPLIT[text]


def test_a_prompt_may_open_the_thoughts() -> None:
    assert opened_thought("<|im_start|>assistant\n<think>\n") == "<think>"
    assert opened_thought("<|im_start|>assistant\n<think>\n\n</think>\n\n") == ""
    assert split_thinking(opened_thought("assistant\n<think>\n") + "cut in the middle of") == (
        "cut in the middle of",
        "",
    )
