from __future__ import annotations

import dataclasses
import threading
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from contracts.readers import CaptionerContract
from PIL import Image
from servers import Loopback, Request, Response

from dcvlr.binning.captioner.moondream import Moondream
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.identity import identity
from dcvlr.records import Caption, Failure, Picture

pytest.importorskip("aiohttp", reason="the api extra is not installed")

KEY = "md-secret-key"


def station(request: Request) -> Response:
    """Answers as https://docs.moondream.ai/api does; what it says of a picture follows from its pixels."""
    if request.path != "/v1/caption":
        return Response(status=404, json={"error": {"message": "Not found", "type": "not_found"}})
    if request.headers.get("x-moondream-auth") not in (None, KEY):
        return Response(status=401, json={"error": {"message": "Invalid API key", "type": "authentication_error"}})
    if set(request.body) != {"image_url", "length", "stream"} or request.body["stream"] is not False:
        return Response(status=400, json={"error": {"message": "Invalid request", "type": "invalid_request"}})
    image = shown(request)
    red, green, blue = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    words = {"short": "A picture.", "normal": "A picture\n\nof something.", "long": "A picture of something. " * 20}
    text = f"{words[request.body['length']]} {image.width} by {image.height}, mostly ({red}, {green}, {blue})."
    return Response(json={"request_id": f"2025-{request.index}", "caption": text})


def shown(request: Request) -> Image.Image:
    head, _, data = request.body["image_url"].partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(BytesIO(b64decode(data, validate=True)))


def moondream(base_url: str = "http://127.0.0.1:2020/v1", **settings: Any) -> Moondream:
    usual: dict[str, Any] = {
        "model": "moondream",
        "length": "normal",
        "max_side": 256,
        "jpeg_quality": 90,
        "base_url": base_url,
        "api_key_env": None,
        "timeout_s": 20.0,
        "attempts": 2,
        "max_wait_s": 1.0,
        "max_reply_mb": 1,
        "concurrency": 4,
        "requests_per_minute": None,
        "batch_size": 8,
    }
    return Moondream(**{**usual, **settings})


def pictures() -> list[Picture]:
    return [picture_of(image, moondream().decode) for image in drawn_images()]


@pytest.fixture
def served() -> Iterator[Loopback]:
    with Loopback(station) as server:
        yield server


class TestMoondreamDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self, served: Loopback) -> Moondream:
        return moondream(f"{served.url}/v1")


class TestMoondreamIsAModel(ImageModelContract):
    @pytest.fixture
    def model(self, served: Loopback) -> Moondream:
        return moondream(f"{served.url}/v1")


def test_the_caption_is_put_on_one_line(served: Loopback) -> None:
    [caption] = moondream(f"{served.url}/v1")(pictures()[3:4])
    assert caption == Caption(text="A picture of something. 256 by 160, mostly (255, 255, 255).")


@pytest.mark.parametrize(
    ("length", "start"),
    [
        ("short", "A picture. 256 by"),
        ("normal", "A picture of something. 256 by"),
        ("long", "A picture of something. A picture of something. A"),
    ],
)
def test_the_length_asked_for_is_sent(length: str, start: str, served: Loopback) -> None:
    [caption] = moondream(f"{served.url}/v1", length=length)(pictures()[:1])
    assert isinstance(caption, Caption)
    assert caption.text.startswith(start)
    assert served.requests[0].body["length"] == length


def test_the_key_goes_into_moondreams_own_header(served: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    model = moondream(f"{served.url}/v1/", api_key_env="MY_KEY")
    model.check_ready()
    model(pictures()[:1])
    assert served.requests[0].headers["x-moondream-auth"] == KEY
    assert KEY not in repr(model)


def test_a_server_without_keys_gets_none(served: Loopback) -> None:
    moondream(f"{served.url}/v1")(pictures()[:1])
    assert "x-moondream-auth" not in served.requests[0].headers


def test_a_missing_key_stops_before_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ConfigError, match="binning/captioner=moondream needs a key: set the environment variable MY_K"):
        moondream(api_key_env="MY_KEY").check_ready()


def test_a_wrong_key_ends_the_run(served: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "md-wrong-key")
    with pytest.raises(DcvlrError, match=r"POST http://.*/v1/caption: HTTP 401: Invalid API key") as error:
        moondream(f"{served.url}/v1", api_key_env="MY_KEY")(pictures())
    assert "md-wrong-key" not in str(error.value)


def test_failures_stand_in_their_place_and_order_is_kept() -> None:
    def moody(request: Request) -> Response:
        size = shown(request).size
        if size == (192, 256):
            return Response(status=422, json={"error": {"message": "cannot read image"}})
        if size == (240, 240):
            return Response(json={"request_id": "x", "caption": " \n"})
        if size == (256, 160):
            return Response(json=["not", "an", "object"])
        return Response(json={"caption": f"{size[0]} wide"}, delay_s=0.2 if size[0] == 256 else 0)

    with Loopback(moody) as server:
        results = moondream(server.url)(pictures())
        assert results[0] == Caption(text="256 wide")
        assert results[1] == Failure(kind="refused", message=f"POST {server.url}/caption: HTTP 422: cannot read image")
        assert results[2] == Failure(kind="server", message="Moondream answered with an empty caption")
        assert results[3] == Failure(
            kind="server", message=f"POST {server.url}/caption: an answer without a caption (attempt 2 of 2)"
        )
        assert results[4] == Caption(text="3 wide")
        assert len(server.requests) == 6


def test_no_thread_outlives_a_batch(served: Loopback) -> None:
    model = moondream(f"{served.url}/v1")
    model(pictures())
    model(pictures())
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("dcvlr-http")]


def test_address_key_and_speed_do_not_change_the_identity_but_length_and_picture_do() -> None:
    model = moondream()
    speed = {
        "base_url": "https://api.moondream.ai/v1",
        "api_key_env": "OTHER",
        "timeout_s": 5.0,
        "attempts": 9,
        "max_wait_s": 9.0,
        "max_reply_mb": 9,
        "concurrency": 9,
        "requests_per_minute": 9,
        "batch_size": 9,
    }
    assert identity(dataclasses.replace(model, **speed)) == identity(model)
    for change in ({"length": "short"}, {"max_side": 512}, {"jpeg_quality": 80}, {"model": "moondream3"}):
        assert identity(dataclasses.replace(model, **change)) != identity(model)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"length": "huge"}, "length='huge': short, normal or long"),
        ({"jpeg_quality": 100}, "jpeg_quality=100"),
        ({"max_side": 0}, "max_side=0"),
        ({"base_url": "api.moondream.ai"}, "base_url='api.moondream.ai'"),
        ({"attempts": 0}, "attempts=0"),
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        moondream(**wrong)


def test_a_refusal_is_no_caption() -> None:
    message = "I'm sorry, but I can't describe this image."
    with Loopback(lambda _: Response(json={"caption": message})) as server:
        (caption,) = moondream(f"{server.url}/v1")(pictures()[:1])
    assert caption == Failure(kind="refused", message=message)
