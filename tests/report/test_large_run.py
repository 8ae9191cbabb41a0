"""The page of 10,000 pictures that are hard to compress, and of 20,000 questions."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from report.test_audit import qa

from dcvlr.identity import digest
from dcvlr.records import Finding, ImageValues, LedgerEntry, ValueRule
from dcvlr.report.page import write_report
from dcvlr.rundir.files import write_json, write_lines

PICTURES, QUESTIONS = 10_000, 20_000
NAMES = ("min_resolution", "min_entropy", "nsfw", "blur")


@pytest.mark.slow
def test_a_page_of_ten_thousand_pictures_is_below_15_mb(tmp_path: Path) -> None:
    made_run(tmp_path, pictures(tmp_path / "images"))
    start = time.process_time()
    path = write_report(tmp_path, "full", {})
    seconds = time.process_time() - start
    assert path.stat().st_size < 15_000_000
    assert seconds < 60
    page = path.read_text()
    assert '"count":10000,"total":10000' in page, "counts are over all pictures, not over a sample"
    assert page.count('"src":"data:image/jpeg') > 300


def pictures(folder: Path) -> list[tuple[str, str]]:
    """Id and name below `folder` of noise of 300 by 300 pixels; bytes behind a JPEG's end make each another picture."""
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(noise).save(encoded, "JPEG", quality=40)
    made = []
    for index in range(PICTURES):
        content = encoded.getvalue() + index.to_bytes(4, "big")
        (folder / f"{index:05d}.jpg").write_bytes(content)
        made.append((digest(content), f"{index:05d}.jpg"))
    return made


def made_run(run: Path, images: list[tuple[str, str]]) -> None:
    """A finished run of which a fifth was rejected for one of four reasons."""
    rules = [ValueRule(name=name, key=f"filtering.{name}", what=name, threshold=20.0, minimum=True) for name in NAMES]
    rows, entries = [], []
    for index, (image_id, path) in enumerate(images):
        values = {name: float((index * (column + 3)) % 100) for column, name in enumerate(NAMES)}
        lost = next((name for name in NAMES if values[name] < 20), None) if index % 2 else None
        rows.append(ImageValues(id=image_id, path=path, dataset="made", outcome=lost or "kept", values=values))
        if lost is not None:
            finding = Finding(name=lost, passed=False, value=values[lost], threshold=20.0, reason=f"{lost} is low")
            entries.append(
                LedgerEntry(
                    stage="filtering",
                    verdict="rejected",
                    kind="image",
                    id=image_id,
                    path=path,
                    dataset="made",
                    reasons=(lost,),
                    findings=(finding,),
                )
            )
    stage = run / "intermediate" / "stage1_filtering"
    write_lines(stage / "values.jsonl", rows)
    write_json(stage / "summary.json", {"stage": "filtering", "rules": rules})
    write_lines(run / "rejected.jsonl", entries)
    one = replace(qa("q", "sum"), reasoning="1. The tea is 1.80 [T1].\n" * 6)
    write_lines(
        run / "synthetic_qa_dataset.jsonl",
        (
            replace(
                one,
                id=f"q{n}",
                image=images[n % PICTURES][1],
                image_id=images[n % PICTURES][0],
                question=f"How much is item {n}?",
            )
            for n in range(QUESTIONS)
        ),
    )
    write_json(run / "manifest.json", {"status": "complete", "source": "made", "root": "images", "python": "3.11"})
