"""Pictures per second of the back ends against their libraries' own loops: python bench/models.py [--images 16] …

Three ways over the same drawn photographs (JPEG, 1600 x 1200) in one run, decoding included: `loop`, one picture per
call, opened in full, as a library's README has it; `batched`, the library handed as many at once as we are; `ours`,
`memo.measure` (bytes verified, shrunk while decoding, measured, stored, read back). A library that takes one picture
per call has no `batched`. Models are loaded and warm before the clock starts; the ways take turns, the fastest of
`--rounds` counts: other work on the machine only ever adds. Speed hardly depends on what the weights hold: where none
ship inside a package, an architecture of full size gets random ones (random_weights.py) in a temporary folder;
`--small` takes narrow ones, to try the script. Aim: ratio, ours to the faster of the other two, at least 0.95.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import library_ways
import numpy as np
import random_weights
from PIL import Image, ImageDraw

from dcvlr.config import compose, make
from dcvlr.identity import file_digest
from dcvlr.memo import Memo
from dcvlr.records import Failure, ImageRecord


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contest:
    """`key` is where the model stands in the config that `overrides` compose; `library` makes the other way."""

    overrides: Sequence[str]
    key: str
    library: Callable[[Any], library_ways.Way]  # of our model, whose weights, device and settings it takes
    weights: Callable[..., Path] | None = None
    batches: bool = True  # whether the library takes several pictures at once


def contests() -> dict[str, Contest]:
    """By the name that `--only` takes; the first word of the table's rows."""
    similarity = ("binning.similarity.images.model", "binning.similarity.images")
    return {
        "statistics": Contest(overrides=[], key="filtering.statistics", library=library_ways.statistics),
        "nudenet": Contest(overrides=[], key="filtering.nsfw.parts", library=library_ways.nudenet),
        "rapidocr": Contest(overrides=[], key="binning.ocr", library=library_ways.rapidocr, batches=False),
        "paddleocr": Contest(overrides=["binning/ocr=paddleocr"], key="binning.ocr", library=library_ways.paddleocr),
        "vit": Contest(
            overrides=["filtering/nsfw=vit", "filtering.nsfw.model={}"],
            key="filtering.nsfw",
            library=library_ways.vit,
            weights=random_weights.vit,
        ),
        "yolo": Contest(
            overrides=["binning/detector=yolo", "binning.detector.model={}"],
            key="binning.detector",
            library=library_ways.yolo,
            weights=random_weights.yolo,
        ),
        "detr": Contest(
            overrides=["binning/detector=detr", "binning.detector.model={}"],
            key="binning.detector",
            library=library_ways.detr,
            weights=random_weights.detr,
        ),
        "open_clip": Contest(
            overrides=[
                "binning/similarity=open_clip",
                f"{similarity[0]}=local-dir:{{}}",
                f"{similarity[1]}.pretrained=null",
            ],
            key=similarity[1],
            library=library_ways.open_clip,
            weights=random_weights.open_clip,
        ),
        "clip": Contest(
            overrides=["binning/similarity=clip", f"{similarity[0]}={{}}"],
            key=similarity[1],
            library=library_ways.clip,
            weights=random_weights.clip,
        ),
        "blip": Contest(
            overrides=["binning/captioner=blip", "binning.captioner.model={}", "binning.captioner.max_new_tokens=20"],
            key="binning.captioner",
            library=library_ways.blip,
            weights=random_weights.blip,
        ),
    }


def drawn(folder: Path, count: int) -> list[ImageRecord]:
    """JPEGs of 1600 x 1200: smooth noise, a few words; each is another picture."""
    chance, records = np.random.default_rng(0), []
    for index in range(count):
        coarse = chance.integers(0, 255, (30, 40, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((1600, 1200), Image.Resampling.BICUBIC)
        pen = ImageDraw.Draw(image)
        for row in range(6):
            pen.rectangle((90, 90 + 160 * row, 760, 170 + 160 * row), fill="white")
            pen.text((100, 100 + 160 * row), f"Position {index}.{row}   {index * row}.50", fill="black", font_size=50)
        path = folder / f"{index:04}.jpg"
        image.save(path, quality=90)
        records.append(ImageRecord(id=file_digest(path), path=str(path), dataset="bench"))
    return records


def ours(model: Any, warm: Sequence[ImageRecord], records: Sequence[ImageRecord]) -> float:
    """Seconds of a model that is loaded: `warm` are other pictures, measured before the clock starts."""
    with tempfile.TemporaryDirectory() as folder:
        memo = Memo(Path(folder))
        memo.measure(model, warm)
        start = time.perf_counter()
        signals = memo.measure(model, records)
        failed = [signal for signal in (signals[record.id] for record in records) if isinstance(signal, Failure)]
        seconds = time.perf_counter() - start
    if failed:
        raise SystemExit(f"{len(failed)} pictures failed, the first: {failed[0]}")
    return seconds


def theirs(measure: library_ways.Way, count: int, records: Sequence[ImageRecord]) -> float:
    paths = [record.path for record in records]
    start = time.perf_counter()
    for first in range(0, len(paths), count):
        measure(paths[first : first + count])
    return time.perf_counter() - start


def prepared(name: str, contest: Contest, options: argparse.Namespace, root: Path) -> Any:
    """Our model, as the config builds it, at its weights."""
    weights = contest.weights(root / name, small=options.small) if contest.weights else ""
    settings = [override.format(weights) for override in contest.overrides]
    if name == "paddleocr":
        folders = zip(("detection", "recognition"), _wheel_models()(root), strict=True)
        settings += [f"binning.ocr.{kind}_model_dir={folder}" for kind, folder in folders]
    return make(compose(["images_dir=none", f"device={options.device}", *settings]), contest.key)


def _wheel_models() -> Callable[[Path], tuple[Path, Path]]:
    """The weights of the rapidocr wheel as PaddleOCR wants them, the way the tests have them."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from tiny.paddle_ocr import paddle_ocr

    return paddle_ocr


def row(name: str, count: int, speed: dict[str, float]) -> str:
    best = max(value for way, value in speed.items() if way != "ours")
    columns = [f"{speed[way]:.2f}" if way in speed else "–" for way in ("loop", "batched", "ours")]
    return f"| {name} | {count} | {' | '.join(columns)} | {speed['ours'] / best:.2f} |"


def compare(model: Any, contest: Contest, records: Sequence[ImageRecord], options: argparse.Namespace) -> None:
    library, warm = contest.library(model), records[-1:]
    timed = records[:-1]
    theirs(library, 1, warm)
    for count in options.batch:
        sized = dataclasses.replace(model, batch_size=count)
        ways: dict[str, Callable[..., float]] = {
            "loop": partial(theirs, library, 1, timed),
            "ours": partial(ours, sized, warm, timed),
        }
        if contest.batches and count > 1:
            ways["batched"] = partial(theirs, library, count, timed)
        rounds = [{way: seconds() for way, seconds in ways.items()} for _ in range(options.rounds)]
        speed = {way: len(timed) / min(times[way] for times in rounds) for way in ways}
        print(row(options.name, count, speed), flush=True)


def main() -> None:
    known = contests()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=16, help="pictures to draw; at least the largest batch")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8, 32], help="batch sizes")
    parser.add_argument("--only", nargs="+", choices=known, default=list(known))
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda")
    parser.add_argument("--rounds", type=int, default=2, help="the fastest counts")
    parser.add_argument("--small", action="store_true", help="narrow networks, to try the script")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ.update(HF_HUB_OFFLINE="1", YOLO_CONFIG_DIR=folder, YOLO_OFFLINE="true", PADDLE_PDX_CACHE_HOME=folder)
        records = drawn(root, options.images + 1)  # one to warm up with
        print(f"{options.images} pictures of 1600 x 1200, pictures/s, fastest of {options.rounds} rounds")
        print("| back end | batch | loop | batched | ours | ratio |\n|---|---|---|---|---|---|")
        for name in options.only:
            options.name = name
            compare(prepared(name, known[name], options, root), known[name], records, options)


if __name__ == "__main__":
    main()
