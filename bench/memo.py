"""How long a rerun takes, and how much memory, when every signal is remembered: python bench/memo.py [N …]

Builds a synthetic run directory of N images (signals of every model that filtering and binning use, in the segments
that a run merges its chunks into), then runs both stages over it in a fresh process, as a rerun with nothing left to
measure does. Aim: 1,000,000 images in 25 s and 0.5 GB. With --merge they are in chunk files, and a first rerun merges
them. --folder keeps FOLDER/N and uses it again; --prepare only builds it, so that the rerun can be timed alone.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import lru_cache, reduce
from itertools import accumulate, islice
from operator import xor
from pathlib import Path
from typing import Any

from dcvlr.binning.text_numbers import TEXT_NUMBERS
from dcvlr.config import build, compose
from dcvlr.filtering.dedup.look import SIDE, Look
from dcvlr.identity import digest, identity
from dcvlr.memo import Memo
from dcvlr.memo.chunks import chunk_name, closed, line_decoder
from dcvlr.memo.memo import measured_models
from dcvlr.memo.readings import SignalReadings
from dcvlr.memo.runner import MOST_FILES
from dcvlr.memo.segments import ChunkContent, Segments
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
COLUMNS = {
    "images": 10,
    "chunk files": 12,
    "rerun s": 10,
    "listing s": 10,
    "CPU s": 10,
    "peak GB": 10,
    "binned": 10,
}
_RNG = random.Random(1)
CODE = [_RNG.getrandbits(64) for _ in range(26)]


def image_id(number: int) -> str:
    return digest(b"%d" % number)


def images(count: int) -> RecordList[ImageRecord]:
    """As a source lists them."""
    return RecordList(
        ImageRecord,
        (ImageRecord(id=image_id(i), path=f"/data/photos/train/{i:08d}.jpg", dataset="photos") for i in range(count)),
    )


def plan(folder: Path) -> Plan:
    settings = [f"output_dir={folder}", "images_dir=unused", "stages=[filtering,binning]"]
    return build(compose(settings))


def apart(number: int) -> str:
    """A hash that differs from that of every other number in 8 bits and more: a codeword of a linear code."""
    low = number & 0xFFF
    return f"{codeword(low) ^ codeword(number - low):016x}"


@lru_cache(1 << 16)
def codeword(number: int) -> int:
    return reduce(xor, (row for bit, row in enumerate(CODE) if number >> bit & 1), 0)


def signal(kind: type, number: int, rng: random.Random, look_side: int) -> Any:
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
        cells, bits = rng.randbytes(look_side**2), rng.randbytes(32)
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


def chunks(model: Any, name: str, count: int, look_side: int) -> Iterator[ChunkContent]:
    """As a run leaves them; only ids and hashes are of each picture its own."""
    rng = random.Random(0)
    hashes = model.signal is ImageStatistics
    others = [] if hashes else [to_json(signal(model.signal, 0, rng, look_side)) for _ in range(DIFFERENT)]
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        ids = [image_id(number) for number in numbers]
        found = (to_json(signal(model.signal, n, rng, look_side)) if hashes else others[n % DIFFERENT] for n in numbers)
        lines = [b'{"id":"%s","signal":%s}\n' % (i.encode(), own) for i, own in zip(ids, found, strict=True)]
        chunk = chunk_name(start // CHUNK, ids)
        offsets = accumulate(map(len, lines[:-1]), initial=0)
        yield chunk, closed(b"".join(lines), model=name, name=chunk), list(zip(ids, offsets, strict=True))


def prepare(folder: Path, count: int, merged: bool, look_side: int) -> None:
    """The checkpoints of a run; a model at a time, by a process for each core. Then what is read off the segments."""
    different = {f"{m.name}-{identity(m)}": m for m in models(plan(folder))}
    with ProcessPoolExecutor() as pool:
        made = [pool.submit(prepare_model, folder, name, m, count, merged, look_side) for name, m in different.items()]
    assert all(one.result() is None for one in made)
    text = plan(folder).stages["binning"].ocr  # type: ignore[attr-defined]
    SignalReadings(Memo(folder / "checkpoints").measure(text, images(1)), TEXT_NUMBERS)


def prepare_model(folder: Path, name: str, model: Any, count: int, merged: bool, look_side: int) -> None:
    own = folder / "checkpoints" / name
    own.mkdir(parents=True)
    rest = chunks(model, name, count, look_side)
    for _ in range(0, count if merged else 0, CHUNK * MOST_FILES):
        Segments(own / "segments", name, line_decoder(model.signal)).write(islice(rest, MOST_FILES))
    for chunk, content, _ in rest:
        (own / chunk).write_bytes(content)


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", metavar="N", default=[100_000, 1_000_000])
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--small-looks", action="store_true", help="of 0.3 kB instead of 3: a rerun only verifies them")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--rerun", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.rerun:
        rerun(asked.folder, *asked.counts)
        return
    if not asked.prepare:
        print(" ".join(f"{title:>{width}}" for title, width in COLUMNS.items()), flush=True)
    for count in asked.counts:
        with nullcontext(asked.folder) if asked.folder else tempfile.TemporaryDirectory(prefix="dcvlr-bench-") as kept:
            folder = Path(kept) / str(count)
            if not folder.exists():
                prepare(folder, count, merged=not asked.merge, look_side=8 if asked.small_looks else SIDE)
            for _ in range(0 if asked.prepare else 2 if asked.merge else 1):
                subprocess.run([sys.executable, __file__, "--rerun", "--folder", str(folder), str(count)], check=True)


if __name__ == "__main__":
    main()
