"""Which parts of a picture stand out from its background, without a trained model.

W. Zhu, S. Liang, Y. Wei, J. Sun: "Saliency Optimization from Robust Background Detection", CVPR 2014. What is widely
connected to the border of the picture through its own colour is background; what differs from the background nearby
is foreground; one linear system makes neighbours of like colour agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SIGMA_COLOUR = 10.0  # CIELAB units
_SIGMA_SPACE = 0.25  # of the picture's longer side
_MU = 0.02  # likeness of neighbours of any colour; the paper has 0.1, which joins objects that stand close together
_LEAST_CONTRAST = 5.0  # CIELAB units; below it nothing stands out to the eye, and noise would fill the whole scale


@dataclass(frozen=True)
class Patches:
    """A picture cut into small patches of one colour each."""

    labels: NDArray[np.intp]  # H x W, patch of each pixel
    colours: Floats  # N x 3, mean CIELAB
    centres: Floats  # N x 2, mean row and column by the longer side
    neighbours: NDArray[np.bool_]  # N x N
    at_border: NDArray[np.bool_]  # N


def salience(pixels: NDArray[np.uint8], patches: int) -> Floats:
    """How much each pixel of an RGB picture stands out, H x W, from 0 (least) to 1 (most); all 0 where nothing does."""
    cut = cut_patches(pixels, patches)
    contrast = _distances(cut.colours)
    background = _background(cut, contrast)
    near = np.exp(-(_distances(cut.centres) ** 2) / (2 * _SIGMA_SPACE**2))
    standing_out = (contrast * near * background[None, :]).sum(axis=1) / near.sum(axis=1)
    if standing_out.max() < _LEAST_CONTRAST:
        return np.zeros(cut.labels.shape)
    agreed = _agree(cut, contrast, background, standing_out / standing_out.max())
    by_pixel = agreed[cut.labels]
    # A dog's tongue must not set the scale for the dog, so the scale ends at percentiles.
    low, high = np.percentile(by_pixel, (2, 98))
    return np.clip((by_pixel - low) / (high - low), 0, 1) if high > low else np.zeros(by_pixel.shape)


def cut_patches(pixels: NDArray[np.uint8], patches: int) -> Patches:
    """About `patches` superpixels (SLIC, Achanta et al. 2012)."""
    from skimage.color import rgb2lab
    from skimage.segmentation import slic

    labels = slic(pixels, n_segments=patches, compactness=20, start_label=0).astype(np.intp)
    count = int(labels.max()) + 1
    rows, columns = np.indices(labels.shape)
    centres = np.stack([rows, columns], axis=-1) / max(labels.shape)
    neighbours = np.zeros((count, count), dtype=bool)
    for a, b in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        neighbours[a, b] = neighbours[b, a] = True
    np.fill_diagonal(neighbours, False)
    at_border = np.zeros(count, dtype=bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_border[edge] = True
    return Patches(
        labels, _means(rgb2lab(pixels), labels, count), _means(centres, labels, count), neighbours, at_border
    )


def _means(values: Floats, labels: NDArray[np.intp], count: int) -> Floats:
    flat = labels.ravel()
    size = np.maximum(np.bincount(flat, minlength=count), 1)
    channels = [np.bincount(flat, values[..., c].ravel(), minlength=count) / size for c in range(values.shape[-1])]
    return np.stack(channels, axis=-1)


def _distances(points: Floats) -> Floats:
    between: Floats = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=-1))
    return between


def _background(cut: Patches, contrast: Floats) -> Floats:
    """How surely each patch is background: its boundary connectivity (the paper's equations 3 to 6)."""
    from scipy.sparse.csgraph import shortest_path

    linked = cut.neighbours | (cut.at_border[:, None] & cut.at_border[None, :])
    np.fill_diagonal(linked, False)
    nearest = np.where(cut.neighbours, contrast, np.inf).min(axis=1, initial=np.inf)
    tolerated = float(nearest[np.isfinite(nearest)].mean()) if np.isfinite(nearest).any() else 0.0
    # A dense graph reads 0 as "no edge", so an edge without cost costs next to nothing.
    steps = np.where(linked, np.maximum(contrast - tolerated, 1e-9), 0)
    same = np.exp(-(shortest_path(steps, directed=False) ** 2) / (2 * _SIGMA_COLOUR**2))
    connectivity = same[:, cut.at_border].sum(axis=1) / np.sqrt(same.sum(axis=1))
    sure: Floats = 1 - np.exp(-(connectivity**2) / 2)
    return sure


def _agree(cut: Patches, contrast: Floats, background: Floats, foreground: Floats) -> Floats:
    """The salience that is best at once for background, foreground and likeness of neighbours (equations 9 and 10)."""
    linked = cut.neighbours | (cut.neighbours.astype(int) @ cut.neighbours.astype(int) > 0)
    np.fill_diagonal(linked, False)
    like = np.where(linked, np.exp(-(contrast**2) / (2 * _SIGMA_COLOUR**2)) + _MU, 0)
    system = np.diag(background + foreground + like.sum(axis=1)) - like
    agreed: Floats = np.linalg.solve(system, foreground)
    return agreed
