"""Several sources in one run."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from contracts.sources import SourceContract
from PIL import Image

from dcvlr.config import compose, make
from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.metadata.gold import gold_questions
from dcvlr.records import ImageRecord
from dcvlr.rundir.belonging import result_settings, without_location
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import ImageFolder
from dcvlr.source.jsonl import JsonlRows
from dcvlr.source.several import Several


def folder(images_dir: Path, num_images: int | None = None) -> ImageFolder:
    digests = FileDigest(batch_size=8, threads=2)
    return ImageFolder(images_dir=str(images_dir), layout="auto", num_images=num_images, seed=0, digest=digests)


def run(source: Several, tmp_path: Path) -> list[ImageRecord]:
    return source(Memo(tmp_path / "checkpoints"), Ledger(io.BytesIO(), "source"))


@pytest.fixture
def two(tmp_path: Path) -> dict[str, ImageFolder]:
    for name, count in (("shop", 6), ("web", 4)):
        (tmp_path / name).mkdir()
        for index in range(count):
            Image.new("RGB", (8, 6 + index), "red" if name == "shop" else "blue").save(tmp_path / name / f"{index}.png")
    (tmp_path / "web/same.png").write_bytes((tmp_path / "shop/0.png").read_bytes())
    return {"web": folder(tmp_path / "web"), "shop": folder(tmp_path / "shop")}


class TestSeveral(SourceContract):
    @pytest.fixture
    def source(self, two: dict[str, ImageFolder]) -> Several:
        return Several(sources=two, shares=None, num_images=None)


def test_a_picture_that_two_sources_have_is_one(two: dict[str, ImageFolder], tmp_path: Path) -> None:
    images = run(Several(sources=two, shares=None, num_images=None), tmp_path)
    assert len(images) == 10
    assert (images[0].path, images[0].dataset) == (str(tmp_path / "shop/0.png"), "shop")
    assert images[0].copies == (str(tmp_path / "web/same.png"),)


def test_the_copies_that_each_source_found_are_copies_of_the_one(two: dict[str, ImageFolder], tmp_path: Path) -> None:
    content = (tmp_path / "shop/0.png").read_bytes()
    for name in ("shop/again.png", "web/twice.png"):
        (tmp_path / name).write_bytes(content)
    images = run(Several(sources=two, shares=None, num_images=None), tmp_path)
    assert images[0].copies == tuple(
        str(tmp_path / name) for name in ("shop/again.png", "web/same.png", "web/twice.png")
    )


def test_a_picture_that_two_sources_have_rows_about_keeps_the_questions_of_both(tmp_path: Path) -> None:
    digests = FileDigest(batch_size=8, threads=2)
    sources, rows = {}, str(tmp_path / "rows")
    for name in ("shop", "web"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (8, 6), "red").save(tmp_path / name / "red.png")
        line = {"image": "red.png", "question": f"What does the {name} ask?", "answer": "red"}
        (tmp_path / name / "data.jsonl").write_text(json.dumps(line))
        file = str(tmp_path / name / "data.jsonl")
        sources[name] = JsonlRows(
            images_dir=file,
            image_key=None,
            image_folder=None,
            folder=rows,
            num_images=None,
            seed=0,
            digest=digests,
        )
    (image,) = run(Several(sources=sources, shares=None, num_images=None), tmp_path)
    asked = [gold.question for gold in gold_questions([image])[image.id]]
    assert sorted(asked) == ["What does the shop ask?", "What does the web ask?"]


def test_results_name_pictures_from_the_folder_that_all_share(two: dict[str, ImageFolder], tmp_path: Path) -> None:
    assert Several(sources=two, shares=None, num_images=None).root == str(tmp_path)
    elsewhere = {"shop": folder(tmp_path), "web": replace(folder(tmp_path), images_dir="s3://bucket/web")}
    assert Several(sources=elsewhere, shares=None, num_images=None).root == ""


@pytest.mark.parametrize(
    ("num_images", "shares", "shop", "web"),
    [(4, None, 2, 2), (5, {"shop": 3, "web": 1}, 4, 1), (3, {"shop": 0, "web": 1}, 0, 3), (20, None, 6, 4)],
)
def test_a_number_is_shared_out(
    two: dict[str, ImageFolder], tmp_path: Path, num_images: int, shares: dict[str, float] | None, shop: int, web: int
) -> None:
    (tmp_path / "web/same.png").unlink()
    images = run(Several(sources=two, shares=shares, num_images=num_images), tmp_path)
    assert [sum(image.dataset == name for image in images) for name in ("shop", "web")] == [shop, web]


def test_a_source_gives_no_more_than_its_own_cap(two: dict[str, ImageFolder], tmp_path: Path) -> None:
    capped = {"shop": folder(tmp_path / "shop", 1), "web": folder(tmp_path / "web", 2)}
    assert Several(sources=capped, shares=None, num_images=None).count() == 3
    assert Several(sources=capped, shares=None, num_images=10).count() == 3


@pytest.mark.parametrize(
    ("shares", "num_images", "words"),
    [
        ({"shop": 1.0}, 5, "shares=.*a number from 0 for each of web, shop is needed"),
        ({"shop": -1.0, "web": 2.0}, 5, "a number from 0"),
        ({"shop": 0.0, "web": 0.0}, 5, "not 0 for all"),
        ({"shop": 1.0, "web": 2.0}, None, "they share out num_images, which is null"),
    ],
)
def test_shares_that_share_nothing_out_are_refused(
    two: dict[str, ImageFolder], shares: dict[str, float], num_images: int | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        Several(sources=two, shares=shares, num_images=num_images)


def test_sources_are_added_on_the_command_line_by_name() -> None:
    words = ["source=several", "+source@source.sources.shop=folder", "source.sources.shop.images_dir=shop"]
    words += ["source.sources.shop.num_images=10000", "+source@source.sources.docs=webdataset"]
    source = make(compose([*words, "source.sources.docs.images_dir=s3://bucket/docs"]), "source")
    assert {name: type(one).__name__ for name, one in source.sources.items()} == {
        "shop": "ImageFolder",
        "docs": "WebdatasetShards",
    }
    assert source.sources["shop"].num_images == 10000
    assert source.location.startswith("docs: shards of s3://bucket/docs; shop: /")


def test_a_source_of_which_nothing_can_be_read_ends_no_run(two: dict[str, ImageFolder], tmp_path: Path) -> None:
    rows = JsonlRows(
        images_dir=str(tmp_path / "rows.jsonl"),
        image_key=None,
        image_folder=None,
        folder=str(tmp_path / "of_rows"),
        num_images=None,
        seed=0,
        digest=FileDigest(batch_size=8, threads=2),
    )
    (tmp_path / "rows.jsonl").write_text('{"image": ""}\n')
    images = run(Several(sources={**two, "rows": rows}, shares=None, num_images=None), tmp_path)
    assert len(images) == 10
    with pytest.raises(ConfigError, match="no picture of rows could be read"):
        run(Several(sources={"rows": rows}, shares=None, num_images=None), tmp_path)


def test_without_a_source_it_says_how_to_add_one() -> None:
    with pytest.raises(ConfigError, match=r"source\.sources=.*\+source@source\.sources\.<name>=folder"):
        _ = make(compose(["source=several"]), "source").location


def test_settings_of_several_sources_say_where_they_lie_in_the_location_alone(two: dict[str, ImageFolder]) -> None:
    signed = {**two, "folder": replace(two["web"], images_dir="https://host/list.txt?signature=secret")}
    source = Several(sources=signed, shares=None, num_images=None)
    settings = result_settings(source.location, source, {}, {})
    assert "secret" not in str(settings)
    assert str(two["web"].images_dir) not in str(without_location(settings))
    assert settings["source"]["fields"]["sources"]["folder"]["fields"]["layout"] == "auto"
