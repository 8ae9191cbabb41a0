"""`dcvlr report RUN`: write report.html into a run directory again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dcvlr.cli.command_words import command_parser
from dcvlr.config import defaults, reach_as_in
from dcvlr.report.page import write_report


def main(arguments: Sequence[str]) -> int:
    """Write the report and print where it is."""
    parser = command_parser("dcvlr report", "Write report.html into a run directory again.")
    parser.add_argument("run", type=Path, metavar="RUN", help="an output_dir, or a job's folder of a sweep")
    parser.add_argument("--light", action="store_true", help="link the pictures instead of embedding thumbnails")
    request = parser.parse_args(arguments)
    reach_as_in(request.run)
    print(write_report(request.run, "light" if request.light else "full", defaults()))
    return 0
