"""What was read from a picture, quoted as data with ids, so that text in a picture stays text whatever it says."""

from __future__ import annotations

import json

from dcvlr.records import Evidence, Scene


def quoted(scene: Scene, *, max_lines: int, max_characters: int) -> str:
    """One line per item that may be cited: `T3: "…" at [x0, y0, x1, y1]`, boxes in thousandths of width and height.

    Every text is a JSON string without `<`, so it can neither end its line nor look like a tag. At most `max_lines`
    lines of text and of objects each; a text longer than `max_characters` is cut.
    """
    lines = [f"C: {_string(scene.caption.text, max_characters)}"] if scene.caption else []
    if scene.text:
        size = (scene.text.width, scene.text.height)
        texts = enumerate(scene.text.lines[:max_lines], start=1)
        lines += [f"T{n}: {_string(line.text, max_characters)} at {_thousandths(line.box, size)}" for n, line in texts]
        lines += _left_out("lines of text", len(scene.text.lines) - max_lines)
    if scene.objects:
        size = (scene.objects.width, scene.objects.height)
        for n, detection in enumerate(scene.objects.objects[:max_lines], start=1):
            label = _string(detection.label, 80) if detection.label else "something, unnamed,"
            lines.append(f"O{n}: {label} at {_thousandths(detection.box, size)}")
        lines += _left_out("objects", len(scene.objects.objects) - max_lines)
    return "\n".join(lines)


def cited(scene: Scene, ref: str, *, max_lines: int, seen: bool) -> Evidence | None:
    """The item that `ref` names, or None if the scene has none of that name among those that were quoted."""
    ref = ref.strip().upper()
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


def _thousandths(box: tuple[float, float, float, float], size: tuple[int, int]) -> list[int]:
    return [round(1000 * value / side) for value, side in zip(box, size * 2, strict=True)]


def _left_out(what: str, count: int) -> list[str]:
    return [f"({count} more {what} are left out)"] if count > 0 else []
