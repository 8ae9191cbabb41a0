"""What the program costs above the bare OCR engine: python bench/overhead.py IMAGES_DIR [COUNT]

The same pictures in one process through rapidocr's own class in a loop (opened with cv2, read, nothing kept), and
through `memo.measure(RapidOcr)` (bytes verified, decoded, read, stored, read back). Both load their models within the
time. Once with one engine of one thread each, once as each comes by default. Aim: with one engine at most 1.05 times
the loop's seconds. The two take turns and the fastest round of each counts: other work on the machine only ever adds.
Then `binning/ocr=rapidocr` with both of its engines, where OpenVINO is installed, each in a process of its own: CPU
seconds, which a busy machine hardly changes, and the most memory that the process took.
"""

from __future__ import annotations

import dataclasses
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import cv2
from rapidocr import RapidOCR

from dcvlr.binning.ocr.rapidocr import RapidOcr
from dcvlr.identity import digest
from dcvlr.images.formats import SUFFIXES
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord

ROUNDS = 3
THREADS = "EngineConfig.onnxruntime.intra_op_num_threads"
QUIET: dict[str, object] = {"Global.log_level": "error"}


def find(folder: Path, count: int) -> list[ImageRecord]:
    """Evenly spread over all pictures below the folder; those that cv2 cannot open are left out."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    chosen = [path for path in paths[:: max(1, len(paths) // count)][:count] if cv2.imread(str(path)) is not None]
    return [ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="bench") for path in chosen]


def bare(settings: dict[str, object], records: list[ImageRecord], *, use_cls: bool) -> int:
    engine, lines = RapidOCR(params=settings), 0
    for record in records:
        found = engine(cv2.imread(record.path), use_det=True, use_cls=use_cls, use_rec=True)
        lines += len(found.txts or ())
    return lines


def through_memo(model: RapidOcr, records: list[ImageRecord]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        signals = Memo(Path(folder)).measure(model, records)
        return sum(len(signals[record.id].lines) for record in records)


def seconds(*ways: Callable[[], int]) -> list[tuple[float, int]]:
    """The fastest of several rounds of each way, and its number of lines; the ways take turns."""
    best = [(float("inf"), 0)] * len(ways)
    for _ in range(ROUNDS):
        for i, way in enumerate(ways):
            start = time.perf_counter()
            lines = way()
            best[i] = min(best[i], (time.perf_counter() - start, lines))
    return best


def report(title: str, loop: tuple[float, int], ours: tuple[float, int], count: int) -> None:
    for name, (time_s, lines) in (("bare loop", loop), ("memo.measure", ours)):
        print(f"{title:<22}{name:<14}{time_s:>9.2f}{count / time_s:>12.2f}{lines:>8}{time_s / loop[0]:>8.3f}")


def engine_row(engine: str, paths: list[str]) -> None:
    """Called in a process of its own: CPU seconds are those of all its threads, memory is its largest."""
    model = RapidOcr(engine=engine, language="en", min_score=0.6, max_side=2000, batch_size=16, engines=1)  # type: ignore[arg-type]
    records = [ImageRecord(id=digest(Path(path).read_bytes()), path=path, dataset="bench") for path in paths]
    through_memo(model, records[:1])
    start = time.process_time()
    lines = through_memo(model, records)
    cpu_s, most_mb = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{engine:<22}{cpu_s / len(records):>12.2f}{lines:>8}{most_mb:>10.0f}")


def both_engines(records: list[ImageRecord]) -> None:
    print(f"{'engine':<22}{'CPU s each':>12}{'lines':>8}{'MB':>10}", flush=True)
    for engine in ("onnxruntime", "openvino"):
        if find_spec(engine):
            process = get_context("spawn").Process(target=engine_row, args=(engine, [one.path for one in records]))
            process.start()
            process.join()


def main() -> None:
    records = find(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 24)
    single = RapidOcr(engine="onnxruntime", language="en", min_score=0.5, max_side=2000, batch_size=16, engines=1)
    default = dataclasses.replace(single, engines=0)
    bare(QUIET, records[:2], use_cls=True)  # imports, and files into the page cache
    through_memo(single, records[:2])
    print(f"{len(records)} pictures, fastest of {ROUNDS} rounds")
    print(f"{'engines':<22}{'way':<14}{'seconds':>9}{'pictures/s':>12}{'lines':>8}{'ratio':>8}")
    alike = {**QUIET, THREADS: 1, "Rec.rec_batch_num": 1}
    loop, ours = seconds(lambda: bare(alike, records, use_cls=False), lambda: through_memo(single, records))
    report("one, one thread each", loop, ours, len(records))
    loop, ours = seconds(lambda: bare(QUIET, records, use_cls=True), lambda: through_memo(default, records))
    report("as they come", loop, ours, len(records))
    both_engines(records)


if __name__ == "__main__":
    main()
