"""A worker for test_many_workers.py: python many_workers.py FOLDER NAME RANK SIZE PAUSE_S TOGETHER.

Work begins when TOGETHER workers are up: on a busy machine one would else be done before the other has started.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from fakes import Brightness, grey_picture

from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.records import ImageRecord

COUNT, CHUNK, BATCH = 40, 4, 2


def pictures(folder: Path) -> list[ImageRecord]:
    return [grey_picture(folder / f"{i:03d}.png", 60 + i) for i in range(COUNT)]


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    rank, size, pause_s, together = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])
    images = pictures(folder / f"pictures-{name}")  # its own: what another worker writes may not be whole yet
    model = Brightness(log=str(folder / "calls"), batch_size=BATCH, pause_s=pause_s)
    memo = Memo(folder / "checkpoints", worker=Worker(rank=rank, size=size), chunk_size=CHUNK)
    (folder / f"up-{name}").touch()
    while len(list(folder.glob("up-*"))) < together:
        time.sleep(0.005)
    signals = memo.measure(model, images)
    values = " ".join(str(signals[image.id].value) for image in images)  # type: ignore[union-attr]
    (folder / f"values-{name}").write_text(values)


if __name__ == "__main__":
    main()
