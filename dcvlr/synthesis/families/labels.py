"""The value that belongs to a printed label: beside it in the same row, or after its colon in the same line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from dcvlr.records import Scene
from dcvlr.synthesis.draft import Draft, Limits
from dcvlr.synthesis.reading import Line, clear, left_of, lines_of, normal, right_of, shared_height
from dcvlr.synthesis.values import alike, amount, kind

_AFTER_COLON = re.compile(r"(?P<label>[A-Za-z][A-Za-z .#/&'-]*[A-Za-z.#])\s*:\s*(?P<value>[^\s:/].*)")
_ANOTHER_LABEL = re.compile(r"[A-Za-z#.)]\s*:|\|")
_COUNTS = re.compile(r"\b(qty|quantity|count|items?|number|pcs|pieces|total)\b", re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "mailto", "sftp", "ssh", "git"})
_BESIDE = ("What is printed to the right of {}?", "Which value is printed beside {}?", "What value stands next to {}?")
_AFTER = ("What is printed after the label {}?", "What does the picture show for {}?", "What value is given after {}?")


@dataclass(frozen=True)
class Labelled:
    """A label and the value printed to its right; `name` and `value` are their texts without colons."""

    label: Line
    line: Line
    name: str
    value: str


def labelled_values(lines: Sequence[Line], limits: Limits) -> Iterator[Labelled]:
    """Every label with exactly one line to its right, which belongs to no other label."""
    for label in lines:
        name = label.text.rstrip(" :").strip()
        to_the_right = right_of(label, lines, limits.rival_overlap)
        if len(to_the_right) != 1 or not clear(label, limits) or not is_label(name):
            continue
        line = to_the_right[0]
        value = line.text.lstrip(" :").strip()
        has_colon = label.text.rstrip().endswith(":") or line.text.lstrip().startswith(":")
        if (
            clear(line, limits)
            and _is_value(value, name, has_colon=has_colon)
            and not lost_its_point(line, lines)
            and shared_height(label.box, line.box) >= limits.row_overlap
            and _nearest_left(label, line, lines, limits)
            and label_is_unique(name, label, lines)
        ):
            yield Labelled(label, line, name, value)


def value_beside_label(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    pairs = list(labelled_values(lines, limits))
    values = [line.text.lstrip(" :").strip() for line in lines if clear(line, limits)]
    for pair in pairs:
        yield Draft(
            question=rng.choice(_BESIDE).format(f'"{pair.name}"'),
            answer=pair.value,
            distractors=alike(pair.value, values, rng),
            steps=(
                f'The label "{pair.name}" is printed in the picture {pair.label.cite}.',
                f'The only text to its right in the same row is "{pair.value}" {pair.line.cite}, so that is its value.',
            ),
            evidence=(pair.label.evidence, pair.line.evidence),
        )


def value_after_label(scene: Scene, rng: Random, limits: Limits) -> Iterator[Draft]:
    lines = lines_of(scene)
    split = [(line, _AFTER_COLON.fullmatch(line.text)) for line in lines]
    values = [found["value"].strip() for _, found in split if found]
    for line, found in split:
        if found is None or not _stands_alone(line, found, lines, limits):
            continue
        name, value = found["label"].strip(), found["value"].strip()
        yield Draft(
            question=rng.choice(_AFTER).format(f'"{name}"'),
            answer=value,
            distractors=alike(value, values, rng),
            steps=(
                f'One line of the picture begins with the label "{name}" and a colon {line.cite}.',
                f'After the colon the same line reads "{value}", so that is the value of the label.',
            ),
            evidence=(line.evidence,),
        )


def is_label(name: str) -> bool:
    """Whether `name` reads like a label: mostly letters, short, no value itself ("99 min"), without a colon in it.

    What stands before the colon of an address ("https") is no label.
    """
    if name[:1].isdigit() or name.split(" ")[-1].casefold() in _SCHEMES:
        return False
    letters = sum(character.isalpha() for character in name)
    return letters >= 3 and letters >= 0.5 * len(name) and len(name) <= 40 and ":" not in name and "|" not in name


def label_is_unique(name: str, label: Line, lines: Sequence[Line]) -> bool:
    """No other line is this label, or begins with it and goes on with a value."""
    for other in lines:
        text = normal(other.text)
        if other is label or not text.startswith(normal(name)):
            continue
        rest = text.removeprefix(normal(name))
        if rest == "" or rest[0].isdigit() or ":" in other.text:
            return False
    return True


def lost_its_point(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a number without decimals ends where amounts end, so that it may be one whose point was not read."""
    if not re.fullmatch(r"-?\d[\d,]*", line.text):
        return False
    ends = [other.box[2] for other in lines if amount(other.text) is not None]
    return any(abs(end - line.box[2]) <= line.height for end in ends)


def _is_value(value: str, name: str, *, has_colon: bool) -> bool:
    if (
        not value
        or value.startswith("/")
        or not any(character.isalnum() for character in value)
        or _ANOTHER_LABEL.search(value)
    ):
        return False
    if has_colon:
        return len(value) >= 2 or value.isdigit()
    return kind(value) in ("amount", "date", "time") or (value.isdigit() and _COUNTS.search(name) is not None)


def _nearest_left(label: Line, line: Line, lines: Sequence[Line], limits: Limits) -> bool:
    """Whether all other lines left of the value stand left of the label, too."""
    others = left_of(line, lines, limits.rival_overlap)
    return label in others and all(other is label or other.box[2] <= label.box[0] for other in others)


def _stands_alone(line: Line, found: re.Match[str], lines: Sequence[Line], limits: Limits) -> bool:
    value, name = found["value"].strip(), found["label"].strip()
    if not clear(line, limits) or _ANOTHER_LABEL.search(value) or not is_label(name) or not value[-1].isalnum():
        return False
    behind = right_of(line, lines, limits.rival_overlap)
    goes_on = any(other.box[0] - line.box[2] < 3 * line.height for other in behind)
    return not goes_on and len(normal(value)) >= 2 and label_is_unique(name, line, lines)
