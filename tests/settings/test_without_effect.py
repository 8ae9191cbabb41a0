"""Settings of parts that are off: refused, but in a sweep that turns the part on in other jobs."""

from __future__ import annotations

import pytest

from dcvlr.config import compose
from dcvlr.errors import ConfigError
from dcvlr.settings.typed import in_effect

THRESHOLD = "filtering.watermark_threshold=0.2"


def test_a_job_of_a_sweep_leaves_out_what_only_its_other_jobs_read() -> None:
    none, edges = (["seed=1", f"filtering/watermark={part}", THRESHOLD] for part in ("none", "edges"))
    swept = ["filtering/watermark", "seed"]
    assert in_effect(compose(none[:2]), none, swept) == ["seed=1", "filtering/watermark=none"]
    assert in_effect(compose(edges), edges, swept) == edges
    assert in_effect(compose(none[:2]), none, ["filtering.watermark"]) == none[:2]


def test_what_no_job_of_a_sweep_reads_stays_and_is_refused() -> None:
    words = ["seed=1", THRESHOLD]
    assert in_effect(compose(words[:1]), words, ["seed"]) == words
    with pytest.raises(
        ConfigError, match=r"watermark_threshold=0\.2: it does nothing while filtering\.watermark is off"
    ):
        compose(words)


def test_a_part_that_is_taken_over_from_elsewhere_counts_as_one_that_is_there() -> None:
    words = ["filtering.dedup=${oc.select:my_dedup,null}", "filtering.phash_threshold=6"]
    assert in_effect(compose(words), words, []) == words
