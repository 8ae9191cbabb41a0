"""The size of a picture as evidence."""

from __future__ import annotations

from dcvlr.records import Evidence, Scene


def full_size(scene: Scene) -> tuple[int, int] | None:
    """Width and height in pixels; None where nothing measured them."""
    return None if scene.pixels is None else (scene.pixels.width, scene.pixels.height)


def whole(size: tuple[int, int]) -> Evidence:
    width, height = size
    text = f"whole picture: {width} x {height} pixels"
    return Evidence(kind="pixels", ref="P:whole", box=(0.0, 0.0, float(width), float(height)), text=text)
