"""Runs side by side in MLflow, by its own client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dcvlr.errors import require_package
from dcvlr.settings import checked
from dcvlr.trackers.tracked_run import TrackedRun

_MOST_AT_ONCE = 100  # parameters of one request: https://mlflow.org/docs/latest/rest-api.html#request-limits
_LONGEST = 6000  # characters of a parameter


@dataclass(frozen=True, kw_only=True)
@checked
class Mlflow:
    """A run of `experiment`, which is made where it is missing, with the settings as parameters."""

    name: ClassVar[str] = "mlflow"

    tracking_uri: str
    experiment: str

    def check_ready(self) -> None:
        require_package("mlflow", extra="mlflow", owner="trackers=mlflow")

    def __call__(self, run: TrackedRun) -> None:
        from mlflow import MlflowClient
        from mlflow.entities import Metric, Param

        client = MlflowClient(tracking_uri=self.tracking_uri)
        found = client.get_experiment_by_name(self.experiment)
        experiment_id = client.create_experiment(self.experiment) if found is None else found.experiment_id
        run_id = client.create_run(experiment_id, run_name=run.name).info.run_id
        parameters = [Param(key, value[:_LONGEST]) for key, value in run.settings.items()]
        for first in range(0, len(parameters), _MOST_AT_ONCE):
            client.log_batch(run_id, params=parameters[first : first + _MOST_AT_ONCE])
        client.log_batch(run_id, metrics=[Metric(key, value, 0, 0) for key, value in run.metrics.items()])
        client.set_terminated(run_id)
