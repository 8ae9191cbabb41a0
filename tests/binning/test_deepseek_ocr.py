"""Text, objects and caption from one pass: three readings of the replies of DeepSeek-OCR."""

from __future__ import annotations

import dataclasses
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from contracts.image_models import drawn_images
from contracts.readers import CaptionerContract, DetectorContract, OcrModelContract, saved
from PIL import Image
from servers import Loopback, Request, Response
from tiny.deepseek_ocr import model

from dcvlr.binning.captioner.deepseek_ocr import DeepseekCaption
from dcvlr.binning.detector.deepseek_ocr import DeepseekObjects
from dcvlr.binning.ocr.deepseek_ocr import DeepseekText
from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.models.deepseek_ocr import DeepseekOcr, PageReplies, PromptReply
from dcvlr.records import Caption, Detection, OcrLine, OcrResult

pytestmark = pytest.mark.slow

pytest.importorskip("aiohttp", reason="the api extra is not installed")

TEXT_LABELS = ("text", "title", "image_caption")
PAGE = """<|ref|>title<|/ref|><|det|>[[100, 0, 500, 100]]<|/det|>
# Menu

<|ref|>text<|/ref|><|det|>[[100, 200, 400, 300], [600, 200, 900, 400]]<|/det|>
Coffee 3.20
Bread 9.30

<|ref|>image<|/ref|><|det|>[[0, 500, 400, 900], [500, 500, 900, 900]]<|/det|>
<|ref|>image_caption<|/ref|><|det|>[[0, 910, 900, 950]]<|/det|>
<center>Figure 1: two cups</center>

<|ref|>table<|/ref|><|det|>[[0, 960, 999, 999]]<|/det|>
<table><tr><td>Total</td><td>12.50</td></tr></table>
"""
PHOTOGRAPH = "<|ref|>image<|/ref|><|det|>[[0, 0, 999, 999]]<|/det|>"


def replies(layout: str, caption: str | None = None, *, is_cut: bool = False) -> PageReplies:
    reply = None if caption is None else PromptReply(text=caption, is_cut=is_cut)
    return PageReplies(width=999, height=1998, layout=PromptReply(text=layout), caption=reply)


def text(reading: DeepseekOcr | None = None) -> DeepseekText:
    return DeepseekText(reading=reading or model("m"), score=0.99)


def objects(reading: DeepseekOcr | None = None) -> DeepseekObjects:
    return DeepseekObjects(reading=reading or model("m"), text_labels=TEXT_LABELS, max_area=0.95, score=0.9)


def captions(reading: DeepseekOcr | None = None) -> DeepseekCaption:
    return DeepseekCaption(reading=reading or model("m"), max_words=8)


def test_a_line_is_the_text_of_a_block_in_the_box_around_its_boxes() -> None:
    menu = ((100.0, 0.0), (500.0, 0.0), (500.0, 200.0), (100.0, 200.0))
    found = text().derive(replies(PAGE))
    assert found.lines[0] == OcrLine(text="Menu", score=0.99, quad=menu)
    assert [line.text for line in found.lines] == [
        "Menu",
        "Coffee 3.20 Bread 9.30",
        "Figure 1: two cups",
        "Total | 12.50",
    ]
    assert found.lines[1].box == (100.0, 400.0, 900.0, 800.0)


def test_asked_for_ocr_every_label_is_a_line() -> None:
    raw = "<|ref|>Coffee 3.20<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>"
    assert [line.text for line in text(model("m", prompt="ocr")).derive(replies(raw)).lines] == ["Coffee 3.20"]


def test_objects_are_the_boxes_that_are_not_text() -> None:
    assert objects().derive(replies(PAGE)).objects == (
        Detection(label="image", score=0.9, box=(0.0, 1000.0, 400.0, 1800.0)),
        Detection(label="table", score=0.9, box=(0.0, 1920.0, 999.0, 1998.0)),
        Detection(label="image", score=0.9, box=(500.0, 1000.0, 900.0, 1800.0)),
    )


def test_a_photograph_is_no_object_of_itself() -> None:
    assert objects().derive(replies(PHOTOGRAPH)).objects == ()
    assert objects().derive(replies(PHOTOGRAPH)).labelled


def test_a_detector_that_would_find_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"reading.prompt='ocr': the model then finds text only"):
        objects(model("m", prompt="ocr"))


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("A cup\non a table. ", "A cup on a table."),
        ("One two three. Four five six. Seven eight nine.", "One two three. Four five six."),
        ("one two three four five six seven eight nine", "one two three four five six seven eight"),
        ("", ""),
    ],
)
def test_a_description_is_one_line_of_whole_sentences(description: str, expected: str) -> None:
    assert captions().derive(replies(PAGE, description)) == Caption(text=expected)


def test_a_description_that_was_cut_ends_with_its_last_sentence() -> None:
    assert captions().derive(replies(PAGE, "A cup. It is re", is_cut=True)) == Caption(text="A cup.")


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (PAGE, "A picture titled “Menu” with 2 images, 2 texts, 1 image caption, 1 table and 1 title."),
        (PHOTOGRAPH, "A picture with 1 image."),
        ("", "A picture in which neither text nor objects were found."),
    ],
)
def test_without_a_description_the_blocks_are_counted(layout: str, expected: str) -> None:
    assert captions().derive(replies(layout)) == Caption(text=expected)


@pytest.mark.parametrize("make", [text, objects])
def test_a_score_out_of_range_is_refused_by_name(make: object) -> None:
    with pytest.raises(ConfigError, match=r"^score=2"):
        dataclasses.replace(make(), score=2)  # type: ignore[operator]


def seen(request: Request) -> Response:
    """What a model that sees might say of the drawn pictures, known by their sizes."""
    picture, prompt = request.body["messages"][0]["content"]
    size = Image.open(BytesIO(b64decode(picture["image_url"]["url"].partition(",")[2]))).size
    pages = {
        (420, 300): "Total 12.50\nCoffee 3.20\nBread 9.30",
        (300, 400): "<|ref|>disc<|/ref|><|det|>[[133, 150, 533, 450]]<|/det|>",
    }
    words = pages.get(size, "")
    if not prompt["text"].startswith("<|grounding|>"):
        words = f"A picture of {size[0]} by {size[1]} pixels."
    elif size == (420, 300):
        rows = enumerate(words.split("\n"))
        words = "\n".join(
            f"<|ref|>text<|/ref|><|det|>[[71, {130 + 266 * row}, 600, {260 + 266 * row}]]<|/det|>\n{line}\n"
            for row, line in rows
        )
    return Response(json={"choices": [{"message": {"content": words}, "finish_reason": "stop"}]})


@pytest.fixture
def served() -> Iterator[Loopback]:
    with Loopback(seen) as server:
        yield server


@pytest.fixture
def reading(served: Loopback) -> DeepseekOcr:
    return model("m", engine="server", base_url=f"{served.url}/v1")


class TestDeepseekReadsLines(OcrModelContract):
    @pytest.fixture
    def reader(self, reading: DeepseekOcr) -> DeepseekText:
        return text(reading)


class TestDeepseekDetects(DetectorContract):
    @pytest.fixture
    def reader(self, reading: DeepseekOcr) -> DeepseekObjects:
        return objects(reading)

    @pytest.fixture
    def more_images(self) -> list[Image.Image]:
        return []


class TestDeepseekDescribes(CaptionerContract):
    @pytest.fixture
    def reader(self, reading: DeepseekOcr) -> DeepseekCaption:
        return captions(reading)


def test_text_objects_and_caption_are_one_pass(served: Loopback, reading: DeepseekOcr, tmp_path: Path) -> None:
    images = saved(tmp_path / "pictures", drawn_images()[:2])
    memo = Memo(tmp_path / "checkpoints")
    lines = memo.measure(text(reading), images)
    found = memo.measure(objects(dataclasses.replace(reading)), images)
    description = memo.measure(captions(dataclasses.replace(reading)), images)
    assert list(memo.computed.values()) == [2]
    assert len(served.requests) == 4  # two questions about each of two pictures
    first = lines[images[0].id]
    assert isinstance(first, OcrResult)
    assert first.text == "Total 12.50\nCoffee 3.20\nBread 9.30"
    assert found[images[1].id].objects[0].label == "disc"
    assert description[images[1].id].text == "A picture of 300 by 400 pixels."


def test_the_three_options_agree_on_one_pass() -> None:
    options = [f"binning/{kind}=deepseek_ocr" for kind in ("ocr", "detector", "captioner")]
    stage = build(compose(["images_dir=somewhere", *options])).stages["binning"]
    assert stage.ocr.sources == stage.detector.sources == stage.captioner.sources
