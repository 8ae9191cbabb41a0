"""Trackers that are servers elsewhere: W&B's client offline, MLflow's against a server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dcvlr.trackers.mlflow import Mlflow
from dcvlr.trackers.tracked_run import TrackedRun
from dcvlr.trackers.wandb import WeightsAndBiases

pytestmark = pytest.mark.slow

RUN = TrackedRun(
    name="nsfw_threshold=0.3",
    settings={"filtering.nsfw_threshold": "0.3", "binning.ocr": "rapidocr"},
    metrics={"validated_qa": 7.0, "bins/A": 4.0},
)


class MlflowServer(ThreadingHTTPServer):
    """As much of MLflow's REST protocol as a run needs; `asked` is every path with what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    server: MlflowServer

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = self.path.partition("?")[0].rpartition("mlflow/")[2]
        self.server.asked.append((path, body))
        unknown = path not in ANSWERS
        content = json.dumps(NOTHING if unknown else ANSWERS[path]).encode()
        self.send_response(404 if unknown else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


NOTHING = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}
INFO = {"run_id": "r1", "run_uuid": "r1", "experiment_id": "7", "status": "RUNNING", "lifecycle_stage": "active"}
ANSWERS: dict[str, Any] = {
    "experiments/create": {"experiment_id": "7"},
    "runs/create": {"run": {"info": INFO, "data": {}}},
    "runs/get": {"run": {"info": INFO, "data": {}}},
    "runs/log-batch": {},
    "runs/update": {"run_info": INFO},
}


@pytest.fixture
def server() -> Iterator[MlflowServer]:
    with MlflowServer() as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield http
        http.shutdown()


def test_mlflow_gets_a_run_with_parameters_and_metrics(server: MlflowServer) -> None:
    pytest.importorskip("mlflow", reason="trackers=mlflow needs mlflow-skinny")
    Mlflow(tracking_uri=f"http://127.0.0.1:{server.server_port}", experiment="receipts")(RUN)
    sent = {path: body for path, body in server.asked if path != "runs/log-batch"}
    batches = [body for path, body in server.asked if path == "runs/log-batch"]
    assert sent["experiments/create"]["name"] == "receipts"
    assert sent["runs/create"]["run_name"] == "nsfw_threshold=0.3"
    assert {one["key"]: one["value"] for body in batches for one in body.get("params", ())} == dict(RUN.settings)
    assert {one["key"]: one["value"] for body in batches for one in body.get("metrics", ())} == dict(RUN.metrics)
    assert sent["runs/update"]["status"] == "FINISHED"


def test_wandb_writes_a_run_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="trackers=wandb needs wandb")
    monkeypatch.setenv("HOME", str(tmp_path))
    WeightsAndBiases(project="receipts", entity=None, mode="offline", log_dir=str(tmp_path / "logs"))(RUN)
    (written,) = tmp_path.glob("logs/wandb/offline-run-*/run-*.wandb")
    content = written.read_bytes()
    assert b"filtering.nsfw_threshold" in content
    assert b"validated_qa" in content
