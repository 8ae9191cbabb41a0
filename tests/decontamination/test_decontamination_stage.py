from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ledgers import run_stage
from pictures import make_pictures

from dcvlr.cli.build_pack import main
from dcvlr.decontamination.pack import Header, Item, Pack, write_pack
from dcvlr.decontamination.stage import Decontamination, KnownPictures
from dcvlr.errors import ConfigError
from dcvlr.filtering.statistics.basic import BasicStatistics
from dcvlr.identity import file_digest
from dcvlr.records import ImageRecord, LedgerEntry

STATISTICS = BasicStatistics(hash_decode="draft", batch_size=8)


def stage(*packs: Path, **changes: Any) -> Decontamination:
    return Decontamination(
        **{"statistics": STATISTICS, "packs": [str(path) for path in packs], "phash_threshold": 8, **changes}
    )


@pytest.fixture
def train(tmp_path: Path) -> Path:
    return make_pictures(tmp_path / "pictures") / "drawn__by" / "train"


def records(*paths: Path) -> list[ImageRecord]:
    return [ImageRecord(id=file_digest(path), path=str(path), dataset="drawn/by") for path in paths]


def run(step: Decontamination, images: list[ImageRecord], folder: Path) -> tuple[list[ImageRecord], list[LedgerEntry]]:
    kept, entries, _ = run_stage(step, images, folder)
    return kept, entries


def test_pictures_of_a_benchmark_go_out_with_the_nearest_item(train: Path, tmp_path: Path) -> None:
    benchmark = tmp_path / "bench" / "figures" / "train"
    benchmark.mkdir(parents=True)
    (benchmark / "7.png").write_bytes((train / "red.png").read_bytes())
    assert main(["name=shapes", f"source={tmp_path / 'bench'}", f"output={tmp_path / 'shapes'}"]) == 0
    step = stage(tmp_path / "shapes")
    step.check_ready()
    images = records(train / "blue.png", train / "receipt_1.png", train / "red.png")
    kept, (entry,) = run(step, images, tmp_path / "run")
    assert kept == images[:2]
    assert (entry.stage, entry.verdict, entry.kind, entry.reasons) == (
        "decontamination",
        "rejected",
        "image",
        ("benchmark",),
    )
    (finding,) = entry.findings
    assert (finding.value, finding.threshold) == (0, 8)
    assert finding.reason == "differs from figures/train/7.png of the benchmark shapes in 0 of 64 bits of the hash"
    assert json.loads((tmp_path / "run" / "summary.json").read_text()) == {
        "stage": "decontamination",
        "total_input": 3,
        "total_clean": 2,
        "rejected": {"benchmark": 1},
        "benchmarks": {"shapes": 1},
    }


def test_a_threshold_is_free_of_model_calls_and_strict() -> None:
    items = [Item(id="near", phash=f"{0b111:016x}"), Item(id="far", phash="f" * 16)]
    known = KnownPictures([Pack(Header(name="b", words=3, statistics=""), items)])
    (three,) = known.hits([0], 4)
    assert three is not None
    assert (three.distance, three.item) == (3, "near")
    assert known.hits([0], 3) == [None]
    assert KnownPictures([]).hits([0, 1], 8) == [None, None]


def test_a_picture_that_cannot_be_read_is_rejected_as_such(train: Path, tmp_path: Path) -> None:
    write_pack(tmp_path / "p", Pack(Header(name="b", words=3, statistics=""), [Item(id="x", phash="0" * 16)]))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    kept, (entry,) = run(stage(tmp_path / "p"), records(broken, train / "red.png"), tmp_path / "run")
    assert len(kept) == 1
    assert (entry.verdict, entry.reasons) == ("rejected", ("unreadable",))


def test_wrong_packs_are_refused_before_work_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"packs=\[\]: give the files"):
        stage().check_ready()
    with pytest.raises(ConfigError, match="cannot be read"):
        stage(tmp_path / "none").check_ready()
    write_pack(tmp_path / "p", Pack(Header(name="b", words=3, statistics="another"), []))
    with pytest.raises(ConfigError, match=r"was hashed with another filtering.statistics"):
        stage(tmp_path / "p").check_ready()
    with pytest.raises(ConfigError, match="phash_threshold=40: a whole number from 1 to 20"):
        stage(phash_threshold=40)
