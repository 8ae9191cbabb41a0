"""A worker for test_many_workers.py: python many_workers.py FOLDER RANK SIZE PAUSE_S."""

from __future__ import annotations

import sys
from pathlib import Path

from fakes import Brightness, grey_picture

from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord

COUNT, CHUNK, BATCH = 40, 4, 2


def pictures(folder: Path) -> list[ImageRecord]:
    return [grey_picture(folder / f"{i:03d}.png", 60 + i) for i in range(COUNT)]


def main() -> None:
    folder, rank, size, pause_s = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    images = pictures(folder / f"pictures{rank}")
    model = Brightness(log=str(folder / "calls"), batch_size=BATCH, pause_s=pause_s)
    memo = Memo(folder / "checkpoints", worker=Worker(rank=rank, size=size), chunk_size=CHUNK)
    signals = memo.measure(model, images)
    values = " ".join(str(signals[image.id].value) for image in images)  # type: ignore[union-attr]
    (folder / f"values{rank}").write_text(values)


if __name__ == "__main__":
    main()
