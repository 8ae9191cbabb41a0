from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.errors import DcvlrError
from dcvlr.trackers.tracked_run import TrackedRun, hand_over

RUN = TrackedRun(name="out", settings={"seed": 7}, metrics={"results.kept": 3.0})


def test_each_tracker_gets_the_run_and_one_that_takes_nothing_is_named_with_the_results() -> None:
    taken: list[TrackedRun] = []

    def away(run: TrackedRun) -> None:
        raise ConnectionError("no route\nto the server")

    message = r"^trackers=hub: ConnectionError: no route; the results are whole in /runs/out: mend it and run the same"
    with pytest.raises(DcvlrError, match=message):
        hand_over(RUN, {"list": taken.append, "hub": away}, Path("/runs/out"))
    assert taken == [RUN]
