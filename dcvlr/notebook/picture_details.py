"""Why one picture is in its bin, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dcvlr.binning.details import criteria_of
from dcvlr.errors import require_package
from dcvlr.notebook.picture_html import picture, rows, text, thumbnails
from dcvlr.records import ImageRecord

_SIDE_PX = 240
_TITLES = ("bin", "criterion", "value", "threshold", "passes")


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
