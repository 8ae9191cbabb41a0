"""The statistics pass (read, check the digest, decode, hash, measure) against plain Pillow and imagehash.

    python bench/decode.py [number of pictures]

The pictures are drawn: clouds with fine grain, 1 to 2 megapixels, JPEG quality 70 to 95, every fifth progressive.
The ways take turns, 25 pictures at a time, so that whatever else the machine does slows all of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import imagehash
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from dcvlr.filtering.statistics.basic import BasicStatistics
from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.records import ImageRecord, ImageStatistics, Picture


def draw(folder: Path, count: int) -> list[ImageRecord]:
    rng = np.random.default_rng(0)
    records = []
    for index in range(count):
        width, height = (int(side) for side in np.sqrt(rng.uniform(1e6, 2e6)) * np.array([1.155, 0.866]))
        pixels = np.full((height, width, 3), 128.0, np.float32)
        for octave in range(1, 11):
            grid = rng.integers(0, 256, (2**octave, 2**octave, 3), dtype=np.uint8)
            layer = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
            pixels += (np.asarray(layer, np.float32) - 128) / 1.35**octave
        path = folder / f"{index:04}.jpg"
        image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        image.save(path, quality=int(rng.integers(70, 96)), progressive=index % 5 == 0)
        records.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="drawn"))
    return records


def plain(records: list[ImageRecord]) -> list[str]:
    hashes = []
    for record in records:
        with Image.open(record.path) as image:
            hashes.append(str(imagehash.phash(image)))
    return hashes


def inspected(records: list[ImageRecord], mode: str, threads: int) -> list[str]:
    """As the memo does it: `threads` decode ahead of the model. One thread: nothing runs beside anything."""
    model = BasicStatistics(hash_decode=mode, batch_size=16)

    def read(record: ImageRecord) -> Picture:
        picture = read_picture(record, model.decode)
        assert isinstance(picture, Picture)
        return picture

    if threads == 1:
        return [found.phash for found in in_batches(model, map(read, records))]
    with ThreadPoolExecutor(threads) as pool:
        return [found.phash for found in in_batches(model, pool.map(read, records))]


def in_batches(model: BasicStatistics, pictures: Iterable[Picture]) -> Iterator[ImageStatistics]:
    batch: list[Picture] = []
    for picture in pictures:
        batch.append(picture)
        if len(batch) == model.batch_size:
            yield from model(batch)
            batch = []
    yield from model(batch)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    ways: dict[str, Callable[[list[ImageRecord]], list[str]]] = {
        "Pillow + imagehash.phash": plain,
        "statistics, hash_decode=draft, 1 thread": lambda records: inspected(records, "draft", 1),
        "statistics, hash_decode=draft, 2 threads": lambda records: inspected(records, "draft", 2),
        "statistics, hash_decode=exact, 2 threads": lambda records: inspected(records, "exact", 2),
    }
    with TemporaryDirectory() as folder:
        records = draw(Path(folder), count)
        kilobytes = sum(Path(record.path).stat().st_size for record in records) / count / 1024
        table = Table(title=f"{count} JPEGs of 1 to 2 MP, {kilobytes:.0f} kB each")
        for heading in ("way", "images/s", "of plain", "hash bits off: none", "at most 2", "largest"):
            table.add_column(heading, justify="left" if heading == "way" else "right")
        seconds = dict.fromkeys(ways, 0.0)
        hashes: dict[str, list[str]] = {way: [] for way in ways}
        for run in ways.values():
            run(records[:5])  # imports and first touches
        for first in range(0, count, 25):
            for way, run in ways.items():
                start = time.perf_counter()
                hashes[way] += run(records[first : first + 25])
                seconds[way] += time.perf_counter() - start
        expected, base = hashes["Pillow + imagehash.phash"], seconds["Pillow + imagehash.phash"]
        for way, found in hashes.items():
            off = np.array([(int(a, 16) ^ int(b, 16)).bit_count() for a, b in zip(found, expected, strict=True)])
            row = (f"{count / seconds[way]:.0f}", f"{base / seconds[way]:.1f} x")
            table.add_row(way, *row, f"{np.mean(off == 0):.0%}", f"{np.mean(off <= 2):.0%}", str(off.max()))
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
