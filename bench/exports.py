"""Rows a second and peak memory of exports, for numbers of rows that should not matter to the memory.

python bench/exports.py [parquet,rl,…] [10000,100000]: whole exports, card and croissant.json included, of so many
questions about 100 small pictures, each in a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from PIL import Image

from dcvlr.config import compose, make
from dcvlr.export.card import Origin, dataset_card
from dcvlr.export.folders import export_all
from dcvlr.identity import digest
from dcvlr.records import Evidence, Qa

_PICTURES = 100
_STEPS = "\n".join(f"{n}. The {n}th amount is {n}.50 [T{n}]." for n in range(1, 6))


@dataclass(frozen=True)
class Questions:
    """`count` questions, those of one picture together, made as they are asked for."""

    pictures: list[Path]
    count: int

    def __iter__(self) -> Iterator[Qa]:
        for number, path in enumerate(self.pictures):
            one = _question(path)
            of_this = range(number, self.count, len(self.pictures))
            yield from (replace(one, id=f"{index:032x}", question=f"What is amount {index}?") for index in of_this)


def _question(path: Path) -> Qa:
    evidence = tuple(Evidence(kind="text", ref=f"T{n}", box=(1.0, 2.0, 3.0, 4.0), text=f"{n}.50") for n in range(1, 6))
    return Qa(
        id="",
        image=str(path),
        image_id=digest(path.read_bytes()),
        dataset="bench",
        bin="A",
        question="",
        options=None,
        answer="5.50",
        reasoning=_STEPS,
        evidence=evidence,
        generator="computed/read",
        created_from="full features",
        seed=0,
    )


def one(name: str, count: int) -> None:
    """Export in this process, and print a line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = [Path(folder) / f"{index}.png" for index in range(_PICTURES)]
        for index, path in enumerate(pictures):
            Image.new("RGB", (64, 64), (index, 0, 0)).save(path)
        exporters = make(compose([f"export=[{name}]"]), "export")
        origin = Origin(parts={}, results={})
        start = time.monotonic()
        export_all(
            exporters, Path(folder) / "export", Questions(pictures, count), lambda qas: dataset_card(qas, origin)
        )  # type: ignore[arg-type]
        seconds = time.monotonic() - start
        size = sum(path.stat().st_size for path in (Path(folder) / "export").rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {name} | {count:,} | {count / seconds:,.0f} | {peak:,.0f} | {size / 1e6:,.0f} |", flush=True)


def main() -> None:
    names = sys.argv[1] if len(sys.argv) > 1 else "parquet,trl,rl,webdataset,jsonl,csv"
    counts = sys.argv[2] if len(sys.argv) > 2 else "10000,100000"
    print("| export | rows | rows/s | peak MB | written MB |\n|---|---|---|---|---|", flush=True)
    for name in names.split(","):
        for count in counts.split(","):
            subprocess.run([sys.executable, __file__, "--one", name, count], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main()
