"""What a stage gives, as a notebook shows it: a sequence of records with pictures, tables and a frame of pandas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dcvlr.errors import ConfigError, require_package
from dcvlr.export.record_columns import row_of
from dcvlr.notebook.picture_html import card, picture, text, thumbnails
from dcvlr.records import BinnedImage, ImageRecord, Qa
from dcvlr.records.printable import printable
from dcvlr.report.thumbnails import Thumbnails
from dcvlr.rundir.record_list import RecordSequence
from dcvlr.text.letters import option_lines

R = TypeVar("R", bound=ImageRecord | BinnedImage | Qa)

_FIRST = 6  # records that are shown without being asked for
_SMALL_PX, _LARGE_PX = 144, 360


@dataclass(frozen=True)
class Shown:
    """What `show` gives: HTML in a notebook, text at a prompt or in `print`."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return printable(self.text)


class RecordTable(RecordSequence[R]):
    """`records`, read from disk as they are asked for where they lie there; equal to a list of equal records."""

    def __init__(self, records: Sequence[R], what: str) -> None:
        self._records = records
        self._what = what

    def __len__(self) -> int:
        return len(self._records)

    def row(self, index: int) -> R:
        return self._records[index]

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`, a row a record. Raises `ConfigError` without pandas."""
        require_package("pandas", extra="notebook", owner="to_pandas()")
        import pandas as pd

        return pd.DataFrame([_row(record) for record in self])

    def show(self, n: int = _FIRST) -> Shown:
        """The first `n`, with their pictures, and evidence drawn on them; raises `ConfigError` for another `n`."""
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise ConfigError(f"show(n={n!r}): a whole number above 0 is needed")
        return Shown(self._html(n), self._text(n))

    def __repr__(self) -> str:
        return f"<{len(self)} {self._what}>"

    def _repr_html_(self) -> str:
        return self._html(_FIRST)

    def _html(self, n: int) -> str:
        small = thumbnails()
        cards = [_html_of(record)(record, small) for record in self[:n]]
        more = f"<p>… {len(self) - n} more: .show({len(self)})</p>" if len(self) > n else ""
        return f"<p><b>{len(self)} {text(self._what)}</b></p>{''.join(cards)}{more}"

    def _text(self, n: int) -> str:
        lines = [_line_of(record) for record in self[:n]]
        return "\n".join([f"{len(self)} {self._what}", *lines])


def _row(record: ImageRecord | BinnedImage | Qa) -> dict[str, Any]:
    if isinstance(record, BinnedImage):
        return {**row_of(record.image), "bin": record.bin, **row_of(record.criteria)}
    return row_of(record)


def _line_of(record: ImageRecord | BinnedImage | Qa) -> str:
    if isinstance(record, Qa):
        return f"{record.id}  {record.question}  {record.answer}"
    return record.path if isinstance(record, ImageRecord) else f"{record.bin}  {record.image.path}"


def _html_of(record: ImageRecord | BinnedImage | Qa) -> Callable[[Any, Thumbnails], str]:
    return _question if isinstance(record, Qa) else _binned if isinstance(record, BinnedImage) else _image


def _image(image: ImageRecord, small: Thumbnails) -> str:
    return card([picture(image, _SMALL_PX, small), text(image.file_name), text(image.dataset)], _SMALL_PX)


def _binned(binned: BinnedImage, small: Thumbnails) -> str:
    values = [f"{name} {value:.3g}" for name, value in row_of(binned.criteria).items() if value is not None]
    shown = [picture(binned.image, _SMALL_PX, small), f"<b>bin {text(binned.bin)}</b>", text(binned.image.file_name)]
    return card([*shown, *map(text, values)], _SMALL_PX)


def _question(qa: Qa, small: Thumbnails) -> str:
    pictures = [
        picture(image, _LARGE_PX, small, [e.box for e in qa.evidence if e.box is not None and e.picture == number])
        for number, image in enumerate(qa.pictures, 1)
    ]
    options = option_lines(map(text, qa.options or ()))
    steps = "<br>".join(map(text, qa.reasoning.splitlines()))
    return card(
        [
            *pictures,
            f"<b>{text(qa.question)}</b>",
            *(["<br>".join(options)] if options else []),
            f"Answer: <b>{text(qa.answer)}</b>",
            f"<details><summary>bin {text(qa.bin)}, {text(qa.generator)}</summary>{steps}</details>",
        ],
        _LARGE_PX,
    )
