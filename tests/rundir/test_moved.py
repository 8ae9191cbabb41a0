"""A run directory and its pictures that were moved: paths in results are relative, bytes say which picture is which."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dcvlr.api import DataSynthesisPipeline
from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.records import ImageRecord, LedgerEntry, Qa
from dcvlr.records.paths import absolute_from, relative_to
from dcvlr.rundir.belonging import without_location
from dcvlr.rundir.reader import RunDirectory

FILTERED = "intermediate/stage1_filtering/filtered_images.jsonl"


def drawn(folder: Path, *greys: int) -> Path:
    """A folder of a dataset with a picture of each grey; the first is too small to be kept."""
    train = folder / "drawn" / "train"
    train.mkdir(parents=True)
    for index, grey in enumerate(greys):
        picture = Image.linear_gradient("L").resize((300, 300) if index else (20, 20))
        picture.point(lambda value, grey=grey: min(255, value + grey)).save(train / f"{index}.png")  # type: ignore[misc]
    return folder


def run(images: Path, out: Path, *more: str) -> dict[str, Any]:
    words = ["filtering/nsfw=none", "filtering/dedup=exact", "stages=[filtering]", "report=none", *more]
    DataSynthesisPipeline(words, images_dir=images, output_dir=out).run()
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_bytes())
    return manifest


def files(out: Path) -> dict[str, bytes]:
    found = [out / "rejected.jsonl", *out.glob("intermediate/*/*.json*")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(found)}


@pytest.mark.slow
def test_results_are_the_same_wherever_the_pictures_lie(tmp_path: Path) -> None:
    first = run(drawn(tmp_path / "a", 0, 9, 60), tmp_path / "out")
    assert first["root"] == str(tmp_path / "a")
    kept = [json.loads(line)["path"] for line in (tmp_path / "out" / FILTERED).read_text().splitlines()]
    assert kept == ["drawn/train/1.png", "drawn/train/2.png"]
    assert str(tmp_path).encode() not in b"".join(files(tmp_path / "out").values())
    before = files(tmp_path / "out")
    (tmp_path / "a").rename(tmp_path / "elsewhere")
    (tmp_path / "out").rename(tmp_path / "moved")
    again = run(tmp_path / "elsewhere", tmp_path / "moved")
    assert files(tmp_path / "moved") == before
    assert {name.partition("-")[0] for name, count in again["computed"].items() if count} == {"file_digest"}
    assert (again["pictures"], again["settings"]) != (None, first["settings"])
    assert (again["pictures"], again["config"] == first["config"]) == (first["pictures"], False)
    assert not (tmp_path / "moved" / "previous").exists()
    assert RunDirectory(tmp_path / "moved").ledger[0].path == str(tmp_path / "elsewhere/drawn/train/0.png")


@pytest.mark.slow
def test_other_pictures_are_refused_before_anything_is_moved_or_written(tmp_path: Path) -> None:
    run(drawn(tmp_path / "a", 0, 9, 60), tmp_path / "out")
    before = files(tmp_path / "out")
    for other in (drawn(tmp_path / "b", 0, 9), drawn(tmp_path / "c", 0, 9, 61)):
        with pytest.raises(ConfigError, match=r"was made from '.*/a', this run reads '.*/[bc]' and there are other"):
            run(other, tmp_path / "out")
        assert files(tmp_path / "out") == before


@pytest.mark.slow
def test_results_of_other_pictures_are_kept_aside(tmp_path: Path) -> None:
    run(drawn(tmp_path / "a", 0, 9, 60), tmp_path / "out")
    before = files(tmp_path / "out")
    run(drawn(tmp_path / "b", 0, 70), tmp_path / "out", "overwrite=true")
    (aside,) = (tmp_path / "out" / "previous").iterdir()
    for name in ("rejected.jsonl", FILTERED):
        assert (aside / name).read_bytes() == before[name]
    assert (tmp_path / "out" / FILTERED).read_bytes() != before[FILTERED]


@pytest.mark.slow
def test_a_folder_of_pictures_inside_the_run_directory_moves_with_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(drawn(out / "pictures", 0, 9), out)["root"] == "pictures"
    shutil.move(out, tmp_path / "moved")
    (entry,) = RunDirectory(tmp_path / "moved").ledger
    assert entry.path == str(tmp_path / "moved/pictures/drawn/train/0.png")


def test_what_a_card_says_does_not_depend_on_how_the_folder_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(tmp_path / "a", 0, 9)
    monkeypatch.chdir(tmp_path)
    plans = [build(compose([f"images_dir={typed}"])) for typed in ("./a/", str(tmp_path / "a"))]
    assert plans[0].settings == plans[1].settings
    assert str(tmp_path) not in json.dumps(without_location(plans[1].settings))
    assert without_location(plans[0].settings)["source"].keys() == {"name", "revision", "fields"}


def test_paths_of_records_and_of_records_in_them_are_changed_and_nothing_else() -> None:
    image = ImageRecord(id="1", path="/data/a/1.png", dataset="/data/a", copies=("/data/b.png", "/other/c.png"))
    short = relative_to("/data", image)
    assert (short.path, short.copies, short.dataset) == ("a/1.png", ("b.png", "/other/c.png"), "/data/a")
    assert absolute_from("/data", short) == image
    words = {"bin": "A", "question": "/data/a/1.png", "options": None, "answer": "", "reasoning": ""}
    rest = {"evidence": (), "generator": "g", "created_from": "image", "seed": 0}
    qa = Qa(id="q", image="/data/a/1.png", image_id="1", dataset="d", images=(image,), **words, **rest)  # type: ignore[arg-type]
    entry = LedgerEntry(
        stage="s", verdict="rejected", kind="qa", id="q", path=qa.image, dataset="d", reasons=(), findings=(), record=qa
    )
    moved = relative_to("/data", entry)
    assert moved.record is not None
    assert (moved.path, moved.record.image, moved.record.question) == ("a/1.png", "a/1.png", "/data/a/1.png")
    assert [one.path for one in moved.record.images] == ["a/1.png"]
    assert absolute_from("/data", moved) == entry
    url = ImageRecord(id="1", path="s3://bucket/1.png", dataset="d")
    assert absolute_from("/data", relative_to("/data", url)) == url
    assert relative_to("", image) is image
    for root, rest in (("https://host", "get?from=https://other/1.png"), ("s3://bucket", "/1.png")):
        odd = ImageRecord(id="1", path=f"{root}/{rest}", dataset="d")
        assert absolute_from(root, relative_to(root, odd)) == odd
    assert relative_to("/data", {"path": "/data/1"}) == {"path": "/data/1"}
