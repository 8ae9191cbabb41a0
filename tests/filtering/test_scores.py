"""The optional scores of filtering, through the real stage with a tiny CLIP."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.image_models import drawn_images
from filtering.filtered import BARE, Run
from tiny.clip import clip

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.filtering.rules import ScoreLimits
from dcvlr.filtering.scores.aesthetic import Aesthetic
from dcvlr.filtering.scores.image_text import ImageText
from dcvlr.models.clip import ClipImages
from dcvlr.models.embeddings import packed
from dcvlr.models.open_clip import OpenClipImages
from dcvlr.records import Embedding, Score

pytestmark = pytest.mark.slow

pytest.importorskip("transformers", reason="the transformers extra is not installed")


@pytest.fixture
def embeddings(tiny_folder: Path) -> ClipImages:
    return ClipImages(
        model=str(clip(tiny_folder)), model_revision="main", dtype="auto", max_side=640, batch_size=4, device="cpu"
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = Run(tmp_path)
    for index, image in enumerate(drawn_images()):
        made.add(f"{index}.png", image)
    return made


def head(folder: Path, **tensors: Any) -> str:
    """A head's file with these tensors; __ in a name stands for a dot."""
    from safetensors.numpy import save_file

    file = folder / "head.safetensors"
    arrays = {name.replace("__", "."): np.array(numbers, np.float32) for name, numbers in tensors.items()}
    save_file(arrays, file)
    return str(file)


def aesthetic(embeddings: Any, file: str, **changes: Any) -> Aesthetic:
    return dataclasses.replace(
        Aesthetic(embeddings=embeddings, head=file, head_revision="main", activation="none"), **changes
    )


def unit(*numbers: float) -> Embedding:
    (made,) = packed(np.array([numbers]))
    assert isinstance(made, Embedding)
    return made


def test_a_linear_head_is_a_weighted_sum(embeddings: ClipImages, tmp_path: Path) -> None:
    scorer = aesthetic(embeddings, head(tmp_path, weight=[[2.0, 0.0]], bias=[1.0]))
    assert scorer.derive(unit(1, 0)) == Score(value=3.0)
    assert scorer.derive(unit(0, 5)) == Score(value=1.0)
    assert scorer.sources == (embeddings,)


TWO_LAYERS = {
    "layers__10__weight": [[1.0, 1.0]],
    "layers__10__bias": [0.5],
    "layers__2__weight": [[1.0, 0.0], [-3.0, 0.0]],
    "layers__2__bias": [0.0, 0.0],
}


def test_layers_follow_each_other_by_their_numbers_with_or_without_activation(
    embeddings: ClipImages, tmp_path: Path
) -> None:
    file = head(tmp_path, **TWO_LAYERS)
    assert aesthetic(embeddings, file).derive(unit(1, 0)) == Score(value=-1.5)
    assert aesthetic(embeddings, file, activation="relu").derive(unit(1, 0)) == Score(value=1.5)


@pytest.mark.parametrize(
    "tensors",
    [
        {"a__weight": [[1.0, 1.0]], "b__weight": [[1.0, 1.0]]},
        {"weight": [[1.0], [1.0]]},
        {"weight": [[1.0]], "bias": [1.0, 2.0]},
        {"scale": [1.0]},
    ],
)
def test_what_does_not_end_in_one_number_is_no_head(embeddings: ClipImages, tmp_path: Path, tensors: Any) -> None:
    with pytest.raises(ConfigError, match="not a chain of linear layers that ends in one value"):
        aesthetic(embeddings, head(tmp_path, **tensors)).check_ready()


def test_a_head_for_other_embeddings_is_refused_with_both_sizes(embeddings: ClipImages, tmp_path: Path) -> None:
    scorer = aesthetic(embeddings, head(tmp_path, weight=[[1.0, 1.0, 1.0]]))
    with pytest.raises(DcvlrError, match=r"was made for embeddings of 3 components, ClipImages.* gives 2"):
        scorer.derive(unit(1, 0))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("head.pth", "pickled weights are not loaded"),
        ("broken.safetensors", "cannot be read"),
        ("missing.safetensors", "there is no file"),
    ],
)
def test_a_head_that_cannot_be_read_stops_before_any_work(
    embeddings: ClipImages, tmp_path: Path, name: str, message: str
) -> None:
    for made in ("head.pth", "broken.safetensors"):
        (tmp_path / made).write_bytes(b"no weights")
    with pytest.raises(ConfigError, match=message):
        aesthetic(embeddings, str(tmp_path / name)).check_ready()


def test_a_head_of_the_hub_that_cannot_be_fetched_stops_before_any_work(embeddings: ClipImages) -> None:
    with pytest.raises(ConfigError, match=r"scores=\[aesthetic\]: model.safetensors of 'org/head' at revision 'main'"):
        aesthetic(embeddings, "org/head").check_ready()


def test_pictures_below_the_limit_go_to_the_ledger_and_another_limit_costs_nothing(
    run: Run, embeddings: ClipImages, tmp_path: Path
) -> None:
    weights = np.random.default_rng(0).normal(size=(1, 16))
    scorer = aesthetic(embeddings, head(tmp_path, weight=weights, bias=[5.0]))

    def kept(limit: float) -> list[str]:
        limits = ScoreLimits(model=scorer, min=limit, max=None)
        return run(dataclasses.replace(BARE, scores={"aesthetic": limits}))

    assert kept(100.0) == []
    assert list(run.memo.computed.values()) == [5, 5]  # the statistics and the embeddings
    values = {name: run.findings(name)["min_aesthetic"][1] for name in run.entries}
    assert len(set(values.values())) == 5
    limit = sorted(values.values())[2]
    assert kept(limit) == [name for name in sorted(values) if values[name] >= limit]
    assert set(run.memo.computed.values()) == {0}
    assert {entry.reasons for entry in run.entries.values()} == {("min_aesthetic",)}


def test_the_nearest_text_counts_and_is_named(run: Run, embeddings: ClipImages) -> None:
    texts = ["a page of text", "noise", "a green field"]
    scorer = ImageText(embeddings=embeddings, texts=texts, text_batch_size=4)
    stage = dataclasses.replace(BARE, scores={"fit": ScoreLimits(model=scorer, min=None, max=-1.0)})
    assert run(stage) == []
    together = {name: run.findings(name)["max_fit"][1] for name in run.entries}
    reason = run.entries["0.png"].findings[-1].reason
    assert any(reason == f"fit score {together['0.png']} ({text}) is above -1.0" for text in texts)
    alone = []
    for text in texts:
        one = ImageText(embeddings=embeddings, texts=[text], text_batch_size=4)
        run(dataclasses.replace(BARE, scores={"fit": ScoreLimits(model=one, min=None, max=-1.0)}))
        assert set(run.memo.computed.values()) == {0}  # nor was any picture or text read again
        alone.append({name: run.findings(name)["max_fit"][1] for name in run.entries})
    assert together == {name: max(values[name] for values in alone) for name in together}


def test_other_texts_cost_no_look_at_a_picture(run: Run, embeddings: ClipImages) -> None:
    def with_texts(*texts: str) -> dict[str, int]:
        scorer = ImageText(embeddings=embeddings, texts=texts, text_batch_size=4)
        run(dataclasses.replace(BARE, scores={"fit": ScoreLimits(model=scorer, min=-1.0, max=None)}))
        return {folder.partition("-")[0]: count for folder, count in run.memo.computed.items()}

    assert with_texts("a page of text") == {"statistics": 5, "clip_texts": 1, "clip_images": 5}
    assert with_texts("a page of text", "a bus") == {"statistics": 0, "clip_texts": 1, "clip_images": 0}


@pytest.mark.parametrize("texts", [[], ["a bus", " "]])
def test_texts_that_say_nothing_are_refused(embeddings: ClipImages, texts: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"^texts=.*not empty are allowed"):
        ImageText(embeddings=embeddings, texts=texts, text_batch_size=4)


def test_scores_are_off_unless_they_are_chosen() -> None:
    assert make(compose(["images_dir=somewhere"]), "filtering").scores == {}


def test_both_scores_are_chosen_by_name_and_limited_on_the_command_line() -> None:
    chosen = ["filtering/scores=[aesthetic,image_text]", "filtering.scores.aesthetic.min=5"]
    scores = make(compose(["images_dir=somewhere", *chosen]), "filtering").scores
    assert sorted(scores) == ["aesthetic", "image_text"]
    assert (scores["aesthetic"].min, scores["aesthetic"].max) == (5, None)
    assert scores["aesthetic"].model.embeddings == scores["image_text"].model.embeddings


def test_embeddings_of_open_clip_can_be_scored_too() -> None:
    node = "filtering.scores.image_text.model.embeddings"
    chosen = [
        f"{node}._target_=dcvlr.models.open_clip.OpenClipImages",
        f"{node}.model=ViT-L-14",
        f"+{node}.pretrained=openai",
    ]
    cfg = compose(["images_dir=somewhere", "filtering/scores=[image_text]", *chosen])
    assert isinstance(make(cfg, "filtering").scores["image_text"].model.embeddings, OpenClipImages)
