"""Tokens of requests before they are sent, and the cost of a whole run that is only rehearsed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import asked
from llm.test_reply_choices import samples
from PIL import Image
from scripted import Scripted

from dcvlr.config import build, compose
from dcvlr.identity import file_digest
from dcvlr.llm.estimate import Cost, PictureTokens, cost_of
from dcvlr.memo.recall import Recall
from dcvlr.records import BinCriteria, BinnedImage, ImageRecord
from dcvlr.records.requests import Message, Sampling, View, request
from dcvlr.runs.rehearsal import rehearse

PLAIN: Any = Scripted(script=lambda _: "")


def picture(folder: Path, width: int, height: int, name: str = "a") -> ImageRecord:
    path = folder / f"{name}.png"
    Image.new("RGB", (width, height), "white").save(path)
    return ImageRecord(id=file_digest(path), path=str(path), dataset="made")


def test_four_bytes_are_a_token_and_what_is_alike_at_the_beginning_counts_once() -> None:
    requests = [asked("x" * 399), asked("x" * 199 + "y" * 200)]  # each text ends with a line break
    cost = cost_of(PLAIN, requests, PictureTokens())
    assert cost == Cost(requests=2, tokens_in=200, tokens_once=151, tokens_out=128)


def test_bytes_count_not_characters() -> None:
    assert cost_of(PLAIN, [asked("é" * 200)], PictureTokens()).tokens_in == 100


def test_pictures_count_by_the_rule_of_qwen(tmp_path: Path) -> None:
    pictures = PictureTokens()
    image = picture(tmp_path, 1024, 768)
    assert pictures.of(image, 1024) == 37 * 27 + 2
    assert pictures.of(image, 512) == 18 * 14 + 2
    assert pictures.of(picture(tmp_path, 10, 10, "b"), 1024) == 1 + 2
    (tmp_path / "a.png").unlink()
    assert pictures.of(image, 1024) == 37 * 27 + 2  # looked at once


def test_a_picture_that_two_requests_begin_with_counts_once(tmp_path: Path) -> None:
    view = View(image=picture(tmp_path, 280, 280))
    sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=10)
    both = [request([Message(role="user", text=text)], [view], sampling=sampling, seed=0) for text in ("abc", "xyz")]
    cost = cost_of(PLAIN, both, PictureTokens())
    assert (cost.tokens_in, cost.tokens_once) == (2 * 103, 103 + 1)
    masked = [
        both[0],
        request(both[0].messages, [View(image=view.image, masks=((0, 0, 9, 9),))], sampling=sampling, seed=0),
    ]
    assert cost_of(PLAIN, masked, PictureTokens()).tokens_once == 2 * 103


def test_samples_that_go_together_pay_their_prompt_once() -> None:
    class Several(Scripted):
        max_choices = 8

    alone = cost_of(PLAIN, samples("x" * 399, 8), PictureTokens())
    together = cost_of(Several(script=lambda _: ""), samples("x" * 399, 8), PictureTokens())
    assert (alone.requests, alone.tokens_in, alone.tokens_once) == (8, 800, 100)
    assert (together.requests, together.tokens_in, together.tokens_out) == (1, 100, 8 * 64)


@pytest.mark.slow
def test_a_run_is_rehearsed_through_checks_and_selection(tmp_path: Path) -> None:
    images = [picture(tmp_path, 280, 280 + index, name) for index, name in enumerate("abcd")]
    criteria = BinCriteria(num_text_boxes=0, text_area_ratio=0.0)
    records = [BinnedImage(image=image, bin="C", criteria=criteria) for image in images]
    words = ["images_dir=x", f"output_dir={tmp_path / 'out'}", "synthesis/generator=openai", "selection=student"]
    words += ["synthesis.use_full_features=false", "synthesis.captioner=null", "+validation/checks=[solve,blind,judge]"]
    words.append("validation.checks.judge.allow_same_family=true")
    found = rehearse(build(compose(words)), records, Recall(tmp_path / "out" / "checkpoints"))
    assert found is not None
    assert (found.pictures, found.of, found.questions) == (4, 4, 12)
    requests = {role: cost.requests for role, cost in found.costs.items()}
    assert requests == {
        "synthesis": 8,  # a thought and the JSON for each picture
        "validation.solve": 12,
        "validation.blind": 12,
        "validation.judge": 12,
        "selection.student": 12,
        "selection.blind": 12,
    }
    assert found.all.requests == 68
    assert found.all.tokens_once < found.all.tokens_in / 2
    assert found.costs["selection.student"].tokens_in > 12 * 102
    assert not (tmp_path / "out").exists()


def test_a_run_without_language_models_costs_nothing(tmp_path: Path) -> None:
    plan = build(compose(["images_dir=x", f"output_dir={tmp_path / 'out'}"]))
    assert rehearse(plan, [], Recall(tmp_path / "out" / "checkpoints")) is None
