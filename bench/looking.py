"""How long `dcvlr status`, `explain`, `report` and `diff` take, and how much memory: python bench/looking.py [N …]

Makes two synthetic runs of N pictures each (100,000), filtered and binned: one has rejected every second picture, the
other every third. Each command runs in a process of its own; seconds are those of the processor, since they depend less
on what else the machine does. Aim for 1,000,000 pictures: at most 60 s and 2 GB each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dcvlr.binning.outcome import BinnedLine
from dcvlr.identity import digest
from dcvlr.records import Finding, ImageRecord, ImageValues, ValueRule
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

TEXT = "a line of text 12.50\n" * 12
RULE = ValueRule(name="nsfw", key="filtering.nsfw_threshold", what="nsfw score", threshold=0.5, minimum=False)
LIMIT = ValueRule(name="num_text_boxes", key="binning.x", what="lines of text", threshold=2, minimum=True)


def image(number: int) -> ImageRecord:
    return ImageRecord(id=digest(b"%d" % number), path=f"/data/photos/train/{number:08d}.jpg", dataset="photos")


def make(run: Path, count: int, rejected_every: int) -> None:
    """The files that readers of a run look at."""
    (run / "manifest.json").parent.mkdir(parents=True)
    (run / "manifest.json").write_text(json.dumps({"status": "complete", "source": "/data", "root": "/data"}))
    folder = Folder(run / "intermediate/stage1_filtering", "/data")
    kept = [number for number in range(count) if number % rejected_every]
    folder.write_lines("filtered_images.jsonl", map(image, kept))
    folder.write_lines("values.jsonl", (filtered(number, rejected_every) for number in range(count)))
    folder.write_json("summary.json", {"stage": "filtering", "rules": [RULE]})
    with (run / "rejected.jsonl").open("wb") as file:
        ledger = Ledger(file, "filtering", "/data")
        for number in range(0, count, rejected_every):
            reason = f"nsfw score {value(number)} is above 0.5"
            finding = Finding(name="nsfw", passed=False, value=value(number), threshold=0.5, reason=reason)
            ledger.reject(image(number), [finding])
    binned = Folder(run / "intermediate/stage2_binning", "/data")
    binned.write_lines("all_binned_images.jsonl", map(line, kept))
    binned.write_lines("values.jsonl", map(sorted_into, kept))
    binned.write_json("summary.json", {"stage": "binning", "bins": [{"name": "A", "rules": [LIMIT]}]})


def value(number: int) -> float:
    return round(0.5 + number % 499 / 1000, 3)


def filtered(number: int, rejected_every: int) -> ImageValues:
    one, outcome = image(number), "kept" if number % rejected_every else "nsfw"
    return ImageValues(id=one.id, path=one.path, dataset="photos", outcome=outcome, values={"nsfw": value(number)})


def line(number: int) -> BinnedLine:
    one = image(number)
    return BinnedLine(
        id=one.id,
        path=one.path,
        dataset="photos",
        bin="A" if number % 5 else "C",
        num_text_boxes=12,
        text_area_ratio=0.2,
        num_objects=None,
        unique_classes=None,
        spatial_dispersion=None,
        clip_similarity=None,
        caption=None,
        ocr_text=TEXT,
        detected_objects=None,
    )


def sorted_into(number: int) -> ImageValues:
    one, values = image(number), {"num_text_boxes": 12.0, "text_area_ratio": 0.2}
    return ImageValues(id=one.id, path=one.path, dataset="photos", outcome="A" if number % 5 else "C", values=values)


def commands(folder: str, count: int) -> Iterator[tuple[str, list[str]]]:
    one, other = f"{folder}/one", f"{folder}/other"
    yield "status", ["status", one]
    yield "explain", ["explain", one, f"{count // 2:08d}.jpg"]
    yield "report", ["report", one]
    yield "diff", ["diff", one, other]


def main() -> None:
    print(f"{'pictures':>10} {'command':8} {'seconds':>8} {'CPU s':>8} {'peak GB':>8}", flush=True)
    for count in [int(word) for word in sys.argv[1:]] or [100_000]:
        with tempfile.TemporaryDirectory(prefix="dcvlr-bench-") as folder:
            make(Path(folder, "one"), count, 2)
            make(Path(folder, "other"), count, 3)
            for name, words in commands(folder, count):
                start = time.monotonic()
                child = subprocess.Popen([sys.executable, "-m", "dcvlr", *words], stdout=subprocess.DEVNULL)
                _, status, used = os.wait4(child.pid, 0)
                assert status == 0, f"{words} ended with {status}"
                cpu_s, seconds = used.ru_utime + used.ru_stime, time.monotonic() - start
                print(f"{count:>10,} {name:8} {seconds:>8.1f} {cpu_s:>8.1f} {used.ru_maxrss / 1e6:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
