"""The sweep's report.html: its table, and each job as a line across what varied and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from dcvlr.rundir.belonging import REPORT
from dcvlr.rundir.files import atomic_write
from dcvlr.runs.sweep import JobRow, counted, table, varied

_WIDTH, _HEIGHT, _MARGIN = 1100, 320, 60
_LONGEST_TITLE = 18  # characters above an axis
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
body { margin: 1rem; padding: 0 .8rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; white-space: nowrap }
th, td { padding: .25rem .6rem; text-align: left }
td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
th { white-space: normal; vertical-align: bottom }
td:last-child, td:nth-last-child(2) { white-space: normal; overflow-wrap: anywhere }
td:last-child { min-width: 16rem }
td b { display: inline-block; width: .8em; height: .8em; border-radius: 2px }
td.n { text-align: right; font-variant-numeric: tabular-nums }
.failed, .stopped { color: #c0392b }
.missing { opacity: .6 }
svg { min-width: 640px; width: 100%; max-width: 1200px; height: auto }
svg text { fill: currentColor; font-size: 12px }
svg .axis { stroke: currentColor; opacity: .5 }
svg .job { fill: none; stroke-width: 2; opacity: .75 }
svg .job:hover { stroke-width: 5; opacity: 1 }
"""
_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sweep</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
"""


def write_sweep_page(sweep_dir: Path, rows: Sequence[JobRow]) -> Path:
    """Write `report.html` into the folder of the sweep; each job's name links to its own report."""
    path = sweep_dir / REPORT
    with atomic_write(path) as file:
        file.write(_page(sweep_dir, rows).encode("utf-8", "backslashreplace"))
    return path


def _page(sweep_dir: Path, rows: Sequence[JobRow]) -> str:
    states = {state: sum(row.state == state for row in rows) for state in dict.fromkeys(row.state for row in rows)}
    summary = ", ".join(f"{count} {state}" for state, count in states.items())
    return (
        f"{_HEAD}<style>{_STYLE}</style><h1>Sweep</h1><p>{len(rows)} jobs: {escape(summary)}</p>"
        f'<div class="scroll">{_lines(rows)}</div><div class="scroll">{_table(sweep_dir, rows)}</div></html>\n'
    )


def _table(sweep_dir: Path, rows: Sequence[JobRow]) -> str:
    heading, *lines = table(rows)
    body, colours = [], _colours(rows)
    for row, line in zip(rows, lines, strict=True):
        name = escape(row.name)
        if (sweep_dir / row.name / REPORT).is_file():
            name = f'<a href="{escape(row.name)}/report.html">{name}</a>'
        swatch = f'<b style="background:{colours[row.name]}"></b> ' if row.name in colours else ""
        cells = "".join(f"<td{_kind(cell)}>{escape(cell)}</td>" for cell in line[1:-1])
        body.append(f'<tr class="{escape(row.state)}"><td>{swatch}{escape(line[0])}</td>{cells}<td>{name}</td></tr>')
    return f"<table><tr>{''.join(f'<th>{_foldable(cell)}</th>' for cell in heading)}</tr>{''.join(body)}</table>"


def _foldable(key: str) -> str:
    """A heading that may go on in a new line behind each of its words."""
    return escape(key).replace(".", ".<wbr>").replace("_", "_<wbr>")


def _kind(cell: str) -> str:
    return ' class="n"' if _value(cell) is not None else ""


def _value(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _colours(rows: Sequence[JobRow]) -> dict[str, str]:
    """Of the line of each job that has results, by its name."""
    done = [row.name for row in rows if row.counts]
    return {name: f"hsl({360 * index // len(done)} 65% 50%)" for index, name in enumerate(done)}


def _lines(rows: Sequence[JobRow]) -> str:
    """Parallel coordinates: an axis per key that varied and per count, a line per job that has results."""
    done = [row for row in rows if row.counts]
    columns = {key: [row.overrides.get(key, "") for row in done] for key in varied(rows)}
    columns |= {name: [f"{row.counts.get(name, 0):g}" for row in done] for name in counted(rows)}
    if len(done) < 2:
        return ""
    colours = _colours(rows)
    step = (_WIDTH - 2 * _MARGIN) / max(1, len(columns) - 1)
    axes, points = [], [[] for _ in done]  # type: tuple[list[str], list[list[str]]]
    for index, (name, cells) in enumerate(columns.items()):
        x = _MARGIN + index * step
        heights, low, high = _scaled(cells)
        anchor = {0: "start", len(columns) - 1: "end"}.get(index, "middle")
        title = name.rpartition(".")[2] if len(name) > _LONGEST_TITLE else name
        axes.append(
            f'<line class="axis" x1="{x:.0f}" x2="{x:.0f}" y1="40" y2="{_HEIGHT - 40}"/>'
            f'<text x="{x:.0f}" y="{14 if index % 2 else 30}" text-anchor="{anchor}">{escape(title)}</text>'
            f'<text x="{x:.0f}" y="{_HEIGHT - 22}" text-anchor="middle">{escape(low)}</text>'
            f'<text x="{x + 4:.0f}" y="52">{escape(high)}</text>'
        )
        for row, height in zip(points, heights, strict=True):
            row.append(f"{x:.0f},{_HEIGHT - 40 - height * (_HEIGHT - 80):.0f}")
    jobs = [
        f'<polyline class="job" stroke="{colours[job.name]}" points="{" ".join(row)}">'
        f"<title>{escape(job.name)}</title></polyline>"
        for job, row in zip(done, points, strict=True)
    ]
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="jobs">{"".join(axes)}{"".join(jobs)}</svg>'


def _scaled(cells: Sequence[str]) -> tuple[list[float], str, str]:
    """Heights from 0 to 1, and what stands at both ends; words are spread in their sorted order."""
    values = [_value(cell) for cell in cells]
    if None in values:
        order = sorted(set(cells))
        values = [float(order.index(cell)) for cell in cells]
        low, high = order[0][:_LONGEST_TITLE], order[-1][:_LONGEST_TITLE]
    else:
        numbers = [value for value in values if value is not None]
        low, high = f"{min(numbers):g}", f"{max(numbers):g}"
    found = [value for value in values if value is not None]
    span = max(found) - min(found)
    return [(value - min(found)) / span if span else 0.5 for value in found], low, high
