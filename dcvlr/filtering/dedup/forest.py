"""Sets that are joined many pairs at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dcvlr.execution.slices import Slices, slices_of_this_machine

_Task = TypeVar("_Task")

_MANY = 1 << 16  # members from which on processes share the search: to start them takes as long as half of these


class Forest:
    """Disjoint sets over 0 … size-1, joined many pairs at a time; a root is the smallest member of its set."""

    def __init__(self, size: int) -> None:
        self._parents = np.arange(size, dtype=np.int32)

    def roots(self) -> NDArray[np.int32]:
        """The root of every member."""
        while True:
            above: NDArray[np.int32] = self._parents[self._parents]
            if np.array_equal(above, self._parents):
                return above
            self._parents = above

    def find(self, members: NDArray[np.signedinteger[Any]]) -> NDArray[np.int32]:
        """The roots of some members."""
        found: NDArray[np.int32] = self._parents[members]
        while not np.array_equal(above := self._parents[found], found):
            found = above
        self._parents[members] = found
        return found

    def join(self, left: NDArray[np.signedinteger[Any]], right: NDArray[np.signedinteger[Any]]) -> None:
        """Put each of `left` into one set with its partner of `right`."""
        apart = self._parents[left] != self._parents[right]  # most are in one set already: no root is looked for
        left, right = left[apart], right[apart]
        while left.size:
            left, right = self.find(left), self.find(right)
            apart = left != right
            left, right = left[apart], right[apart]
            # Where a root has several partners one of them wins; the others are still apart in the next round.
            self._parents[np.maximum(left, right)] = np.minimum(left, right)


def for_each(link: Callable[[_Task], None], tasks: Iterable[_Task], forest: Forest) -> None:
    """Let `link` join what it finds by each task: where there are many members by a process for each core.

    Each has a forest of its own; threads would wait for each other at every step.
    """
    each, before = list(tasks), forest.roots()

    def joined(numbers: range) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        nonlocal before
        for number in numbers:
            link(each[number])
        after = forest.roots()
        new, before = np.flatnonzero(after != before), after
        return new, after[new]

    slices = slices_of_this_machine(rows=1) if len(before) >= _MANY else Slices(rows=len(each), processes=1)
    for part in slices(joined, len(each)):
        forest.join(*part)
