"""What a run from Python returns: its counts, and the way to its records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcvlr.errors import ConfigError
from dcvlr.notebook.picture_html import rows, text
from dcvlr.notebook.record_table import RecordTable, Shown
from dcvlr.records import Qa
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.life import life
from dcvlr.runs.subjects import find
from dcvlr.settings.changed import flat


class RunResults(dict[str, Any]):
    """The counts of pipeline_results.json, as a dict; `run_dir` is where everything lies, also report.html."""

    def __init__(self, counts: Mapping[str, Any], run_dir: Path) -> None:
        super().__init__(counts)
        self.run_dir = run_dir

    @property
    def questions(self) -> RecordTable[Qa]:
        """The dataset, read from disk as it is asked for; empty where no stage made one."""
        return RecordTable(RunDirectory(self.run_dir).dataset, "questions")

    def to_pandas(self) -> Any:
        """The dataset as a `pandas.DataFrame`."""
        return self.questions.to_pandas()

    def show(self, n: int = 6) -> Shown:
        """The first `n` questions with their pictures."""
        return self.questions.show(n)

    def explain(self, words: str) -> Shown:
        """The life of one picture or question, by its id, path or words, as `dcvlr explain` tells it.

        Raises `ConfigError` where none or several are meant.
        """
        run = RunDirectory(self.run_dir)
        subjects = find(run, words)
        if len(subjects) != 1:
            several = ", ".join(subject.id for subject in subjects[:5])
            raise ConfigError(
                f"{words!r}: {f'one of {several}' if several else 'an id, path or words of this run'} is needed"
            )
        lines = "\n".join(life(run, subjects[0]))
        return Shown(f"<pre>{text(lines)}</pre>", lines)

    def __repr__(self) -> str:
        return f"RunResults({super().__repr__()}, run_dir={str(self.run_dir)!r})"

    def _repr_html_(self) -> str:
        questions = self.questions
        counts = rows(("count", "value"), flat(self))
        return f"<p>{text(self.run_dir)}</p>{counts}{questions._repr_html_() if questions else ''}"
