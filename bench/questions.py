"""How many questions a run writes and proves a second where all text is remembered: python bench/questions.py [PAGES]

As after a change of quotas: the stages synthesis and validation, with all default checks, over drawn pages
(bench/made_scenes.py) whose lines were read, and read again, before; by one process, and by one for each core. --folder
keeps what was read and uses it again.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
from made_scenes import pages
from memo import CHUNK, watch_memory

from dcvlr.__main__ import OBJECTS_BETWEEN_COLLECTIONS
from dcvlr.config import build, compose, make
from dcvlr.execution.machine import free_cores
from dcvlr.identity import digest, identity
from dcvlr.memo import Memo
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.entries import CacheEntry
from dcvlr.records import BinCriteria, BinnedImage, ImageRecord, OcrResult, Readings, to_json
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger
from dcvlr.validation.checks.reread import printed_line

DIFFERENT = 400  # pages; each stands for several pictures, of which other questions are drawn
SETTINGS = ["images_dir=unused", "stages=[synthesis,validation]", "synthesis.generator.qa_per_image=20"]
NO_DETECTOR = "synthesis.detector=null"  # of a page that offers no question it would be asked for objects
COLUMNS = {"pages": 8, "processes": 11, "written": 9, "proven": 8, "CPU s": 8, "clock s": 9, "a second": 10}
COLUMNS |= {"written s": 11, "peak GB": 9}


def images(count: int) -> list[ImageRecord]:
    return [ImageRecord(id=digest(b"%d" % n), path=f"/data/{n}.png", dataset="drawn") for n in range(count)]


def prepare(folder: Path, count: int) -> None:
    """The checkpoints that the run before left."""
    drawn = [to_json(scene.text) for scene in pages(min(count, DIFFERENT))]
    texts = [msgspec.json.decode(text, type=OcrResult) for text in drawn]
    read = [(image, texts[n % len(texts)]) for n, image in enumerate(images(count))]
    looks = {line.text: Readings(looks=((line.text, 1.0),)) for text in texts for line in text.lines}
    ocr = make(compose([]), "binning.ocr")
    remember(folder, ocr, read)
    again = ((printed_line(image, line), looks[line.text]) for image, text in read for line in text.lines)
    remember(folder, ocr.again, list(again))


def remember(folder: Path, model: Any, results: Sequence[tuple[Any, object]]) -> None:
    entry = CacheEntry(model, folder / "checkpoints" / f"{model.name}-{identity(model)}")
    for start in range(0, len(results), CHUNK):
        some = results[start : start + CHUNK]
        entry.keep(chunk_name(start // CHUNK, (item.id for item, _ in some)), some)


def rerun(folder: Path, count: int) -> None:
    """In the child process: both stages, then one line of figures."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    plan = build(compose([f"output_dir={folder}", *SETTINGS, NO_DETECTOR]))
    memory_gb: list[float] = []
    threading.Thread(target=watch_memory, args=(memory_gb,), daemon=True).start()
    memo, criteria = Memo(folder / "checkpoints"), BinCriteria(num_text_boxes=0, text_area_ratio=0.0)
    records: Sequence[Any] = [BinnedImage(image=image, bin="A", criteria=criteria) for image in images(count)]
    begin, used, made, ends = time.monotonic(), sum(os.times()[:4]), list[int](), list[float]()
    for name, stage in plan.stages.items():
        files = Folder(folder / "intermediate" / stage.folder)
        with (folder / f"{name}.rejected").open("wb") as file:
            records = stage(records, memo, Ledger(file, name), files)
        made.append(len(records))
        ends.append(time.monotonic() - begin)
    assert not any(memo.computed.values()), f"something was computed: {memo.computed}"
    cpu_s = sum(os.times()[:4]) - used
    print(
        f"{count:>8,} {free_cores():>11} {made[0]:>9,} {made[1]:>8,} {cpu_s:>8.1f} {ends[1]:>9.1f} "
        f"{made[1] / ends[1]:>10,.0f} {ends[0]:>11.1f} {max(memory_gb):>9.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=int, nargs="?", default=2000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rerun", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.rerun:
        rerun(asked.folder, asked.pages)
        return
    print(" ".join(f"{title:>{width}}" for title, width in COLUMNS.items()), flush=True)
    with nullcontext(asked.folder) if asked.folder else tempfile.TemporaryDirectory(prefix="dcvlr-bench-") as kept:
        folder = Path(kept) / str(asked.pages)
        if not folder.exists():
            prepare(folder, asked.pages)
        for processes in sorted({1, free_cores()}):
            command = [sys.executable, __file__, "--rerun", "--folder", str(folder), str(asked.pages)]
            subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": str(processes)})


if __name__ == "__main__":
    main()
