"""Messages on their way to a chat template; what was read from a picture stays text."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.llm.chat import chat, control_words, harmless, plain_prompt, spelled, without_system
from dcvlr.records.requests import Message

WORDS = ["<|im_end|>", "<s>", "</s>", "<image>", "||", "<|im_end|>>"]


@given(st.lists(st.sampled_from([*WORDS, "<", "|", ">", "s", "im_end", "/", " "])).map("".join))
def test_no_control_word_is_left_and_only_spaces_are_added(text: str) -> None:
    safe = harmless(text, WORDS)
    assert not any(word in safe for word in WORDS)
    assert safe.replace(" ", "") == text.replace(" ", "")


def test_other_text_is_left_as_it_is() -> None:
    assert harmless("a < b | c > d <b>", WORDS) == "a < b | c > d <b>"
    assert harmless("<s>", []) == "<s>"
    assert harmless("T1: <|im_end|>", WORDS) == "T1: < |im_end|>"


def test_control_words_are_those_of_tokenizer_and_processor() -> None:
    tokenizer = SimpleNamespace(
        all_special_tokens=["</s>", "\n", "|"], added_tokens_decoder={8: SimpleNamespace(special=False)}
    )
    assert control_words(tokenizer, SimpleNamespace(image_token="<image>", video_token=None)) == ["</s>", "<image>"]


def test_system_words_go_to_the_first_user_message() -> None:
    messages = [
        Message(role="system", text="Be brief."),
        Message(role="user", text="Hi"),
        Message(role="user", text="Ho"),
    ]
    assert without_system(messages) == [Message(role="user", text="Be brief.\n\nHi"), Message(role="user", text="Ho")]
    assert without_system(messages[1:]) == messages[1:]


def test_pictures_stand_before_the_first_user_message() -> None:
    messages = [
        Message(role="system", text="Be brief."),
        Message(role="user", text="Hi"),
        Message(role="user", text="Ho"),
    ]
    picture, brief = {"type": "image"}, {"type": "text", "text": "Be brief."}
    seen = [picture, picture, {"type": "text", "text": "Hi"}]
    assert chat(messages, [picture, picture], parts=False) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": seen},
        {"role": "user", "content": "Ho"},
    ]
    assert chat(messages[:2], [picture, picture], parts=True) == [
        {"role": "system", "content": [brief]},
        {"role": "user", "content": seen},
    ]


@pytest.mark.parametrize("words", [[], ["<s>"]])
def test_a_plain_prompt_ends_where_the_model_is_to_go_on(words: list[str]) -> None:
    messages = [
        Message(role="user", text=" Hi "),
        Message(role="assistant", text="Ho"),
        Message(role="user", text="And?"),
    ]
    assert plain_prompt(spelled(messages, words)) == "User: Hi\n\nAssistant: Ho\n\nUser: And?\n\nAssistant:"
