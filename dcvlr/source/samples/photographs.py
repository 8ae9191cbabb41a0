"""Photographs that lie inside the scikit-image wheel and whose licence its documentation states."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from dcvlr.errors import ConfigError, require_package

LICENCES = {
    "astronaut.png": "public domain (NASA)",
    "brick.png": "CC0 (CC0Textures)",
    "camera.png": "CC0 (Lav Varshney)",
    "cell.png": "CC0 (Paul Mueller et al.)",
    "chelsea.png": "CC0 (Stefan van der Walt)",
    "clock_motion.png": "public domain (Stefan van der Walt)",
    "coffee.png": "CC0 (Rachel Michetti, Pikolo Espresso Bar)",
    "coins.png": "no known copyright restrictions (Brooklyn Museum)",
    "gravel.png": "CC0 (CC0Textures)",
    "horse.png": "CC0 (Andreas Preuss)",
    "hubble_deep_field.jpg": "public domain (NASA)",
    "ihc.png": "no known copyright restrictions (CMMI)",
    "microaneurysms.png": "CC0 (Andreas Maier); 102 pixels wide, so that there is one that is too small",
    "retina.jpg": "CC0 (Mikael Haggstrom)",
    "rocket.jpg": "public domain (SpaceX)",
}

_MADE_FROM = {
    "chelsea_recompressed.jpg": "chelsea.png",
    "coffee_smaller.jpg": "coffee.png",
    "rocket_copy.jpg": "rocket.jpg",
    "rocket_cut_off.jpg": "rocket.jpg",
    "wall_too_wide.jpg": "brick.png",
}


def licence_of(name: str) -> str:
    """That of one of the `photographs`; what is made from another has its licence."""
    return LICENCES[_MADE_FROM.get(name, name)].partition(";")[0]


def photographs() -> dict[str, Callable[[], bytes]]:
    """Names, and what makes the bytes: originals, near-duplicates, an exact copy, one cut off, one too wide.

    Nothing is read before it is called. Raises `MissingPackageError` without scikit-image.
    """
    folder = data_folder()

    def original(name: str) -> bytes:
        return _read(folder / name)

    return {
        **{name: partial(original, name) for name in LICENCES},
        "chelsea_recompressed.jpg": lambda: again(original("chelsea.png"), scale=1.0, quality=40),
        "coffee_smaller.jpg": lambda: again(original("coffee.png"), scale=0.6, quality=80),
        "rocket_copy.jpg": lambda: original("rocket.jpg"),
        "rocket_cut_off.jpg": lambda: original("rocket.jpg")[:60_000],
        "wall_too_wide.jpg": lambda: _repeated(original("brick.png"), times=9),
    }


def data_folder() -> Path:
    """Where scikit-image keeps its pictures; the package is not imported to find out."""
    require_package("skimage", extra="regions", owner="source=samples", instead="source.photographs=false needs none")
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def again(content: bytes, *, scale: float, quality: int) -> bytes:
    """The same picture as a JPEG of other size and quality: a near-duplicate."""
    with Image.open(io.BytesIO(content)) as picture:
        size = (round(picture.width * scale), round(picture.height * scale))
        smaller = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    return encoded(smaller, "JPEG", quality)


def encoded(picture: Image.Image, kind: str, quality: int = 90) -> bytes:
    """The bytes of a JPEG of that quality or of a PNG."""
    file = io.BytesIO()
    picture.save(file, kind, quality=quality)
    return file.getvalue()


def _repeated(content: bytes, *, times: int) -> bytes:
    with Image.open(io.BytesIO(content)) as tile:
        wide = Image.new("L", (tile.width * times, tile.height))
        for column in range(times):
            wide.paste(tile, (column * tile.width, 0))
    return encoded(wide, "JPEG", 70)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the installed scikit-image ships no {path.name} ({error.strerror}); "
            "reinstall it, or set source.photographs=false"
        ) from error
