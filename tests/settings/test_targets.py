"""Which class a dotted name leads to, and what comes of its import."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.export.csv import Csv
from dcvlr.settings.targets import class_at


def test_a_name_leads_to_its_class_or_to_nothing() -> None:
    assert class_at("dcvlr.export.csv.Csv") is Csv
    strings = ("dcvlr.export.csv.Nothing", "dcvlr.nothing.Csv", "dcvlr.export.csv.Csv.more", "Csv", ".Csv", "..csv.Csv")
    for nothing in (*strings, "", None, 3):
        assert class_at(nothing) is None


@pytest.mark.parametrize(
    ("line", "error"), [("raise KeyboardInterrupt", KeyboardInterrupt), ("import on_no_machine", ModuleNotFoundError)]
)
def test_what_ends_an_import_stays_what_it_was(
    line: str, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cut_short.py").write_text(line)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(error):
        class_at("cut_short.Model")
