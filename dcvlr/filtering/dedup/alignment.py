"""One of two pictures laid onto the other where it is a crop of it, framed or turned.

Source: Lowe, Distinctive image features from scale-invariant keypoints (2004); what fits together is found by RANSAC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcvlr.filtering.dedup.difference import grey_of
from dcvlr.records import Pixels

Matrix = NDArray[np.float64]

_KEYPOINTS = 1000
_RATIO = 0.8  # a keypoint's nearest match is so much nearer than its second
_FITS_PX = 3.0
_LEAST_MATCHES = 24
_SKEW = 1.08  # longest to shortest side of a square, laid onto the other: a copy is scaled and turned, not bent
_CONTAINED = 0.9  # share of one picture that the other must hold: a page scrolled on has something new at both ends
_COMMON = 0.55  # share of either that is in both: a crop by a tenth of each side has 0.8, a collage less
_RIM_PX = 3  # made up where the picture laid on ends


def laid_onto(one: Pixels, other: Pixels) -> tuple[Pixels, Pixels] | None:
    """`one` as it lies on `other`, and `other`, both cut to what they share; None where they do not fit.

    Pictures of some hundred pixels, both grey or both RGB. What lies outside `one` is filled with `other`, so that it
    is no difference.
    """
    matrix = _fitted(_keypoints(one), _keypoints(other))
    return None if matrix is None else _shared(one, other, matrix)


def _keypoints(pixels: Pixels) -> tuple[Matrix, Any]:
    import cv2

    library: Any = cv2  # its stubs do not know SIFT
    found, descriptors = library.SIFT_create(_KEYPOINTS).detectAndCompute(grey_of(pixels), None)
    return np.array([point.pt for point in found], np.float64).reshape(-1, 2), descriptors


def _fitted(source: tuple[Matrix, Any], target: tuple[Matrix, Any]) -> Matrix | None:
    """2 x 3, from places of the source to places of the target."""
    import cv2

    (places, descriptors), (other_places, other_descriptors) = source, target
    if min(len(places), len(other_places)) < _LEAST_MATCHES:
        return None
    nearest = cv2.BFMatcher().knnMatch(descriptors, other_descriptors, k=2)
    good = [first for first, second in nearest if first.distance < _RATIO * second.distance]
    if len(good) < _LEAST_MATCHES:
        return None
    start = places[[match.queryIdx for match in good]]
    end = other_places[[match.trainIdx for match in good]]
    cv2.setRNGSeed(0)  # RANSAC draws: the same pictures give the same answer
    found, inliers = cv2.estimateAffine2D(start, end, method=cv2.RANSAC, ransacReprojThreshold=_FITS_PX)
    if found is None or int(inliers.sum()) < _LEAST_MATCHES:
        return None
    lengths = np.linalg.svd(found[:, :2], compute_uv=False)
    return np.asarray(found, np.float64) if lengths[0] <= _SKEW * lengths[1] else None


def _shared(one: Pixels, other: Pixels, matrix: Matrix) -> tuple[Pixels, Pixels] | None:
    import cv2

    size = (other.shape[1], other.shape[0])
    laid = cv2.warpAffine(one, matrix, size, flags=cv2.INTER_AREA)
    inside = cv2.warpAffine(np.full(one.shape[:2], 255, np.uint8), matrix, size) == 255
    area = int(inside.sum())
    held = area / inside.size, area / (abs(float(np.linalg.det(matrix[:, :2]))) * one.shape[0] * one.shape[1])
    if max(held) < _CONTAINED or min(held) < _COMMON:
        return None
    mask = cv2.erode(inside.astype(np.uint8), np.ones((2 * _RIM_PX + 1,) * 2, np.uint8), borderValue=(1.0,)).astype(
        bool
    )
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    filled = np.where(mask if one.ndim == 2 else mask[:, :, None], laid, other)
    return np.ascontiguousarray(filled[box]), np.ascontiguousarray(other[box])
