"""`dcvlr audit RUN FILE…`: what people who judged a sample of a dataset's questions say of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dcvlr.cli.command_words import command_parser, console_for_tables
from dcvlr.config import defaults, reach_as_in
from dcvlr.records import Audit
from dcvlr.report.audit import audit, read_judgements
from dcvlr.report.page import write_report
from dcvlr.rundir.belonging import AUDIT
from dcvlr.rundir.files import write_json
from dcvlr.rundir.reader import RunDirectory
from dcvlr.runs.audited import check_values, write_into_cards

_WIDTH = 120  # of lines in a pipe or a log file


def main(arguments: Sequence[str]) -> int:
    """Print the tables, keep them as audit.json in the run directory, and write the run's report again with them."""
    parser = command_parser("dcvlr audit", __doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="the output_dir whose questions were judged")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="what the report's audit form saved")
    request = parser.parse_args(arguments)
    run = RunDirectory(request.run)
    judgements = read_judgements(request.files)
    judged = {judgement.id for judgement in judgements}
    left_out = [entry for entry in run.ledger if entry.record is not None and entry.id in judged]
    qas = [qa for qa in run.dataset if qa.id in judged]
    values = check_values(run, [*qas, *(entry.record for entry in left_out if entry.record is not None)])
    result = audit(judgements, qas, run.flagged, left_out, values)
    write_json(request.run / AUDIT, result)
    _print(result)
    reach_as_in(request.run)
    cards = write_into_cards(request.run, result)
    print(f"kept in {request.run / AUDIT}; report: {_report(run)}")
    print(f"cards with it: {', '.join(map(str, cards)) or 'none, since there are no exports'}")
    return 0


def _report(run: RunDirectory) -> str:
    """Where the report is, written again in the detail that the run had, or why there is none."""
    detail = run.config.get("report", "full")
    if detail == "none":
        return f"none, as the run had report=none; dcvlr report {run.path} writes one"
    return str(write_report(run.path, detail, defaults()))


def _print(result: Audit) -> None:
    from rich.table import Table

    console = console_for_tables(_WIDTH)
    table = Table("", "right", "wrong", "unclear", "precision", "95 % interval")
    for title, rows in (
        ("", [result.overall]),
        ("bin", result.bins),
        ("kind", result.kinds),
        ("flagged by", result.flagged),
        ("refused by", result.refused),
    ):
        for row in rows:
            counts = map(str, (row.right, row.wrong, row.unclear))
            table.add_row(f"{title} {row.name}".strip(), *counts, *row.in_percent())
    console.print(table)
    for one in result.calibration:
        score = "undefined: all were judged alike" if one.auc is None else f"{one.auc:.2f}"
        console.print(f"{one.name}: chance that a right question has the higher value {score}", markup=False)
    for pair in result.agreements:
        score = "undefined: both always said the same word" if pair.kappa is None else f"{pair.kappa:.2f}"
        console.print(
            f"{' and '.join(pair.auditors)} agree on {pair.same} of {pair.both}, Cohen's kappa {score}", markup=False
        )
