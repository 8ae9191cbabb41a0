"""Runs side by side at Weights & Biases, by its own client."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from dcvlr.errors import require_package
from dcvlr.settings import checked
from dcvlr.trackers.tracked_run import TrackedRun


@dataclass(frozen=True, kw_only=True)
@checked
class WeightsAndBiases:
    """A run of `project` with the settings as its config and the numbers as its summary.

    The key is the client's own business: `wandb login`, or its environment variable WANDB_API_KEY.
    """

    name: ClassVar[str] = "wandb"

    project: str
    entity: str | None
    mode: Literal["online", "offline"]
    log_dir: str

    def check_ready(self) -> None:
        require_package("wandb", extra="wandb", owner="trackers=wandb")

    def __call__(self, run: TrackedRun) -> None:
        import wandb

        Path(self.log_dir).mkdir(parents=True, exist_ok=True)  # the client would take another folder
        wandb.setup(settings=wandb.Settings(silent=True))
        with wandb.init(
            project=self.project,
            entity=self.entity,
            mode=self.mode,
            dir=self.log_dir,
            name=run.name,
            config=dict(run.settings),
            settings=wandb.Settings(silent=True, disable_git=True, disable_code=True, x_disable_stats=True),
        ) as record:
            record.summary.update(dict(run.metrics))
