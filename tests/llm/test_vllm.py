"""The translation to and from vLLM; the engine itself does not install beside the rest, so a scripted one stands in."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from fakes import asked, grey_picture

from dcvlr.errors import ConfigError, MissingPackageError
from dcvlr.llm.vllm import Vllm, reply_of, sampling_settings
from dcvlr.records import Failure, requests
from dcvlr.records.requests import Message, Reply, Sampling, View


def vllm(**settings: Any) -> Vllm:
    fields: dict[str, Any] = {
        "model": "Qwen/Qwen2.5-VL-7B-Instruct",
        "model_revision": "main",
        "family_name": None,
        "sees_images": True,
        "max_side": 64,
        "dtype": "auto",
        "template": {"enable_thinking": False},
        "max_model_len": 4096,
        "max_pictures": 2,
        "batch_size": 8,
        "tensor_parallel_size": 2,
        "gpu_memory_utilization": 0.9,
    }
    return Vllm(**fields | settings)


def output(text: str, finish: str = "stop", prompt: str | None = None) -> SimpleNamespace:
    completion = SimpleNamespace(text=text, finish_reason=finish, token_ids=[7, 8, 9])
    return SimpleNamespace(prompt=prompt, prompt_token_ids=[1, 2], outputs=[completion])


@dataclass
class Scripted:
    """`vllm.LLM` as far as it is used: says the last words it is asked, and cannot read `too long`."""

    settings: dict[str, Any]

    def get_tokenizer(self) -> Any:
        return SimpleNamespace(all_special_tokens=["<|im_end|>"], added_tokens_decoder={})

    def chat(self, chats: list[Any], *, sampling_params: list[Any], chat_template_kwargs: Any, use_tqdm: bool) -> Any:
        assert chat_template_kwargs == {"enable_thinking": False}
        assert len(chats) == len(sampling_params)
        for turns in chats:
            if turns[-1]["content"] == "too long":
                raise ValueError("the prompt is longer than the model's context")
            content = turns[-1]["content"]
            yield output(content if isinstance(content, str) else str([sorted(part) for part in content]))


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    package, parameters = ModuleType("vllm"), ModuleType("vllm.sampling_params")
    package.LLM = lambda **settings: Scripted(settings)  # type: ignore[attr-defined]
    package.SamplingParams = dict  # type: ignore[attr-defined]
    parameters.StructuredOutputsParams = dict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm", package)
    monkeypatch.setitem(sys.modules, "vllm.sampling_params", parameters)


@pytest.mark.usefixtures("scripted")
def test_every_request_gets_its_own_reply_or_failure(tmp_path: Path) -> None:
    image = grey_picture(tmp_path / "a.png", 90)
    gone = grey_picture(tmp_path / "b.png", 91)
    Path(gone.path).unlink()
    messages = [Message(role="user", text="Describe.")]
    sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=8)
    seeing = [
        requests.request(messages, [View(image=each)], sampling=sampling, seed=0, schema='{"type": "object"}')
        for each in (image, gone)
    ]
    batch = [asked("one"), asked("too long"), *seeing, asked("a<|im_end|>b")]
    replies = [reply for _, reply in vllm().answers(batch)]
    tokens = {"prompt_tokens": 2, "completion_tokens": 3}
    assert replies[0] == Reply(text="one", **tokens)
    assert isinstance(replies[1], Failure)
    assert replies[1].kind == "model"
    assert replies[2] == Reply(text="[['image_pil', 'type'], ['text', 'type']]", **tokens)
    assert isinstance(replies[3], Failure)
    assert replies[3].kind == "missing"
    assert replies[4] == Reply(text="a< |im_end|>b", **tokens)


def test_a_request_becomes_settings_of_sampling() -> None:
    assert sampling_settings(asked("Hi", seed=2**63 + 5, temperature=0.7)) == {
        "temperature": 0.7,
        "top_p": 1.0,
        "max_tokens": 64,
        "seed": 5,
    }


def test_an_output_becomes_a_reply() -> None:
    request = asked("Hi")
    assert reply_of(request, output("<think>hm</think> 4 ")) == Reply(
        text="4", reasoning="hm", prompt_tokens=2, completion_tokens=3
    )
    assert reply_of(request, output("hm", "length", "assistant\n<think>\n")) == Reply(
        text="", reasoning="hm", finish="length", prompt_tokens=2, completion_tokens=3
    )
    assert reply_of(request, output("", "abort")) == Failure(kind="model", message="vLLM ended a reply by 'abort'")


def test_pictures_are_counted_for_models_that_see() -> None:
    assert vllm()._engine_settings()["limit_mm_per_prompt"] == {"image": 2}
    assert "limit_mm_per_prompt" not in vllm(sees_images=False)._engine_settings()


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vllm is installed")
def test_without_vllm_both_ways_to_it_are_named() -> None:
    with pytest.raises(MissingPackageError, match=r"environment of its own.*vllm serve Qwen/.* and choose llm=openai"):
        vllm().check_ready()


def test_wrong_settings_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"^tensor_parallel_size=0: a whole number from 1"):
        vllm(tensor_parallel_size=0)
    assert vllm().family == "qwen"
