"""Words inside the lines: how many there are, how often one appears, the only date or time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from dcvlr.records import Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.reading import Line, alone_in_row, clear, lines_of, normal, shared_height
from dcvlr.synthesis.values import dates_in, like_dates, like_times, times_in

_Find = Callable[[str], list[str]]
_PLAIN_LINE = re.compile(r"[A-Za-z]{2,}[,.!]?(?: [A-Za-z]{2,}[,.!]?)+")
_FEW_LINES = 8
# Beside any other word digits may be something else: "Ratio of 16:10", "Version 1/2/2020", "Psalm 12:34".
_AROUND = frozenset(
    {"date", "time", "dated", "clock", "at", "on", "of", "the", "day", "printed", "issued", "issue", "due", "open"}
    | {"invoice", "receipt", "bill", "order", "opened", "closed", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    | {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "am", "pm"}
)


def words_in_line(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    for line in lines:
        if not clear(line, limits) or not _PLAIN_LINE.fullmatch(line.text) or not alone_in_row(line, lines, limits):
            continue
        words = line.text.split()
        first = words[0].rstrip(",.!")
        begins_alike = [other for other in lines if normal(other.text).startswith(normal(first))]
        if len(words) < 3 or len(words) > limits.max_count or len(begins_alike) > 1:
            continue
        counted = ", ".join(f"{word} ({i})" for i, word in enumerate(words, start=1))
        yield Draft(
            question=f'How many words are in the line of text that begins with "{first}"?',
            answer=str(len(words)),
            distractors=_other_counts(len(words), rng),
            steps=(
                f'The line that begins with "{first}" reads "{line.text}" {line.cite}.',
                f"Its words, counted one by one, are {counted}, so there are {len(words)}.",
            ),
            evidence=(line.evidence,),
        )


def word_occurrences(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    counts: dict[str, list[Line]] = {}
    for line in lines:
        for word in re.findall(r"(?<!\S)[(*:-]*([A-Za-z]{3,})[).,:*!?-]*(?!\S)", line.text):
            counts.setdefault(word, []).append(line)
    for word, holders in sorted(counts.items()):
        if not 2 <= len(holders) <= limits.max_count or _hides(word, lines, len(holders)):
            continue
        if not all(clear(line, limits) for line in holders):
            continue
        where = _each_once(holders)
        yield Draft(
            question=f'How many times is the word "{word}" printed in the picture?',
            answer=str(len(holders)),
            distractors=_other_counts(len(holders), rng),
            steps=(
                f'The word "{word}" is in these lines: '
                + ", ".join(f'"{line.text}" {line.cite}' for line in where)
                + ".",
                f"Counting every time that it is printed in them gives {len(holders)}.",
            ),
            evidence=tuple(line.evidence for line in where),
        )


def line_count(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    """Only where there are few lines, all clear, of a size that a detector does not miss, and one in each row."""
    lines = lines_of(scene)
    if not 2 <= len(lines) <= _FEW_LINES or scene.pixels is None:
        return
    smallest = 0.04 * min(scene.pixels.width, scene.pixels.height)
    fine = all(clear(line, limits) and line.height >= smallest and len(normal(line.text)) >= 4 for line in lines)
    alone = all(shared_height(a.box, b.box) < limits.rival_overlap for i, a in enumerate(lines) for b in lines[i + 1 :])
    if fine and alone:
        yield Draft(
            question="How many lines of text are there in the picture?",
            answer=str(len(lines)),
            distractors=_other_counts(len(lines), rng),
            steps=(
                "From top to bottom the lines are " + ", ".join(f'"{line.text}" {line.cite}' for line in lines) + ".",
                f"Counted one by one, that makes {len(lines)} lines of text.",
            ),
            evidence=tuple(line.evidence for line in lines),
        )


def only_date(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _only("date", dates_in, like_dates, scene, limits)


def only_time(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    yield from _only("time of day", times_in, like_times, scene, limits)


def _only(what: str, find: _Find, find_alike: _Find, scene: Scene, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    found = [(line, text) for line in lines for text in find(line.text)]
    alike = sum(len(find_alike(line.text)) for line in lines)
    if len(found) != 1 or alike > 1 or not clear(found[0][0], limits) or not _is_plain(found[0][0].text):
        return
    line, text = found[0]
    yield Draft(
        question=f"Which {what} is printed in the picture?",
        answer=text,
        steps=(
            f'Of all lines in the picture only "{line.text}" {line.cite} holds a {what}.',
            f"The {what} in that line reads {text}.",
        ),
        evidence=(line.evidence,),
    )


def _is_plain(text: str) -> bool:
    """Whether nothing but dates, times and the words that belong to them stands in the line."""
    for part in (*dates_in(text), *times_in(text)):
        text = text.replace(part, " ")
    words = re.findall(r"\w+", text.casefold())
    return all(word in _AROUND for word in words)


def _hides(word: str, lines: Sequence[Line], count: int) -> bool:
    """Whether `word` is also inside longer words or in other capitals, where a person might count it."""
    return sum(normal(line.text).count(word.casefold()) for line in lines) != count


def _each_once(lines: Sequence[Line]) -> list[Line]:
    return list({line.number: line for line in lines}.values())


def _other_counts(count: int, rng: Random) -> tuple[str, ...]:
    near = [str(other) for other in range(max(1, count - 2), count + 4) if other != count]
    return tuple(rng.sample(near, 3))
