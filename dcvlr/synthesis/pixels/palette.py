"""The eleven basic colour terms of English, what they look like, and which of them a colour clearly belongs to.

Terms: Berlin & Kay, "Basic Color Terms" (1969). Their typical colours: the means of the xkcd colour-naming survey
(2010, public domain, 222,500 people) for each term alone and with light, dark, bright, pale, dull, medium and deep
before it, and for the wide range of green and blue also with olive, army, forest, moss, grey, navy, sky, steel, royal,
primary; of grey only alone and medium, and every lightness between. What lies between two terms belongs to neither.
CIELAB: CIE 15:2004, from sRGB (IEC 61966-2-1) under D65; distance is Euclidean (CIE 1976).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TYPICAL = {
    "black": "000000",
    "white": "ffffff",
    "grey": "929591 7d7f7c",
    "red": "e50000 ff474c 840000 ff000d d9544d bb3f3f 9a0200",
    "orange": "f97306 fdaa48 c65102 ff5b00 ffa756 d8863b dc4d01",
    "yellow": "ffff14 fffe7a d5b60a fffd01 ffff84 eedc5b",
    "green": "15b01a 96f97b 033500 01ff07 c7fdb5 74a662 39ad48 02590f 677a04 4b5d16 06470c 658b38 789b73",
    "blue": "0343df 95d0fc 00035b 0165fc d0fefe 49759c 2c6fbb 040273 01153e 75bbfd 5a7d9a 0504aa 0804f9",
    "purple": "7e1e9c bf77f6 35063e be03fd b790d4 84597e 9e43a2 36013f",
    "pink": "ff81c0 ffd1df cb416b fe01b1 ffcfdc d5869d f36196 cb0162",
    "brown": "653700 ad8150 341c02 b1916e 876e4b 7f5112 410200",
}
TERMS = tuple(TYPICAL)
UNNAMED = len(TERMS)  # in place of a term's index
# Means of names that people of the survey used instead of a term: what one calls blue or red, another calls otherwise.
_OF_NO_TERM = {
    "light grey": "d8dcd6",  # or white in the shade
    "dark grey": "363737",  # or black in the light
    "teal": "029386",
    "turquoise": "06c2ac",
    "cyan": "00ffff",
    "magenta": "ff08e8 c20078",
    "mauve": "ae7181",
    "salmon": "ff796c",
    "peach": "ffb07c",
    "tan": "d1b26f",
    "beige": "e6daa6",
}
# A colour belongs to a term if every other one is so many times as far: at 1.25 teal, indigo and coral belong to none.
_CLEARLY_NEARER = 1.25

_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_D65 = _XYZ.sum(axis=1)  # the XYZ of sRGB white, so that white has a* = b* = 0 exactly


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIELAB of sRGB colours, (..., 3) to (..., 3): L* from 0 to 100, a* and b* around ±100."""
    linear = _linear_light()[rgb]
    ratio = linear @ (_XYZ / _D65[:, None]).T
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def clear_term(lab: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index in `TERMS` of the term that each CIELAB colour clearly belongs to, or `UNNAMED`; (..., 3) to (...)."""
    groups = [*TYPICAL.values(), *_OF_NO_TERM.values()]
    squares = np.stack([_to_nearest(lab, _typical(colours)) for colours in groups])
    squares[TERMS.index("grey")] = _to_greys(lab, _typical(TYPICAL["grey"]))
    nearest, first = squares.argmin(axis=0), squares.min(axis=0)
    np.put_along_axis(squares, nearest[None], np.inf, axis=0)
    second = squares.min(axis=0)
    is_clear = (nearest < UNNAMED) & (second >= _CLEARLY_NEARER**2 * first)
    terms: NDArray[np.intp] = np.where(is_clear, nearest, UNNAMED)
    return terms


def _typical(colours: str) -> NDArray[np.float64]:
    return to_lab(np.array([list(bytes.fromhex(colour)) for colour in colours.split()], dtype=np.uint8))


def _to_nearest(lab: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square of the distance to the nearest of some colours."""
    # |x - t|², multiplied out: no array of all differences; the minimum over the first axis, which is many times faster
    apart = (typical**2).sum(axis=1)[:, None] - 2 * (typical @ lab.reshape(-1, 3).T)
    squares: NDArray[np.float64] = (lab**2).sum(axis=-1) + apart.min(axis=0).reshape(lab.shape[:-1])
    return squares.clip(min=0)


def _to_greys(lab: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square of the distance to the hueless colours from the darkest to the lightest of `typical`."""
    beyond = lab[..., 0] - lab[..., 0].clip(typical[:, 0].min(), typical[:, 0].max())
    squares: NDArray[np.float64] = beyond**2 + lab[..., 1] ** 2 + lab[..., 2] ** 2
    return squares


def _linear_light() -> NDArray[np.float64]:
    """Linear light, 0 to 1, of the 256 values of an sRGB channel."""
    v = np.arange(256) / 255
    linear: NDArray[np.float64] = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return linear
