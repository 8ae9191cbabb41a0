"""How long a rerun takes, and how much memory, when every signal is remembered: python bench/memo.py [N …]

Builds a synthetic run directory of N images (signals of every model that filtering and binning use), then runs both
stages over it in a fresh process, as a rerun with nothing left to measure does: once over chunk files, which it merges
into segments, and once over the segments. Aim of the latter: 1,000,000 images in 25 s and 0.5 GB.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import reduce
from itertools import cycle, islice
from operator import xor
from pathlib import Path
from typing import Any

from dcvlr.config import build, compose
from dcvlr.filtering.dedup.look import SIDE, Look
from dcvlr.identity import digest, identity
from dcvlr.memo import Memo
from dcvlr.memo.chunks import chunk_name, closed
from dcvlr.memo.memo import measured_models
from dcvlr.pipeline import Plan
from dcvlr.records import (
    Detection,
    Detections,
    ImageRecord,
    ImageStatistics,
    OcrLine,
    OcrResult,
    to_json,
)
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.rundir.record_list import RecordList

CHUNK = 64
DIFFERENT = 1000  # signals of a model
_RNG = random.Random(1)
CODE = [_RNG.getrandbits(64) for _ in range(26)]


def images(count: int) -> RecordList[ImageRecord]:
    """As a source lists them."""
    return RecordList(
        ImageRecord,
        (
            ImageRecord(id=digest(b"%d" % i), path=f"/data/photos/train/{i:08d}.jpg", dataset="photos")
            for i in range(count)
        ),
    )


def plan(folder: Path) -> Plan:
    settings = [f"output_dir={folder}", "images_dir=unused", "stages=[filtering,binning]"]
    return build(compose(settings))


def apart(number: int) -> str:
    """A hash that differs from that of every other number in 8 bits and more: a codeword of a linear code."""
    rows = (row for bit, row in enumerate(CODE) if number >> bit & 1)
    return f"{reduce(xor, rows, 0):016x}"


def signal(kind: type, number: int, rng: random.Random) -> Any:
    """Something of a usual size: a third of the pictures have text, and no two of them look alike."""
    if kind is ImageStatistics:
        return ImageStatistics(
            width=640,
            height=480,
            format="JPEG",
            phash=apart(number),
            content_phash=apart(number | 1 << 25),
            content_pixels=640 * 480,
            sharpness=123.4,
            brightness=0.5,
            entropy=7.1,
            corner_edge_ratio=0.1,
        )
    if kind is Look:
        cells, bits = rng.randbytes(SIDE * SIDE), rng.randbytes(32)
        return Look(cells=cells, bits=bits, paper=0.5, brightness=0.5, width=640, height=480)
    if kind is Detections:
        boxes = [(rng.uniform(0, 500), rng.uniform(0, 400)) for _ in range(rng.randrange(4))]
        objects = [Detection(label=None, score=0.8, box=(x, y, x + 100, y + 80)) for x, y in boxes]
        return Detections(width=640, height=480, objects=tuple(objects), labelled=False)
    if kind is OcrResult:
        tops = [20.0 * i for i in range(rng.choice((0, 1, 12)))]
        quads = [((10.0, y), (200.0, y), (200.0, y + 15), (10.0, y + 15)) for y in tops]
        lines = tuple(OcrLine(text="a line of text 12.50", score=0.98, quad=quad) for quad in quads)
        return OcrResult(width=640, height=480, lines=lines)
    raise AssertionError(kind)


def models(of: Plan) -> Iterator[Any]:
    filtering, binning = of.stages["filtering"], of.stages["binning"]
    looks = [look for finder in filtering.dedup.values() for look in finder.looks]  # type: ignore[attr-defined]
    for part in (filtering.statistics, *looks, filtering.nsfw, binning.ocr, binning.detector):  # type: ignore[attr-defined]
        yield from measured_models(part)


def signals(kind: type, count: int) -> Iterator[bytes]:
    """As they stand in a line; only hashes are of each picture its own."""
    rng = random.Random(0)
    if kind is ImageStatistics:
        yield from (to_json(signal(kind, number, rng)) for number in range(count))
        return
    yield from islice(cycle([to_json(signal(kind, 0, rng)) for _ in range(DIFFERENT)]), count)


def prepare(folder: Path, count: int) -> None:
    ids = [record.id for record in images(count)]
    for name, model in {f"{m.name}-{identity(m)}": m for m in models(plan(folder))}.items():
        chunks = folder / "checkpoints" / name
        chunks.mkdir(parents=True)
        lines = (
            b'{"id":"%s","signal":%s}\n' % (i.encode(), own)
            for i, own in zip(ids, signals(model.signal, count), strict=True)
        )
        for start in range(0, count, CHUNK):
            chunk = chunk_name(start // CHUNK, ids[start : start + CHUNK])
            (chunks / chunk).write_bytes(closed(b"".join(islice(lines, CHUNK)), model=name, name=chunk))


def rerun(folder: Path, count: int) -> None:
    """In the child process: both stages, then one line of figures."""
    memory_gb: list[float] = []
    threading.Thread(target=watch_memory, args=(memory_gb,), daemon=True).start()
    chunk_files = sum(1 for _ in (folder / "checkpoints").glob("*/*.jsonl"))
    begin = time.monotonic()
    memo, records = Memo(folder / "checkpoints"), images(count)
    listed = time.monotonic()
    for name, stage in plan(folder).stages.items():
        files = Folder(folder / "intermediate" / stage.folder)
        with (folder / f"{name}.rejected").open("wb") as file:
            records = stage(records, memo, Ledger(file, name), files)
    assert not any(memo.computed.values()), f"something was computed: {memo.computed}"
    now, cpu_s = time.monotonic(), sum(os.times()[:4])
    print(
        f"{count:>10,} {chunk_files:>12,} {now - listed:>10.1f} {listed - begin:>10.1f} {cpu_s:>10.1f} "
        f"{max(memory_gb):>10.2f} {len(records):>10,}"
    )


def watch_memory(seen: list[float]) -> None:
    """Note every second what this process and those that it forked hold, pages that they share once."""
    while True:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        seen.append(sum(map(proportional_gb, ["self", *children])))
        time.sleep(1.0)  # a look takes each process some milliseconds


def proportional_gb(process: str) -> float:
    try:
        return int(Path(f"/proc/{process}/smaps_rollup").read_text().partition("\nPss:")[2].split()[0]) / 1e6
    except (OSError, IndexError):  # it has ended
        return 0.0


def main() -> None:
    if sys.argv[1:2] == ["--rerun"]:
        rerun(Path(sys.argv[2]), int(sys.argv[3]))
        return
    columns = {
        "images": 10,
        "chunk files": 12,
        "rerun s": 10,
        "listing s": 10,
        "CPU s": 10,
        "peak GB": 10,
        "binned": 10,
    }
    print(" ".join(f"{title:>{width}}" for title, width in columns.items()), flush=True)
    for count in [int(word) for word in sys.argv[1:]] or [100_000, 1_000_000]:
        with tempfile.TemporaryDirectory(prefix="dcvlr-bench-") as folder:
            prepare(Path(folder), count)
            for _ in range(2):
                subprocess.run([sys.executable, __file__, "--rerun", folder, str(count)], check=True)


if __name__ == "__main__":
    main()
