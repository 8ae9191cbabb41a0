"""Runs side by side in TensorBoard, written by tensorboardX: no torch, no server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dcvlr.errors import require_package
from dcvlr.settings import checked
from dcvlr.trackers.tracked_run import TrackedRun


@dataclass(frozen=True, kw_only=True)
@checked
class TensorBoard:
    """Event files in `log_dir/<run>`, those of an earlier run of that name replaced: scalars and hyperparameters."""

    name: ClassVar[str] = "tensorboard"

    log_dir: str

    def check_ready(self) -> None:
        require_package("tensorboardX", extra="tensorboard", owner="trackers=tensorboard")

    def __call__(self, run: TrackedRun) -> None:
        from tensorboardX import SummaryWriter
        from tensorboardX.summary import hparams

        folder = Path(self.log_dir) / run.name
        for earlier in folder.glob("events.out.tfevents.*"):
            earlier.unlink()
        with SummaryWriter(str(folder)) as writer:
            for name, value in run.metrics.items():
                writer.add_scalar(name, value, 0)
            # `writer.add_hparams` opens a second file, which has the same name in the same second.
            for summary in hparams(dict(run.settings), dict(run.metrics)):
                writer.file_writer.add_summary(summary)
