"""Times of day as people write and say them, each as all the seconds of the day it may be."""

from __future__ import annotations

import re

from dcvlr.text.answers.numerals import spelled

_NOON = 12 * 3600
_DAY = 24 * 3600
_NAMED = {"noon": _NOON, "midday": _NOON, "12 noon": _NOON, "midnight": 0, "12 midnight": 0}
_HALF = r"(?:\s?(?P<half>[ap])\.?m\.?|\s(?:in the |at )(?P<part>morning|afternoon|evening|night))?"
_FIGURES = re.compile(
    rf"(?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d\d))?(?::(?P<second>\d\d)(?:\.\d+)?)?(?P<sharp> o'?clock)?"
    rf"(?:(?P<uhr> uhr)|(?<=\d\d)\s?(?:h|hrs|hours))?{_HALF}"
)
_WORDS = re.compile(
    rf"(?P<minutes>[a-z -]+?|\d{{1,2}})(?: minutes?)? (?P<side>past|after|to|before|till) (?P<hour>[a-z]+|\d{{1,2}})"
    rf"(?: o'?clock)?{_HALF}"
)
_HOUR_IN_WORDS = re.compile(rf"(?P<hour>[a-z]+)(?: (?P<minutes>[a-z -]+?))?(?P<sharp> o'?clock)?{_HALF}")
_PARTS = {"morning": "a", "afternoon": "p", "evening": "p", "night": "p"}
_MINUTES = {"half": 30, "quarter": 15, "a quarter": 15}


def times(text: str) -> frozenset[int]:
    """Seconds since midnight; empty for what is no time.

    9:30 alone is in the morning, as on a clock of 24 hours; "half past nine" and "9 o'clock" may be in the evening too.
    """
    text = text.casefold().strip()
    if text in _NAMED:
        return frozenset({_NAMED[text]})
    found = _FIGURES.fullmatch(text)
    if found and (found["minute"] or found["half"] or found["part"] or found["sharp"] or found["uhr"]):
        if found["minute"] and "." in text.split(" ")[0] and not (found["half"] or found["part"] or found["uhr"]):
            return frozenset()  # 9.30 is a number
        return _read(int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0), found)
    return _past(text) or _in_words(text)


def _past(text: str) -> frozenset[int]:
    found = _WORDS.fullmatch(text)
    if not found:
        return frozenset()
    minutes, hour = _MINUTES.get(found["minutes"], _count(found["minutes"])), _count(found["hour"])
    if minutes is None or hour is None or not (0 < minutes < 60 and 1 <= hour <= 12):
        return frozenset()
    sign = 1 if found["side"] in {"past", "after"} else -1
    return _either(hour * 3600 + sign * minutes * 60, found)


def _in_words(text: str) -> frozenset[int]:
    found = _HOUR_IN_WORDS.fullmatch(text)
    if not found or not (found["sharp"] or found["half"] or found["part"]):
        return frozenset()
    hour, minutes = _count(found["hour"]), _count(found["minutes"]) if found["minutes"] else 0
    if hour is None or minutes is None or not (1 <= hour <= 12 and 0 <= minutes < 60):
        return frozenset()
    return _either(hour * 3600 + minutes * 60, found)


def _count(words: str) -> int | None:
    value = int(words) if words.isdigit() else spelled(words.replace("-", " ").split())
    return None if value is None or value != int(value) else int(value)


def _read(hour: int, minute: int, second: int, found: re.Match[str]) -> frozenset[int]:
    if max(minute, second) > 59 or hour > 23:
        return frozenset()
    seconds = hour * 3600 + minute * 60 + second
    if found["half"] or found["part"] or found["sharp"]:
        return _either(seconds, found) if 1 <= hour <= 12 else frozenset()
    return frozenset({seconds})


def _either(seconds: int, found: re.Match[str]) -> frozenset[int]:
    """The reading that am, pm or the part of the day leaves, or both."""
    half = found["half"] or _PARTS.get(found["part"] or "", "")
    morning = seconds % _NOON
    both = {"a": morning, "p": morning + _NOON}
    return frozenset({both[half] % _DAY} if half else {reading % _DAY for reading in both.values()})
