"""How far a run is, in the output of a notebook's cell, which is redrawn in its place."""

from __future__ import annotations

import time
from collections import defaultdict
from types import TracebackType
from typing import Any

from dcvlr.notebook.picture_html import text

_SECONDS_BETWEEN_DRAWINGS = 0.3


def in_notebook() -> bool:
    """Whether a cell's output can be redrawn here."""
    import sys

    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookProgress:
    """The stages with what they kept, a bar per model, tokens and money; use as a context manager."""

    def __init__(self) -> None:
        self._output: Any = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._stages: dict[str, str] = {}
        self._models: dict[str, tuple[int, int]] = {}  # done, total
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._drawn = 0.0

    def __enter__(self) -> NotebookProgress:
        from IPython.display import HTML, display

        self._begin_anew()
        self._output = display(HTML(""), display_id=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw(now=True)

    def stage_begun(self, name: str, records: int) -> None:
        self._stages[name] = f"{records} …" if records else "…"
        self._draw(now=True)

    def stage_ended(self, name: str, kept: int) -> None:
        self._stages[name] = f"{self._stages[name].removesuffix('…')}→ {kept}"
        self._draw(now=True)

    def count(self, key: str, what: str, amount: float) -> None:
        self._spent[what] += amount

    def spent(self) -> dict[str, float]:
        return dict(self._spent)

    def begin(self, key: str, total: int, done: int) -> None:
        self._models[key] = (done, total)
        self._draw(now=False)

    def advance(self, key: str, done: int) -> None:
        self._models[key] = (done, self._models[key][1])
        self._draw(now=False)

    def end(self, key: str) -> None:
        self._models.pop(key, None)
        self._draw(now=False)

    def _draw(self, *, now: bool) -> None:
        moment = time.monotonic()
        if not now and moment - self._drawn < _SECONDS_BETWEEN_DRAWINGS:
            return
        from IPython.display import HTML

        self._drawn = moment
        self._output.update(HTML(self.html()))

    def html(self) -> str:
        """What is drawn now."""
        stages = "".join(f"<div>{text(name)} {text(words)}</div>" for name, words in self._stages.items())
        bars = "".join(
            f'<div><progress value="{done}" max="{total}"></progress> '
            f"{text(key.rpartition('-')[0])} {done} of {total}</div>"
            for key, (done, total) in self._models.items()
        )
        spent = ", ".join(f"{name.replace('_', ' ')} {amount:,.4g}" for name, amount in sorted(self._spent.items()))
        return f"{stages}{bars}<div>{text(spent)}</div>"
