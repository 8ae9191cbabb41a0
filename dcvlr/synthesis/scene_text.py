"""What was read from a picture, quoted as data with ids, so that text in a picture stays text whatever it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import structs

from dcvlr.records import Box, Evidence, OcrResult, Scene, of_picture
from dcvlr.synthesis.scene.layout import ninth, table_rows, third_down

_OF_PICTURE = re.compile(r"p(\d)_(.+)", re.IGNORECASE)

Places = Literal["layout", "boxes"]
"""How what was read is placed: rows, columns and ninths of the picture, or full boxes."""


def quoted(scene: Scene, *, max_lines: int, max_characters: int, places: Places, prefix: str = "") -> str:
    """What may be cited, as an id and a quoted text each; lines of text in the rows and columns of their page.

    Every text is a JSON string without `<`, so it can neither end its line nor look like a tag. At most `max_lines`
    lines of text and of objects each; a text longer than `max_characters` is cut. With `boxes` each stands in a line of
    its own with its box in thousandths of width and height, four times as long. Ids begin with `prefix`.
    """
    lines = [f"{prefix}C: {_string(scene.caption.text, max_characters)}"] if scene.caption else []
    if scene.text:
        shown = structs.replace(scene.text, lines=scene.text.lines[:max_lines])
        shown_lines = _with_boxes if places == "boxes" else _in_rows
        lines += shown_lines(shown, max_characters, prefix)
        lines += _left_out("lines of text", len(scene.text.lines) - max_lines)
    if scene.objects:
        size = (scene.objects.width, scene.objects.height)
        for n, detection in enumerate(scene.objects.objects[:max_lines], start=1):
            label = _string(detection.label, 80) if detection.label else "something, unnamed,"
            box = detection.box
            lines.append(f"{prefix}O{n}: {label} {_at(box, size) if places == 'boxes' else ninth(box, *size)}")
        lines += _left_out("objects", len(scene.objects.objects) - max_lines)
    return "\n".join(lines)


def quoted_together(scenes: Sequence[Scene], *, max_lines: int, max_characters: int, places: Places) -> str:
    """What may be cited of pictures that are shown together; ids say which picture, p2_T5, if there are several."""
    parts = []
    for n, scene in enumerate(scenes, start=1):
        prefix = f"p{n}_" if len(scenes) > 1 else ""
        data = quoted(scene, max_lines=max_lines, max_characters=max_characters, places=places, prefix=prefix)
        parts += [f"Picture {n}:\n{data}" if prefix else data] if data else []
    return "\n".join(parts)


def _with_boxes(text: OcrResult, max_characters: int, prefix: str) -> Iterator[str]:
    for n, line in enumerate(text.lines, start=1):
        yield f"{prefix}T{n}: {_string(line.text, max_characters)} {_at(line.box, (text.width, text.height))}"


def _in_rows(text: OcrResult, max_characters: int, prefix: str) -> Iterator[str]:
    """A word where another third of the picture begins, then one line for each row, its cells parted by bars."""
    third, left = "", {f"T{n}": line.text for n, line in enumerate(text.lines, start=1)}
    for cells in table_rows(text):
        found = [cell for cell in cells if cell is not None]
        if (here := third_down(found[0].found, text.height)) != third:
            third = here
            yield f"[{third}]"
        row = [f"{prefix}{cell.ref}: {_string(left.pop(cell.ref), max_characters)}" if cell else "" for cell in cells]
        is_right = len(found) == 1 and found[0].found[0] > text.width / 2
        yield " | ".join(row) + (" (right)" if is_right else "")
    for ref, words in left.items():  # boxes without a size
        yield f"{prefix}{ref}: {_string(words, max_characters)}"


def cited_together(scenes: Sequence[Scene], ref: str, *, max_lines: int, seen: bool) -> Evidence | None:
    """As `cited`, of pictures that are shown together: of several, `ref` says which one; of one it may."""
    found = _OF_PICTURE.match(ref.strip())
    if len(scenes) == 1:
        alone = found[2] if found and found[1] == "1" else ref
        return cited(scenes[0], alone, max_lines=max_lines, seen=seen)
    if ref.strip().upper() == "PICTURE":
        return cited(scenes[0], ref, max_lines=max_lines, seen=seen)  # which one is not said
    if found is None or not 0 < int(found[1]) <= len(scenes):
        return None
    evidence = cited(scenes[int(found[1]) - 1], found[2], max_lines=max_lines, seen=seen)
    return evidence and of_picture(evidence, int(found[1]))


def cited(scene: Scene, ref: str, *, max_lines: int, seen: bool) -> Evidence | None:
    """The item that `ref` names, or None if the scene has none of that name among those that were quoted.

    A bare number is a line where there are no objects, and an object where there are no lines.
    """
    ref = ref.strip().upper()
    if ref.isdecimal():
        kinds = "T" * bool(scene.text and scene.text.lines) + "O" * bool(scene.objects and scene.objects.objects)
        ref = kinds + ref if len(kinds) == 1 else ref
    position = int(ref[1:]) if ref[1:].isdecimal() and len(ref) < 8 else 0
    if ref == "PICTURE" and seen:
        return Evidence(kind="picture", ref="picture", box=None, text="")
    if ref == "C" and scene.caption:
        return Evidence(kind="caption", ref=ref, box=None, text=scene.caption.text)
    if ref.startswith("T") and scene.text and 0 < position <= min(max_lines, len(scene.text.lines)):
        line = scene.text.lines[position - 1]
        return Evidence(kind="text", ref=f"T{position}", box=line.box, text=line.text)
    if ref.startswith("O") and scene.objects and 0 < position <= min(max_lines, len(scene.objects.objects)):
        detection = scene.objects.objects[position - 1]
        return Evidence(kind="object", ref=f"O{position}", box=detection.box, text=detection.label or "region")
    return None


def _string(text: str, max_characters: int) -> str:
    cut = text if len(text) <= max_characters else text[:max_characters] + "…"
    plain = cut.encode("utf-8", "replace").decode()  # lone surrogates cannot be sent
    return json.dumps(plain, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " ")


def _at(box: Box, size: tuple[int, int]) -> str:
    return f"at {[round(1000 * value / side) for value, side in zip(box, size * 2, strict=True)]}"


def _left_out(what: str, count: int) -> list[str]:
    return [f"({count} more {what} are left out)"] if count > 0 else []
