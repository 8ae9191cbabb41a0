"""Markdown tables from values that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dcvlr.records.printable import printable

_MAX_CHARS = 160


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are Markdown; make them of foreign texts with `code`."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def block(text: str, language: str) -> str:
    """`text` as a block of Markdown code that does not end early; long lines are cut.

    What steers a terminal or turns a line around stands as an escape.
    """
    lines = [line if len(line) <= _MAX_CHARS else f"{line[:_MAX_CHARS]}…" for line in printable(text).splitlines()]
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return "\n".join([f"{fence}{language}", *lines, fence])


def code(text: str) -> str:
    """`text` on one line as Markdown code that neither ends early nor breaks a table; a long one is cut.

    What steers a terminal or turns a line around stands as an escape.
    """
    flat = printable(" ".join(text.split()))
    if len(flat) > _MAX_CHARS:
        flat = f"{flat[:_MAX_CHARS]}… ({len(text)} characters)"
    # Inside a table even code cannot hold a bar as it is.
    flat = flat.replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return f"{fence}{pad}{flat}{pad}{fence}"
