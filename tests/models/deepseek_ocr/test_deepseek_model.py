from __future__ import annotations

import dataclasses
import json
import logging
import shutil
from base64 import b64decode
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from contracts.image_models import ImageModelContract, drawn_images, picture_of
from PIL import Image
from servers import Loopback, Request, Response
from tiny.deepseek_ocr import TAGS, deepseek_ocr, model

from dcvlr.errors import ConfigError
from dcvlr.identity import identity
from dcvlr.models.deepseek_ocr import DeepseekOcr, PageReplies, PromptReply
from dcvlr.models.deepseek_ocr.native import repeating
from dcvlr.records import Failure, Picture

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")
pytest.importorskip("aiohttp", reason="the api extra is not installed")

REPLY = "<|ref|>title<|/ref|><|det|>[[0, 0, 999, 100]]<|/det|>\n# Menu"


@pytest.fixture(scope="module")
def native(tiny_folder: Path) -> DeepseekOcr:
    return model(str(deepseek_ocr(tiny_folder)))


def pictures(decode_like: DeepseekOcr, images: Sequence[Image.Image]) -> list[Picture]:
    return [picture_of(image, decode_like.decode) for image in images]


class TestDeepseekOcrLooksAtPictures(ImageModelContract):
    @pytest.fixture
    def model(self, native: DeepseekOcr) -> DeepseekOcr:
        return native

    @pytest.fixture
    def pictures(self, model: DeepseekOcr) -> list[Picture]:
        """A page, noise and a very small picture; each takes half a second here."""
        return pictures(model, [drawn_images()[i] for i in (0, 2, 4)])


def test_pictures_of_one_and_of_three_views_are_read_together_as_alone(native: DeepseekOcr) -> None:
    large = dataclasses.replace(native, size="dynamic", max_side=2304, caption_prompt=None, max_new_tokens=4)
    items = pictures(large, [drawn_images()[1], drawn_images()[2].resize((900, 450))])
    assert large(items) == [large([item])[0] for item in items]


def test_every_size_sees_another_picture(native: DeepseekOcr) -> None:
    item = pictures(dataclasses.replace(native, max_side=2304), [drawn_images()[2].resize((900, 450))])
    found = [dataclasses.replace(native, size=size, max_side=2304)(item)[0] for size in ("small", "base", "dynamic")]
    assert len({each.layout.text for each in found if isinstance(each, PageReplies)}) > 1


def test_tags_are_kept_and_the_end_is_not(native: DeepseekOcr) -> None:
    network = dataclasses.replace(native)
    tokenizer = network._reader._processor.tokenizer  # type: ignore[union-attr]
    tokens = tokenizer(f"{TAGS[0]}a{TAGS[1]}</s><pad>")["input_ids"]
    assert network._reader._answer(tokens) == PromptReply(text="<|ref|>a<|/ref|>")  # type: ignore[union-attr]
    assert network._reader._answer(tokens[:3]) == PromptReply(text="<|ref|>a<|/ref|>", is_cut=True)  # type: ignore[union-attr]


def test_replies_do_not_go_in_circles(native: DeepseekOcr) -> None:
    items = pictures(native, [drawn_images()[0]])

    def repeated_pairs(ngram: int) -> int:
        reader = dataclasses.replace(native, no_repeat_ngram=ngram)._reader
        (tokens,) = reader._generated(items, "Free OCR.", 24)  # type: ignore[union-attr]
        pairs = list(pairwise(tokens))
        return len(pairs) - len(set(pairs))

    assert repeated_pairs(0) > 5
    assert repeated_pairs(2) == 0


def test_what_would_repeat_a_sequence_is_found() -> None:
    assert repeating([1, 2, 3, 1, 2], 3) == {3}
    assert repeating([1, 2, 3, 1, 2, 4, 1, 2], 3) == {3, 4}
    assert repeating([5, 5], 3) == set()
    assert repeating([7, 8], 1) == {7, 8}
    assert repeating([], 1) == set()


def test_only_the_reply_is_looked_at_for_repeats(native: DeepseekOcr) -> None:
    import torch

    ban = native._reader._ban(4)  # type: ignore[union-attr]
    scores = ban(torch.tensor([[9, 9, 9, 9, 1, 2, 3, 1, 2]]), torch.zeros(1, 12))
    assert [i for i, value in enumerate(scores[0].tolist()) if value] == [3]


def test_the_address_is_no_part_of_the_identity_the_engine_is() -> None:
    here = model("m", engine="server", base_url="http://a/v1")
    assert identity(dataclasses.replace(here, base_url="http://b/v1", concurrency=9, timeout_s=1.0)) == identity(here)
    for change in ({"engine": "transformers"}, {"prompt": "ocr"}, {"caption_prompt": None}, {"model": "n"}):
        assert identity(dataclasses.replace(here, **change)) != identity(here)


def test_weights_that_need_code_of_their_own_are_refused_with_the_way_out(native: DeepseekOcr, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(native.model, tmp_path / "first"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "deepseek_vl_v2"}))
    with pytest.raises(ConfigError, match=r"code of its own.*engine=server"):
        model(str(folder)).check_ready()


def test_a_server_needs_an_address_and_the_key_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="deepseek_ocr: engine=server needs base_url"):
        model("m", engine="server").check_ready()
    monkeypatch.delenv("OCR_KEY", raising=False)
    with pytest.raises(ConfigError, match="OCR_KEY"):
        model("m", engine="server", base_url="http://a/v1", api_key_env="OCR_KEY").check_ready()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("engine", "vllm"),
        ("prompt", "free"),
        ("size", "tiny"),
        ("caption_prompt", " "),
        ("max_new_tokens", 0),
        ("no_repeat_ngram", -1),
        ("no_repeat_window", 2),
        ("timeout_s", 0),
        ("dtype", "half"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{key}={value!r}"):
        model("m", **{key: value})


def vllm(request: Request) -> Response:
    """As vLLM answers; pictures of one pixel's width are refused, and what has no text is wrong JSON."""
    if request.headers.get("authorization") != "Bearer secret-ocr-key":
        return Response(status=401, json={"error": {"message": "Invalid key"}})
    picture, text = request.body["messages"][0]["content"]
    head, _, data = picture["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    width, _ = Image.open(BytesIO(b64decode(data))).size
    if width == 1:
        return Response(status=400, json={"error": {"message": "too small"}})
    if width == 2:
        return Response(json={"choices": []})
    reply = REPLY if "<|grounding|>" in text["text"] else f"A picture {width} wide."
    finish = "length" if width == 5 else "stop"
    message = {"role": "assistant", "content": f"{reply}<｜end▁of▁sentence｜>"}
    return Response(json={"choices": [{"index": 0, "message": message, "finish_reason": finish}]})


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("OCR_KEY", "secret-ocr-key")
    with Loopback(vllm) as server:
        yield server


def test_a_server_is_asked_both_questions_about_each_picture(served: Loopback) -> None:
    reader = model(
        "deepseek-ai/DeepSeek-OCR", engine="server", base_url=f"{served.url}/v1", api_key_env="OCR_KEY",
        no_repeat_ngram=30,
    )  # fmt: skip
    reader.check_ready()
    sizes = [(40, 20), (5, 5), (1, 9), (2, 9), (1500, 9)]
    found = reader(pictures(reader, [Image.new("RGB", size, "red") for size in sizes]))
    title = PromptReply(text=REPLY)
    assert found[0] == PageReplies(width=40, height=20, layout=title, caption=PromptReply(text="A picture 40 wide."))
    assert isinstance(found[1], PageReplies)
    assert found[1].layout.is_cut
    assert isinstance(found[2], Failure)
    assert found[2].kind == "refused"
    assert isinstance(found[3], Failure)
    assert (found[3].kind, "without choices" in found[3].message) == ("server", True)
    assert found[4] == PageReplies(width=1500, height=9, layout=title, caption=PromptReply(text="A picture 512 wide."))
    assert set(served.paths()) == {"/v1/chat/completions"}
    body = next(request.body for request in served.requests if "<|grounding|>" in str(request.body))
    del body["messages"]
    assert body == {
        "model": "deepseek-ai/DeepSeek-OCR",
        "max_tokens": 8,
        "temperature": 0.0,
        "skip_special_tokens": False,
        "vllm_xargs": {"ngram_size": 30, "window_size": 90, "whitelist_token_ids": [128821, 128822]},
    }


def test_trouble_with_replies_is_told_once_a_batch(served: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    reader = model("m", engine="server", base_url=f"{served.url}/v1", api_key_env="OCR_KEY", caption_prompt=None)
    items = pictures(reader, [Image.new("RGB", size, "red") for size in ((5, 5), (40, 20))])
    with caplog.at_level(logging.WARNING, "dcvlr"):
        reader(items[1:])
        assert caplog.text == ""
        reader(items)
    assert "deepseek_ocr: of 2 pictures, replies cut at max_new_tokens: 1" in caplog.text
