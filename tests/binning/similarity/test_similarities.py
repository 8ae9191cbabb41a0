from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from binning.marked import binning, marked, pictures, run
from bins_abc import bins_abc
from contracts.similarities import SimilarityContract
from tiny.clip import clip
from tiny.open_clip import open_clip

from dcvlr.binning.similarity.cosines import EmbeddingCosine
from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.models.clip import ClipImages
from dcvlr.models.open_clip import OpenClipImages
from dcvlr.settings.parts import check_ready

pytestmark = pytest.mark.slow

pytest.importorskip("open_clip", reason="the clip extra is not installed")

SPEED = {"batch_size": 4, "device": "cpu"}
SEEING: dict[str, Any] = {"model_revision": "main", "dtype": "auto", "max_side": 640, **SPEED}


def with_clip(root: Path) -> EmbeddingCosine:
    return EmbeddingCosine(images=ClipImages(model=str(clip(root)), **SEEING), text_batch_size=4)


def with_open_clip(root: Path) -> EmbeddingCosine:
    images = OpenClipImages(model=f"local-dir:{open_clip(root)}", pretrained=None, **SEEING)
    return EmbeddingCosine(images=images, text_batch_size=4)


class TestClipSimilarity(SimilarityContract):
    @pytest.fixture
    def similarity(self, tiny_folder: Path) -> EmbeddingCosine:
        return with_clip(tiny_folder)


class TestOpenClipSimilarity(SimilarityContract):
    @pytest.fixture
    def similarity(self, tiny_folder: Path) -> EmbeddingCosine:
        return with_open_clip(tiny_folder)


@pytest.mark.parametrize("similar", [with_clip, with_open_clip])
def test_bin_c_keeps_pictures_whose_caption_reaches_the_threshold(
    similar: Any, tmp_path: Path, tiny_folder: Path
) -> None:
    records = pictures(tmp_path, *(marked(blue=i, shade=40 * i) for i in range(4)), marked(red=3), marked(blue=6))
    similarity = similar(tiny_folder)
    everything = run(tmp_path, binning(similarity=similarity, bins=bins_abc(clip=-1)), records)
    rows = {Path(row["path"]).stem: row["clip_similarity"] for row in everything.rows("bin_C.jsonl")}
    assert sorted(rows) == ["000", "001", "002", "003"]
    assert len(set(rows.values())) == 4
    assert all(row["clip_similarity"] is None for row in everything.rows("bin_A.jsonl"))
    # Text and image models of bin C alone, and only once.
    assert everything.computed[similarity.images.name] == 4

    limit = sorted(rows.values())[2]
    strict = run(tmp_path, binning(similarity=similarity, bins=bins_abc(clip=limit)), records)
    kept = {name for name, value in rows.items() if value >= limit}
    assert {name for name, which in strict.bins.items() if which == "C"} == kept
    assert len(kept) == 2
    assert set(strict.computed.values()) == {0}
    rejected = {Path(entry["path"]).stem: entry for entry in strict.ledger}
    assert {name: entry["reasons"] for name, entry in rejected.items()} == {
        name: ["clip_similarity"] for name in rows if name not in kept
    }
    for name, entry in rejected.items():
        assert entry["findings"][-1] == {
            "name": "clip_similarity",
            "passed": False,
            "value": rows[name],
            "threshold": limit,
            "reason": "the caption does not match the picture well enough",
        }


def test_details_show_the_similarity_of_every_picture(tmp_path: Path, tiny_folder: Path) -> None:
    from dcvlr.memo import Memo

    records = pictures(tmp_path, marked(red=3), marked(blue=2))
    stage = binning(similarity=with_clip(tiny_folder))
    shown = list(stage.details(records, Memo(tmp_path / "checkpoints")))
    assert len(shown) == 2
    assert all("clip_similarity" in str(details) for details in shown)


@pytest.mark.parametrize("option", ["clip", "open_clip"])
def test_missing_weights_stop_the_run_before_any_work(option: str, tmp_path: Path) -> None:
    folder = f"{'local-dir:' if option == 'open_clip' else ''}{tmp_path}/nowhere"
    model = [f"binning.similarity.images.model={folder}", "binning.similarity.images.pretrained=null"]
    cfg = compose(["images_dir=x", f"binning/similarity={option}", *model[: 1 + (option == "open_clip")]])
    with pytest.raises(ConfigError, match=r"embeddings: there is no folder '.*nowhere'"):
        check_ready(make(cfg, "binning").similarity)


def test_a_batch_of_nothing_is_refused_by_name(tiny_folder: Path) -> None:
    for similar in (with_clip(tiny_folder), with_open_clip(tiny_folder)):
        with pytest.raises(ConfigError, match=r"^text_batch_size=0: a whole number from 1"):
            type(similar)(images=similar.images, text_batch_size=0)  # type: ignore[arg-type]
