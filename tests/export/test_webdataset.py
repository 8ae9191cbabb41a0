"""Tar shards, read with the webdataset package and with `datasets`."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from contracts.exporters import ExporterContract, Row, picture, qa
from PIL import Image

from dcvlr.errors import ConfigError
from dcvlr.export.webdataset import Webdataset
from dcvlr.records import Qa

pytestmark = [
    pytest.mark.slow,  # the package for reading loads torch
    # webdataset leaves the files it has read to be closed by the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

PICTURES = ("jpg", "png")


def samples(folder: Path) -> list[dict[str, Any]]:
    wds = pytest.importorskip("webdataset", reason="reading as a trainer does needs webdataset")
    urls = [str(path) for path in sorted(folder.glob("*.tar"))]
    return list(wds.WebDataset(urls, shardshuffle=False, empty_check=False))


class TestWebdataset(ExporterContract):
    @pytest.fixture
    def exporter(self) -> Webdataset:
        return Webdataset(solution="steps", max_shard_size="1MB")

    def rows(self, folder: Path) -> list[Row]:
        return [self.row(sample) for sample in samples(folder)]

    @staticmethod
    def row(sample: dict[str, Any]) -> Row:
        record = json.loads(sample["json"])
        shown = [sample[key] for key in sorted(sample) if key.rpartition(".")[2] in PICTURES]
        return Row(f"{record['problem']} {record['solution']}", shown)

    def test_a_sample_is_a_picture_and_its_whole_record(
        self, exporter: Webdataset, qas: list[Qa], tmp_path: Path
    ) -> None:
        exporter(qas, tmp_path / "out")
        with tarfile.open(tmp_path / "out/train-000000.tar") as shard:
            names = [(m.name, m.mtime, m.uid, m.uname) for m in shard.getmembers()]
        assert names[:4] == [("q1.png", 0, 0, ""), ("q1.json", 0, 0, ""), ("q2.png", 0, 0, ""), ("q2.json", 0, 0, "")]
        third = samples(tmp_path / "out")[2]
        record = json.loads(third["json"])
        assert (third["__key__"], record["image"], record["options"]) == ("q3", "q3.jpg", ["12.50", "9,00"])
        assert record["solution"].endswith("\n\n\\boxed{B}")
        assert record["problem"] == 'What is printed beside "Total"?\nA. 12.50\nB. 9,00'
        assert list(record) == [*Qa.__struct_fields__, "problem", "solution"]

    def test_datasets_gives_decoded_pictures(self, exporter: Webdataset, tmp_path: Path) -> None:
        datasets = pytest.importorskip("datasets", reason="loading as a trainer does needs datasets")
        exporter([qa(picture(tmp_path / "red.png"), index) for index in (1, 2)], tmp_path / "out")
        files, cache = [str(tmp_path / "out/train-000000.tar")], str(tmp_path / "cache")
        loaded = datasets.load_dataset("webdataset", data_files={"train": files}, split="train", cache_dir=cache)
        assert isinstance(loaded[1]["png"], Image.Image)
        assert (loaded[1]["png"].size, loaded[1]["json"]["answer"]) == ((12, 8), "12.50")


def test_no_shard_is_larger_than_asked_for_unless_one_sample_is(tmp_path: Path) -> None:
    Image.effect_noise((300, 300), 80).convert("RGB").save(tmp_path / "large.png")  # about 110 kB
    small, large = picture(tmp_path / "small.png"), tmp_path / "large.png"
    exporter = Webdataset(solution="steps", max_shard_size="50KB")
    exporter([qa(small, n) for n in range(30)] + [qa(large, 30), qa(small, 31)], tmp_path / "out")
    shards = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in shards] == [f"train-{n:06d}.tar" for n in range(len(shards))]
    held = []
    for path in shards:
        with tarfile.open(path) as shard:
            held.append([name for name in shard.getnames() if name.endswith(".json")])
    assert [len(names) for names in held] == [15, 15, 1, 1]
    assert held[2] == ["q30.json"]
    assert [path.stat().st_size <= 50_000 for path in shards] == [True, True, False, True]
    assert [sample["__key__"] for sample in samples(tmp_path / "out")] == [f"q{n}" for n in range(32)]


def test_a_wrong_size_is_refused_with_what_is_needed() -> None:
    with pytest.raises(ConfigError, match=r"^max_shard_size='big': a size is needed, such as 500MB"):
        Webdataset(solution="steps", max_shard_size="big")
