"""The numbers that validation's summary says of its checks."""

from __future__ import annotations

from validation.model_checks import model, solve

from dcvlr.records import Finding
from dcvlr.validation.tallies import Tallies
from dcvlr.validation.verdicts import Verdict

NONE = {"evaluated": 0, "mean": None, "rejected": 0, "flagged": 0, "unmeasured": 0}


def test_a_check_that_was_shown_nothing_has_no_verdicts_and_no_mean() -> None:
    tallies = Tallies({"solve": solve(model())})
    assert (tallies.asked(), tallies.verdicts()) == ({"solve": NONE}, {})
    tallies.add(Verdict(answers={"solve": Finding(name="solve", passed=False, value=0.25, reason="1 of 4: no")}))
    assert tallies.asked() == {"solve": {**NONE, "evaluated": 1, "mean": 0.25, "rejected": 1}}
    assert tallies.verdicts() == {"solve": {"failed": 1, "reasons": {"… of …": 1}}}
