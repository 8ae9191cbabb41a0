"""A forecast for people: what will come of a run, how long it takes and what it costs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from dcvlr.runs.forecast import Interval, exactly, lost_to_pairs, share_of_all
from dcvlr.runs.outlook import Outlook
from dcvlr.runs.sample import SampleOutcome, forecast

_SPENT = {"prompt_tokens": "tokens in", "completion_tokens": "tokens out", "cost": "money"}
_WHOLE = 1000  # from here on an amount is shown without decimals


def forecast_lines(sample: SampleOutcome, part: Outlook, whole: Outlook) -> Iterator[str]:
    """Counts, seconds and money; `part` and `whole` are what is stored of the sample and of the run after measuring."""
    yield f"forecast from {sample.files} of {sample.of} files; in nine of ten cases the outcome is within the brackets:"
    for row in forecast(sample):
        what = "questions" if row.is_of_questions else "pictures"
        bins = ", ".join(f"{name} {interval}" for name, interval in row.bins.items())
        yield f"  {row.name}: {row.total} {what}{f'; bins {bins}' if bins else ''}"
    if lost_to_pairs(sample.duplicates, sample.files, sample.of) is None:
        yield (
            f"  near-duplicates: {sample.duplicates} within the sample; how many there are among all a sample of "
            f"{100 * sample.files / sample.of:.2g} % does not tell, and each is one picture less"
        )
    yield from _seconds(sample, part, whole)
    yield from _spent(sample)


def _spent(sample: SampleOutcome) -> Iterator[str]:
    """Tokens and money of the sample, in proportion to the pictures that there are questions about."""
    pictures = [(row, sample.stages[row.name]) for row in forecast(sample) if not row.is_of_questions]
    if not pictures or not (known := sum(pictures[-1][1].amounts.values())):
        return
    for what, title in _SPENT.items():
        if amount := sample.spent.get(what):
            all_ = pictures[-1][0].total.times(amount / known)
            ends = f"{_shown(all_.low)} to {_shown(all_.high)}"
            yield f"  {title}: {_shown(all_.middle)} ({ends}); the sample's {_shown(amount)} is paid"


def _shown(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= _WHOLE else f"{amount:.4g}"


def _seconds(sample: SampleOutcome, part: Outlook, whole: Outlook) -> Iterator[str]:
    """What is left to measure, at the rates of the sample; a model that several stages ask is one."""
    asked = {model.key: model.stored + model.missing for model in part.models}
    known = {model.key: model for model in whole.models}
    named = Counter(model.name for model in known.values())
    total, shown, unknown = exactly(0), [], []
    for key, model in known.items():
        name = model.name if named[model.name] == 1 else key
        left = _items(asked.get(key, 0), sample).less(exactly(model.stored), 0).at_most(model.most)
        if left.high and key in sample.rates:
            seconds = left.times(sample.rates[key])
            total = total.plus(seconds)
            shown.append(f"{name} {seconds.middle:.3g}")
        elif left.high:
            unknown.append(name)
    if shown:
        yield f"  seconds that are left, of one process on this machine: {total} ({', '.join(shown)})"
    if unknown:
        yield f"  seconds of {', '.join(unknown)}: not known, since of the sample nothing was left to measure"


def _items(asked: int, sample: SampleOutcome) -> Interval:
    """Items of a model in the whole run; of one that is asked more than once a picture, in proportion."""
    times = max(1, math.ceil(asked / sample.files))
    return share_of_all(round(asked / times), sample.files, sample.of).times(times)
