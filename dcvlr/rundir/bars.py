"""Live progress bars: the only module that draws on the terminal while a run goes on."""

from __future__ import annotations

from collections import defaultdict
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")


class ProgressBars:
    """A live panel above which log lines scroll: the stage, records so far, tokens and money, a bar per model.

    Use as a context manager.
    """

    def __init__(self, console: Console) -> None:
        self._stages: dict[str, str] = {}
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._live = Live(console=console, transient=True, get_renderable=self._panel, refresh_per_second=4)

    def __enter__(self) -> ProgressBars:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def _panel(self) -> Panel:
        spent = [f"{name.replace('_', ' ')} {amount:,.4g}" for name, amount in sorted(self._spent.items()) if amount]
        words = "  ".join([*self._stages.values(), *spent])
        return Panel(Group(Text(words), self._bars.get_renderable()), title="dcvlr", title_align="left")

    def stage_begun(self, name: str, records: int) -> None:
        self._stages[name] = f"{name}: {records} …" if records else f"{name} …"

    def stage_ended(self, name: str, kept: int) -> None:
        self._stages[name] = f"{self._stages[name].removesuffix(' …')} → {kept}"

    def count(self, key: str, what: str, amount: float) -> None:
        if what != "computed":  # the bars say it
            self._spent[what] += amount

    def spent(self) -> dict[str, Any]:
        return {}

    def begin(self, key: str, total: int, done: int) -> None:
        self._tasks[key] = self._bars.add_task(key.rpartition("-")[0], total=total, completed=done)

    def advance(self, key: str, done: int) -> None:
        self._bars.update(self._tasks[key], completed=done)

    def end(self, key: str) -> None:
        self._bars.remove_task(self._tasks.pop(key))
