"""Thoughts between tags are told from what is said."""

from __future__ import annotations

import pytest

from dcvlr.text.thinking import opened_thought, split_thinking, without_thoughts

SPLIT = {
    "<think>\nTwo and two.\n</think>\n\n4": ("Two and two.", "4"),
    "  <think></think>4": ("", "4"),
    "Two and two.</think>4": ("Two and two.", "4"),
    "<think>Two and": ("Two and", ""),
    "[THINK]hm[/THINK]4": ("hm", "4"),
    "◁think▷hm◁/think▷4": ("hm", "4"),
    "<think>a</think>b<think>c</think>": ("a", "b<think>c</think>"),
    "Write <think> and </think> around it": ("", "Write <think> and </think> around it"),
    "<seed:think>hm</seed:think>4": ("hm", "4"),
    "<reasoning>hm</reasoning>\n4": ("hm", "4"),
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>": ("hm", "4"),
    "<|channel|>final<|message|>4": ("", "4"),
    "<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>4<|END_RESPONSE|>": ("hm", "4"),
    "<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>4<|end_of_solution|>": ("hm", "4"),
    "<unused94>thought\nhm<unused95>4": ("hm", "4"),
    "<think>a</think><think>b</think>4": ("a\nb", "4"),
    "hm</thinking>4": ("hm", "4"),
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


def test_all_that_stands_before_the_last_end_of_a_thought_goes() -> None:
    assert without_thoughts("Sure.\n<think>a</think>\n4") == "4"
    assert without_thoughts("<seed:think>a</seed:think>4") == "4"
    assert without_thoughts("4 < 5") == "4 < 5"
    assert without_thoughts("<think>cut in the middle of") == ""
