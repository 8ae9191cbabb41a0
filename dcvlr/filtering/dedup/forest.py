"""Sets that are joined many pairs at a time."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Forest:
    """Disjoint sets over 0 … size-1, joined many pairs at a time; a root is the smallest member of its set."""

    def __init__(self, size: int) -> None:
        self._parents = np.arange(size, dtype=np.int32)
        self._lock = Lock()

    def roots(self) -> NDArray[np.int32]:
        """The root of every member."""
        with self._lock:
            while True:
                above: NDArray[np.int32] = self._parents[self._parents]
                if np.array_equal(above, self._parents):
                    return above
                self._parents = above

    def find(self, members: NDArray[np.int64]) -> NDArray[np.int32]:
        """The roots of some members."""
        with self._lock:
            return self._find(members)

    def join(self, left: NDArray[np.signedinteger[Any]], right: NDArray[np.signedinteger[Any]]) -> None:
        """Put each of `left` into one set with its partner of `right`; several threads may do so at a time."""
        apart = self._parents[left] != self._parents[right]  # most are in one set already: no root is looked for
        left, right = left[apart], right[apart]
        with self._lock:
            while left.size:
                left, right = self._find(left), self._find(right)
                apart = left != right
                left, right = left[apart], right[apart]
                # Where a root has several partners one of them wins; the others are still apart in the next round.
                self._parents[np.maximum(left, right)] = np.minimum(left, right)

    def _find(self, members: NDArray[np.signedinteger[Any]]) -> NDArray[np.int32]:
        found: NDArray[np.int32] = self._parents[members]
        while not np.array_equal(above := self._parents[found], found):
            found = above
        self._parents[members] = found
        return found
