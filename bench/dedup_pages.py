"""What telling duplicates apart costs the filtering stage: drawn pages, one of twenty a copy of another.

    python bench/dedup_pages.py FOLDER [COUNT] [OVERRIDE…]

Pages are drawn into FOLDER, which is used again if it is there. Half of the pages share one of 20 layouts with hundreds
of others, half one of 400 with a dozen. The stage runs from nothing without a search for duplicates and with it, in
turn, each time in a process of its own; what is over is the price of telling them apart. Seconds are those of the
processor, of all threads together, the least of three rounds: what else the machine does makes them more. Without a
model for nudity, unless an override chooses one for both: filtering/nsfw=nudenet.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec
from dedup_truth import COPIES
from drawn_pages import KINDS, draw

from dcvlr.config import compose, make
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord, LedgerEntry
from dcvlr.rundir.files import Folder
from dcvlr.rundir.ledger import Ledger

DRAWN = [kind for kind in KINDS if kind != "scene"]  # a scene has no other content
COPY_KINDS = ("resized to 50 %", "JPEG 60", "brightness - 20 %", "grey", "border, black")
COPIES_IN = 20  # pages: one is a copy
COMMON_LAYOUTS, RARE_LAYOUTS = 20, 400
ROUNDS = 3


def draw_page(path: Path, number: int) -> None:
    """Page `number`; every twentieth is a copy of the one ten before it."""
    if path.exists():
        return
    is_copy = number % COPIES_IN == COPIES_IN - 1
    content = number - 10 if is_copy else number
    rng = random.Random(content)
    layout = rng.randrange(COMMON_LAYOUTS) if rng.random() < 0.5 else COMMON_LAYOUTS + rng.randrange(RARE_LAYOUTS)
    page = draw(DRAWN[layout % len(DRAWN)], layout, content)
    if is_copy:
        page = COPIES[COPY_KINDS[number // COPIES_IN % len(COPY_KINDS)]](page)
    page.save(path, quality=88)


def path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.jpg"


def draw_pages(folder: Path, start: int, stop: int) -> list[ImageRecord]:
    found = []
    for number in range(start, stop):
        path = path_of(folder, number)
        draw_page(path, number)
        found.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="bench"))
    return found


def run_stage(images: list[ImageRecord], overrides: list[str]) -> tuple[float, dict[str, int], set[str]]:
    """Seconds of the processor, what models computed, and the paths of duplicates."""
    if not _of_nsfw(overrides):
        overrides = [*overrides, "filtering/nsfw=none"]
    stage = make(compose(overrides), "filtering")
    with tempfile.TemporaryDirectory() as scratch:
        memo, ledger = Memo(Path(scratch) / "checkpoints"), io.BytesIO()
        start = time.process_time()
        stage(images, memo, Ledger(ledger, stage.name), Folder(Path(scratch) / "out"))
        seconds = time.process_time() - start
    entries = [msgspec.json.decode(line, type=LedgerEntry) for line in ledger.getvalue().splitlines()]
    return seconds, dict(memo.computed), {entry.path for entry in entries if "duplicate" in entry.reasons}


def _of_nsfw(overrides: list[str]) -> list[str]:
    return [override for override in overrides if override.startswith("filtering/nsfw=")]


def main() -> None:
    folder, rest = Path(sys.argv[1]), sys.argv[2:]
    count = int(rest.pop(0)) if rest and rest[0].isdigit() else 10_000
    folder.mkdir(parents=True, exist_ok=True)
    spawn = get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        starts = range(0, count, 100)
        parts = pool.map(draw_pages, *zip(*((folder, n, min(n + 100, count)) for n in starts), strict=True))
        images = list({image.id: image for part in parts for image in part}.values())
    results: dict[str, list[tuple[float, dict[str, int], set[str]]]] = {}
    for overrides in (["filtering/dedup=none", *_of_nsfw(rest)], rest) * ROUNDS:
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            found = pool.submit(run_stage, images, overrides).result()
        results.setdefault(" ".join(overrides) or "default", []).append(found)
    pairs = [
        {str(path_of(folder, number)), str(path_of(folder, number - 10))}
        for number in range(COPIES_IN - 1, count, COPIES_IN)
    ]
    least = {name: min(rounds, key=lambda one: one[0]) for name, rounds in results.items()}
    without = next(iter(least.values()))[0]
    for name, (seconds, computed, duplicates) in least.items():
        copies = sum(bool(pair & duplicates) for pair in pairs)
        wrong = len(duplicates - set().union(*pairs))
        price = f"{seconds:.1f} s, {seconds / without - 1:+.0%}"
        print(f"{name}: {price}; {copies} of {len(pairs)} copies found, {wrong} wrong")
        print("  computed:", msgspec.json.encode(computed).decode())


if __name__ == "__main__":
    main()
