"""Pieces of HTML that a notebook shows; every text in them is data and stays text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dcvlr.binning.details import criteria_of
from dcvlr.errors import require_package
from dcvlr.records import ImageRecord
from dcvlr.records.base import Box
from dcvlr.records.printable import printable
from dcvlr.report.thumbnails import Thumbnails

_SIDE_PX = 240
_TITLES = ("bin", "criterion", "value", "threshold", "passes")
_BUDGET_BYTES = 4_000_000  # of pictures in one cell's output
_CARD = (
    "display:inline-block;vertical-align:top;margin:4px;max-width:{width}px;font-size:smaller;overflow-wrap:anywhere"
)
_LINE = 'fill="none" stroke="#d5006d" vector-effect="non-scaling-stroke" stroke-width="2"'


def thumbnails() -> Thumbnails:
    """Embedded in the notebook, so that it shows them elsewhere too."""
    return Thumbnails(embedded=True, budget_bytes=_BUDGET_BYTES)


def text(value: object) -> str:
    """`value` as the text of an element: no mark-up, nothing that turns a line around."""
    return html.escape(printable(str(value)))


def card(parts: Iterable[str], width: int) -> str:
    """Parts below each other; cards stand beside each other."""
    return f'<div style="{_CARD.format(width=width)}">{"<br>".join(parts)}</div>'


def rows(titles: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A table."""
    head = "".join(f"<th>{text(title)}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def picture(image: ImageRecord, side_px: int, shown: Thumbnails, boxes: Sequence[Box] = ()) -> str:
    """The picture, at most `side_px` large, with `boxes` in pixels of its full size drawn on it."""
    small = shown.of(image, side_px)
    if small is None:
        return f"<em>{text(image.file_name)}: no picture to show</em>"
    width, height = small["width"], small["height"]
    scale = min(1.0, side_px / max(width, height))
    size = f'width="{round(width * scale)}" height="{round(height * scale)}"'
    drawn = "".join(
        f'<rect x="{x0:g}" y="{y0:g}" width="{x1 - x0:g}" height="{y1 - y0:g}" {_LINE}/>' for x0, y0, x1, y1 in boxes
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" {size} xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{text(image.file_name)}"><image href="{small["src"]}" width="{width}" height="{height}"/>'
        f"{drawn}</svg>"
    )


class PictureDetails(dict[str, Any]):
    """The details that `ImageBinner` gives, as a dict; `image` is the picture they are about."""

    def __init__(self, details: Mapping[str, Any], image: ImageRecord) -> None:
        super().__init__(details)
        self.image = image

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`, a row a criterion."""
        require_package("pandas", extra="notebook", owner="to_pandas()")
        import pandas as pd

        return pd.DataFrame(list(self._criteria()), columns=list(_TITLES))

    def _criteria(self) -> Iterator[tuple[str, str, Any, Any, bool | None]]:
        for name in self["bin_titles"]:
            yield from ((name, *values) for values in criteria_of(self[f"bin_{name.lower()}_criteria"]))

    def _repr_html_(self) -> str:
        verdict_signs = {True: "✓", False: "✗", None: "–"}
        lines = [(*values, verdict_signs[passes]) for *values, passes in self._criteria()]
        shown = picture(self.image, _SIDE_PX, thumbnails())
        return f"{shown}<p><b>bin {text(self['assigned_bin'])}</b> {text(self['filename'])}</p>{rows(_TITLES, lines)}"
