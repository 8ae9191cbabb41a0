from __future__ import annotations

import dataclasses
import io
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import CaptionerContract
from PIL import Image
from servers import Loopback, Request, Response

from dcvlr.binning.captioner.openai import OpenAiCaption
from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.records import Caption, Failure, Picture

pytest.importorskip("aiohttp", reason="the api extra is not installed")


def completion(text: str, finish: str = "stop") -> Response:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    return Response(json={"choices": [choice], "usage": {}})


def describing(request: Request) -> Response:
    """What it says follows from the pixels."""
    shown, asked = request.body["messages"][0]["content"]
    assert asked["text"].startswith("Describe this picture")
    data = shown["image_url"]["url"].partition(",")[2]
    image = Image.open(io.BytesIO(b64decode(data, validate=True)))
    return completion(f"A picture\n\nof {image.width} by {image.height}, {image.resize((1, 1)).getpixel((0, 0))}.")


@cache
def shipped() -> OpenAiCaption:
    made: OpenAiCaption = make(compose(["images_dir=x", "binning/captioner=openai"]), "binning.captioner")
    return made


def captioner(url: str, **settings: Any) -> OpenAiCaption:
    usual: dict[str, Any] = {"base_url": f"{url}/v1", "api_key_env": None, "max_wait_s": 1.0, "attempts": 2}
    return dataclasses.replace(shipped(), **{**usual, **settings})


def pictures() -> list[Picture]:
    return [picture_of(image, shipped().decode) for image in drawn_images()]


@pytest.fixture
def served() -> Iterator[Loopback]:
    with Loopback(describing) as server:
        yield server


class TestItDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self, served: Loopback) -> OpenAiCaption:
        return captioner(served.url)


class TestItIsAModel(ImageModelContract):
    @pytest.fixture
    def model(self, served: Loopback) -> OpenAiCaption:
        return captioner(served.url)


def one(respond: Callable[[Request], Response]) -> Caption | Failure:
    with Loopback(respond) as server:
        (caption,) = captioner(server.url)(pictures()[:1])
    return caption


def test_what_it_says_is_put_on_one_line() -> None:
    assert one(lambda _: completion("A cat.\nIt sleeps.")) == Caption(text="A cat. It sleeps.")
    assert one(lambda _: completion("<think>hm</think>A cat.")) == Caption(text="A cat.")


@pytest.mark.parametrize(
    ("text", "finish", "kind"),
    [
        ("I'm sorry, but I can't help with identifying people.", "stop", "refused"),
        ("As an AI language model I cannot view images.", "stop", "refused"),
        ("I see.", "content_filter", "refused"),
        ("A picture of a", "length", "server"),
    ],
)
def test_a_refusal_is_no_caption_and_a_cut_one_is_asked_for_again(text: str, finish: str, kind: str) -> None:
    caption = one(lambda _: completion(text, finish))
    assert isinstance(caption, Failure)
    assert (caption.kind, caption.remembered) == (kind, kind == "refused")


def test_a_missing_key_stops_before_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ConfigError, match="binning/captioner=openai needs a key"):
        captioner("http://127.0.0.1:9", api_key_env="MY_KEY").check_ready()


def test_the_body_is_a_chat_completion(served: Loopback) -> None:
    captioner(served.url, extra={"seed": 3})(pictures()[:1])
    body = served.requests[0].body
    assert served.requests[0].path == "/v1/chat/completions"
    assert {name: body[name] for name in ("model", "max_tokens", "temperature", "seed")} == {
        "model": "gpt-4o-mini",
        "max_tokens": 200,
        "temperature": 0.0,
        "seed": 3,
    }
    assert [part["type"] for part in body["messages"][0]["content"]] == ["image_url", "text"]
