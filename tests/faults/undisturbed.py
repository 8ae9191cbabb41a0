"""A run that nobody disturbs, and how another one is compared with it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from faults.moments import NewFiles, counted
from faults.watchdog import ended
from faults.whole_runs import DEADLINE_S, PICTURES, QUESTIONS, Scenario, remembered, results


class Undisturbed:
    """A run that nobody disturbs: what it gives, how long it starts up, and which files and how much room it takes."""

    def __init__(self, scenario: Scenario) -> None:
        out = scenario.begun(scenario.folder / "undisturbed")
        with NewFiles(out) as new:
            begun = time.monotonic()
            process = scenario.start(out)
            for path in new.within(DEADLINE_S):
                if path.name == "pipeline.log":
                    break
            self.start_up_s = time.monotonic() - begun
            self.files = counted(new, out, lambda: process.poll() is None)
        assert ended(process, DEADLINE_S) == ""
        assert process.returncode == 0
        self.results, self.remembered = results(out), remembered(out)
        assert not asked_again(scenario, 0)
        assert len(self.results["synthetic_qa_dataset.jsonl"].splitlines()) == PICTURES * QUESTIONS
        self.disk_kib = sum(-(-path.lstat().st_size // 4096) * 4 for path in out.rglob("*"))  # as a tmpfs counts
        self.out = out


def finished(scenario: Scenario, out: Path, *more: str, under: Sequence[str] = ()) -> None:
    """Run the command to its end."""
    process = scenario.start(out, *more, under=under)
    stderr = ended(process, DEADLINE_S)
    assert process.returncode == 0, stderr


def asked_again(scenario: Scenario, before: int) -> Counter[str]:
    """How many captions and questions were asked for more than once since request number `before`."""
    requests = scenario.server.requests[before:]
    times = Counter(json.dumps([request.path, request.body], sort_keys=True) for request in requests)
    assert len(times) == PICTURES * (1 + QUESTIONS), "some were not asked for, or others were"
    repeated = (times - Counter(dict.fromkeys(times, 1))).elements()
    return Counter("recomputed" if json.loads(key)[0].endswith("caption") else "paid_twice" for key in repeated)


def assert_undisturbed(out: Path, undisturbed: Undisturbed, stored: dict[str, dict[str, bytes]]) -> None:
    """Every result has the bytes it should have, nothing is left over, and nothing was computed that was stored."""
    made = results(out)
    assert made.keys() == undisturbed.results.keys()
    assert [name for name in made if made[name] != undisturbed.results[name]] == []
    assert remembered(out) == undisturbed.remembered
    for model, computed in json.loads((out / "manifest.json").read_bytes())["computed"].items():
        known = stored.get(model, {}).keys() & undisturbed.remembered[model].keys()
        wanted = len(undisturbed.remembered[model].keys() - {"model.json"})
        assert computed <= wanted - len(known - {"model.json"}), f"{model} computed what was stored"
