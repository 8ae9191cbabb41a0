"""A run's numbers as TensorBoard itself reads them, and what it costs who does not ask for them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from forked import run_python
from pictures import make_pictures

from dcvlr.api import DataSynthesisPipeline
from dcvlr.trackers.tensorboard import TensorBoard
from dcvlr.trackers.tracked_run import TrackedRun, metrics_of

pytestmark = pytest.mark.skipif(not find_spec("tensorboardX"), reason="trackers=tensorboard needs tensorboardX")
RUN = TrackedRun(
    name="nsfw_threshold=0.3",
    settings={"filtering.nsfw_threshold": "0.3", "binning.ocr": "rapidocr"},
    metrics=metrics_of(results={"validated_qa": 7, "bins": {"A": 4}}, seconds={"filtering": 0.5}, spent={}),
)


def events_of(folder: Path) -> Any:
    accumulators = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="what was written is read by tensorboard"
    )
    events = accumulators.EventAccumulator(str(folder))
    events.Reload()
    return events


def scalars(folder: Path) -> dict[str, set[float]]:
    events = events_of(folder)
    return {tag: {event.value for event in events.Scalars(tag)} for tag in events.Tags()["scalars"]}


@pytest.mark.slow
def test_numbers_and_settings_are_read_and_a_rerun_replaces_them(tmp_path: Path) -> None:
    tracker = TensorBoard(log_dir=str(tmp_path))
    tracker(TrackedRun(name=RUN.name, settings={}, metrics={"validated_qa": 1.0}))
    tracker(RUN)
    wanted = {"validated_qa": {7.0}, "bins/A": {4.0}, "seconds/filtering": {0.5}}
    assert scalars(tmp_path / RUN.name) == wanted
    started = events_of(tmp_path / RUN.name).SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"filtering.nsfw_threshold" in started
    assert b"rapidocr" in started


@pytest.mark.slow
def test_a_run_is_tracked_under_the_name_of_its_folder(tmp_path: Path) -> None:
    images = make_pictures(tmp_path / "images")
    words = ["stages=[filtering]", "filtering/nsfw=none", "report=none", "trackers=[tensorboard]"]
    DataSynthesisPipeline(words, images_dir=images, output_dir=tmp_path / "out").run()
    read = scalars(tmp_path / "out" / "tensorboard" / "out")
    assert read["filtered_count"] == {5.0}
    assert max(read["seconds/source"]) > 0


@pytest.mark.slow
def test_no_tracker_is_imported_that_is_not_chosen() -> None:
    code = (
        "import sys; from dcvlr.config import build, compose; build(compose(['images_dir=x'])); "
        "print(sorted({'tensorboardX', 'wandb', 'mlflow', 'torch'} & sys.modules.keys()))"
    )
    done = run_python("-c", code)
    assert done.stdout == "[]\n"
