"""Text from outside stays text: on the terminal, in logs, in lines of JSON and in spreadsheets."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from dcvlr.execution.workers import Worker
from dcvlr.export.csv import defused
from dcvlr.records import to_json
from dcvlr.records.printable import one_line, printable
from dcvlr.rundir.logs import logging_to
from dcvlr.rundir.manifest import program

HOSTILE = "a\x1b]0;title\x07\x1b[2J\u202egnp\u2066.exe\r\u2028\ud800[bold]b[/bold]"
SHOWN = r"a\x1b]0;title\x07\x1b[2J\u202egnp\u2066.exe\r\u2028\ud800[bold]b[/bold]"


def test_what_steers_a_terminal_is_written_as_an_escape() -> None:
    assert printable(HOSTILE) == SHOWN
    assert one_line("two\nlines\tand tabs") == "two\\nlines\\tand tabs"
    for text in ("Zürich 東京 עברית العربية 🙂", "non\u00a0breaking\u3000wide", "two\nlines\t"):
        assert printable(text) == text


@pytest.mark.parametrize("is_terminal", [False, True])
def test_log_lines_reach_no_terminal_and_no_file_as_they_came(is_terminal: bool, tmp_path: Path) -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=is_terminal, width=300, color_system=None)
    with logging_to(tmp_path / "log", worker=Worker(), verbose=False, console=console):
        logging.getLogger("dcvlr.test").warning("picture %s", HOSTILE)
    assert f"picture {SHOWN}" in (tmp_path / "log").read_text()
    assert f"picture {SHOWN}" in output.getvalue()


def test_a_signature_behind_an_address_is_in_no_line_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://host/list.txt?X-Amz-Signature=secret&X-Amz-Expires=9"
    monkeypatch.setattr(sys, "argv", ["dcvlr", f"images_dir={url}", "words=what is this? a question"])
    with logging_to(tmp_path / "log", worker=Worker(), verbose=False, console=None):
        logging.getLogger("dcvlr.test").warning("rows about %s are left out", url)
    lines = (tmp_path / "log").read_text()
    assert "secret" not in lines
    assert "rows about https://host/list.txt are left out" in lines
    assert "'images_dir=https://host/list.txt' 'words=what is this? a question'" in lines
    assert program()["command"] == ["dcvlr", "images_dir=https://host/list.txt", "words=what is this? a question"]


def test_separators_of_lines_are_escapes_in_lines_of_json() -> None:
    line = to_json({"text": "a\u2028b\u2029c\u2027"})
    assert line == '{"text":"a\\u2028b\\u2029c\u2027"}'.encode()
    assert msgspec.json.decode(line) == {"text": "a\u2028b\u2029c\u2027"}


def test_formulas_are_defused_and_numbers_stay() -> None:
    for text in ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "- a list"):
        assert defused(text) == f"'{text}"
    for text in ("-5", "+3.5", "-1,250.00", "-12%", "a=b", "", "42"):
        assert defused(text) == text
