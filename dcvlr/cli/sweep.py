"""`dcvlr sweep OUTPUT_DIR`: the table, sweep.csv and report.html over all jobs of a sweep, written again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dcvlr.cli.command_words import command_parser, console_for_tables
from dcvlr.runs.sweep import read_sweep, table, varied, write_table
from dcvlr.runs.sweep_page import write_sweep_page

_WIDTH = 200  # of lines in a pipe or a log file


def main(arguments: Sequence[str]) -> int:
    """Also for a sweep whose jobs run elsewhere, such as in a SLURM array that was not waited for."""
    parser = command_parser("dcvlr sweep", "What the jobs of a sweep gave, in one table.")
    parser.add_argument("folder", metavar="OUTPUT_DIR", type=Path, help="the output_dir of the sweep, or its sweep/")
    folder: Path = parser.parse_args(arguments).folder
    summarize(folder / "sweep" if (folder / "sweep").is_dir() else folder)
    return 0


def summarize(sweep_dir: Path) -> None:
    """Write sweep.csv and report.html, and print the table."""
    from rich.table import Table

    rows = read_sweep(sweep_dir)
    (heading, *lines) = table(rows)
    write_table(sweep_dir, [heading, *lines])
    page = write_sweep_page(sweep_dir, rows)
    shown = [index for index, name in enumerate(heading) if name != "job" and any(line[index] for line in lines)]
    printed = Table()
    for index in shown:
        printed.add_column(heading[index].rpartition(".")[2] if heading[index] in varied(rows) else heading[index])
    for line in lines:
        printed.add_row(*(line[index] for index in shown))
    console = console_for_tables(_WIDTH)
    console.print(printed)
    console.print(f"sweep: {page}", markup=False, highlight=False, soft_wrap=True)
