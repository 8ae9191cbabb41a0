"""Local language models, by tiny ones of the real classes with random weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from contracts.language_models import LanguageModelContract, replies_of
from fakes import grey_picture
from llm.local_models import ask, model_in

from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.llm.transformers import Transformers, batches
from dcvlr.memo import Memo
from dcvlr.records import Failure, ImageRecord
from dcvlr.records.requests import Reply, Request, View

pytestmark = pytest.mark.slow

for package in ("torch", "torchvision", "transformers", "llguidance"):
    pytest.importorskip(package, reason=f"{package} is not installed")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "maxLength": 9},
        "choices": {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 2, "maxItems": 2},
        "answer": {"enum": ["A", "B"]},
        "difficulty": {"type": "integer", "minimum": 1, "maximum": 5},
    },
    "required": ["question", "choices", "answer", "difficulty"],
    "additionalProperties": False,
}


def mixed() -> list[Request]:
    """Short and long, greedy and drawn, cut early and late."""
    return [
        ask("Hi"),
        ask("What is the total of the receipt, in words, please?", temperature=1.0, top_p=0.9, max_tokens=20),
        ask("Hi", temperature=1.0, seed=1, max_tokens=5),
        ask("Hi", temperature=1.0, seed=2),
        ask("Hi", system="You are a careful examiner who says nothing twice."),
        ask("x" * 90, temperature=0.3, max_tokens=1),
    ]


class TestText(LanguageModelContract):
    @pytest.fixture
    def model(self, text_model: Transformers) -> Transformers:
        return text_model

    @pytest.fixture
    def requests(self) -> Sequence[Request]:
        return mixed()


class TestSeeing(LanguageModelContract):
    @pytest.fixture
    def model(self, seeing_model: Transformers) -> Transformers:
        return seeing_model

    @pytest.fixture
    def requests(self, images: list[ImageRecord]) -> Sequence[Request]:
        views = [View(image=image) for image in images]
        return [
            ask("Describe.", views[0]),
            ask("What colour is the third of the discs?", views[1], temperature=1.0),
            ask("Hi", views[2], temperature=1.0, max_tokens=3),
            ask("Are these two alike?", views[0], views[1]),
            ask("Without a picture"),
            ask("Hi", View(image=images[0], masks=((0, 0, 400, 400),))),
        ]


def texts(model: Transformers, requests: Sequence[Request]) -> list[str]:
    replies = replies_of(model, requests)
    return [reply.text for request in requests if isinstance(reply := replies[request.id], Reply)]


def test_a_batch_of_one_gives_the_same_replies(text_model: Transformers) -> None:
    requests = mixed()
    assert replies_of(replace(text_model, batch_size=1), requests) == replies_of(text_model, requests)


def test_a_seed_draws_the_same_again_and_another_seed_something_else(text_model: Transformers) -> None:
    drawn_once = texts(text_model, [ask("Hi", temperature=1.0, seed=seed) for seed in range(6)])
    assert texts(text_model, [ask("Hi", temperature=1.0, seed=seed) for seed in range(6)]) == drawn_once
    assert len(set(drawn_once)) == 6
    assert len(set(texts(text_model, [ask("Hi", seed=seed) for seed in range(6)]))) == 1


def test_the_narrowest_nucleus_is_the_likeliest_token(text_model: Transformers) -> None:
    narrow = ask("Hi", temperature=1.0, top_p=0.0, seed=3)
    assert texts(text_model, [narrow]) == texts(text_model, [ask("Hi")])


def test_a_reply_is_cut_at_its_own_length(text_model: Transformers) -> None:
    requests = [ask("Hi", max_tokens=3), ask("Hi", max_tokens=9)]
    short, long = (replies_of(text_model, requests)[request.id] for request in requests)
    assert isinstance(short, Reply)
    assert isinstance(long, Reply)
    assert (short.finish, short.completion_tokens) == ("length", 3)
    assert (long.finish, long.completion_tokens) == ("length", 9)
    assert short.prompt_tokens == len("_user\nHi_\n_assistant\n")


def test_other_pictures_get_other_replies_and_so_do_hidden_parts(
    seeing_model: Transformers, images: list[ImageRecord]
) -> None:
    views = [View(image=image) for image in images]
    hidden = View(image=images[1], masks=((0, 0, 400, 300),))
    replies = texts(seeing_model, [ask("Describe.", view, max_tokens=24) for view in (*views, hidden)])
    assert len(set(replies)) == 4


def test_a_missing_picture_is_the_failure_of_its_request_alone(
    seeing_model: Transformers, images: list[ImageRecord], tmp_path: Path
) -> None:
    gone = grey_picture(tmp_path / "gone.png", 9)
    Path(gone.path).unlink()
    requests = [ask("Describe.", View(image=gone)), ask("Describe.", View(image=images[0]))]
    replies = replies_of(seeing_model, requests)
    assert isinstance(failure := replies[requests[0].id], Failure)
    assert failure.kind == "missing"
    assert isinstance(replies[requests[1].id], Reply)


def test_a_model_of_text_refuses_pictures(text_model: Transformers, images: list[ImageRecord]) -> None:
    ((_, reply),) = text_model.answers([ask("Describe.", View(image=images[0]))])
    assert isinstance(reply, Failure)
    assert reply.kind == "refused"
    assert "llm.sees_images is false" in reply.message


def test_random_weights_keep_to_a_schema(text_model: Transformers, seeing_model: Transformers) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    requests = [
        ask("Make a question " + "x" * seed, schema=SCHEMA, temperature=seed % 2, seed=seed, max_tokens=400)
        for seed in range(3)
    ]
    for model in (text_model, seeing_model):
        for reply in replies_of(model, requests).values():
            assert isinstance(reply, Reply)
            assert reply.finish == "stop"
            jsonschema.validate(json.loads(reply.text), SCHEMA)


def test_a_request_beside_one_with_a_schema_is_free(text_model: Transformers) -> None:
    free, held = ask("Hi", max_tokens=30), ask("Hi", schema=SCHEMA, max_tokens=30)
    replies = replies_of(text_model, [free, held])
    assert replies[free.id] == replies_of(text_model, [free])[free.id]
    assert replies[held.id] == replies_of(text_model, [held])[held.id]
    assert isinstance(cut := replies[held.id], Reply)
    assert (cut.text[0], cut.finish) == ("{", "length")


def test_a_schema_that_cannot_be_kept_is_an_error(text_model: Transformers) -> None:
    with pytest.raises(ConfigError, match="llguidance cannot hold a model to this JSON schema"):
        list(text_model.answers([ask("Hi", schema={"type": "nothing"})]))


def test_a_prompt_that_does_not_fit_is_refused_and_its_neighbours_are_answered(text_model: Transformers) -> None:
    requests = [ask("x" * 100_000), ask("Hi"), ask("y" * 2020)]
    long, fine, full = (replies_of(text_model, requests)[request.id] for request in requests)
    assert long == Failure(
        kind="refused", message=f"the prompt has 100019 tokens, {text_model.model} takes fewer than 2048"
    )
    assert fine == replies_of(text_model, [requests[1]])[requests[1].id]
    assert isinstance(full, Reply)
    assert (full.finish, full.completion_tokens) == ("length", 9)


class Small(Transformers):
    """A machine whose memory holds two rows."""

    def _generated(self, inputs: Any, requests: Sequence[Request], limits: Sequence[int]) -> list[list[int]]:
        if len(requests) > 2:
            raise MemoryError
        return super()._generated(inputs, requests, limits)


def test_a_batch_that_does_not_fit_the_memory_is_halved(text_model: Transformers) -> None:
    settings = {each.name: getattr(text_model, each.name) for each in fields(text_model) if each.init}
    assert replies_of(Small(**settings), mixed()) == replies_of(text_model, mixed())


def test_batches_are_of_like_length_and_pictures_keep_to_themselves(images: list[ImageRecord]) -> None:
    view = View(image=images[0])
    requests = [ask("a" * n, *([view] if n % 2 else [])) for n in range(1, 8)]
    sizes = [[len(each.messages[0].text) for each in batch] for batch in batches(requests, 3)]
    assert sizes == [[7, 5, 3], [1], [6, 4, 2]]


def test_replies_are_remembered_whatever_the_batch_size(text_model: Transformers, tmp_path: Path) -> None:
    requests = mixed()
    memo = Memo(tmp_path / "m")
    first = dict(memo.generate(text_model, requests))
    again = Memo(tmp_path / "m")
    assert dict(again.generate(replace(text_model, batch_size=1), requests)) == first
    assert list(again.computed.values()) == [0]
    assert identity(replace(text_model, template={"enable_thinking": False})) != identity(text_model)


def test_missing_weights_are_an_error_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="llm=transformers: there is no folder"):
        model_in(tmp_path / "nothing").check_ready()


def test_the_family_is_read_from_the_name_or_given(tmp_path: Path) -> None:
    assert model_in(tmp_path / "Qwen2.5-VL-3B", family_name=None).family == "qwen"
    assert model_in(tmp_path / "my-run", family_name="llama").family == "llama"
