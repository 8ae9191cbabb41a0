"""Sample pictures, so that a first run needs nothing: drawn receipts, tables, charts and forms, and photographs.

The drawings are made by this program and are CC0, as is the known text of each in `ground_truth.jsonl`. The
photographs are those of `photographs.py` here, public domain, CC0 or without known restrictions, each by its own
line of the `LICENSES.txt` that is written beside them; `metadata.jsonl` states the licence of every picture. A few show
what the filters are for: near-duplicates, an exact copy, one too small, one too wide, one cut off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from dcvlr.errors import ConfigError
from dcvlr.metadata.rows import METADATA
from dcvlr.protocols import Remembering
from dcvlr.records import ImageRecord, to_json
from dcvlr.rundir.files import atomic_write, remove_stale_temporaries
from dcvlr.rundir.ledger import Ledger
from dcvlr.sampling import seeded
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import choose, read_images
from dcvlr.source.samples.charts import draw_chart
from dcvlr.source.samples.paper_forms import draw_form
from dcvlr.source.samples.photographs import LICENCES, again, data_folder, encoded, licence_of, photographs
from dcvlr.source.samples.receipts import draw_receipt
from dcvlr.source.samples.sheet import Sheet
from dcvlr.source.samples.tables import draw_table
from dcvlr.source.walk import walk

_WRITTEN_AT_S = 1_704_067_200  # one time for all, so that workers that write the same file agree on it
_DRAWING_SEED = 7
_DRAWINGS: tuple[tuple[str, int, Callable[[Random, int], Sheet]], ...] = (
    ("receipts", 12, draw_receipt),
    ("tables", 10, draw_table),
    ("charts", 12, draw_chart),
    ("forms", 8, draw_form),
)
_DRAWN_AGAIN = {"receipts": 4, "charts": 7}  # the index of the drawing that also comes as a near-duplicate


@dataclass(frozen=True, kw_only=True)
class Samples:
    """About 60 pictures in five datasets under `folder`, the same bytes every time, written where they are missing.

    `photographs` needs scikit-image; without, only drawings are written.
    """

    folder: str
    photographs: bool
    num_images: int | None
    seed: int
    digest: FileDigest

    @property
    def location(self) -> str:
        return "samples"

    @property
    def root(self) -> str:
        return os.path.abspath(self.folder)  # noqa: PTH100  Path.resolve would follow links

    def check_ready(self) -> None:
        """Raise `MissingPackageError` if photographs are wanted and scikit-image is missing."""
        if self.photographs:
            data_folder()

    def count(self) -> int:
        """How many pictures a run would read; none is drawn."""
        self.check_ready()
        drawings = sum(count for _, count, _ in _DRAWINGS) + len(_DRAWN_AGAIN)
        total = drawings + (len(photographs()) if self.photographs else 0)
        return total if self.num_images is None else min(total, self.num_images)

    def __call__(self, memo: Remembering, ledger: Ledger) -> Sequence[ImageRecord]:
        self.check_ready()
        root = Path(self.folder)
        for folder in (root, *root.glob("samples__*"), *root.glob("samples__*/train")):
            remove_stale_temporaries(folder)
        _write(root / "LICENSES.txt", _licences)
        for name, count, draw in _DRAWINGS:
            _write_drawings(root / f"samples__{name}", name, count, draw)
        if self.photographs:
            train = root / "samples__photos" / "train"
            for filename, content in photographs().items():
                _write(train / filename, content)
            _write_metadata(train, {name: licence_of(name) for name in photographs()})
        found = walk(self.root, "strict")
        images = read_images(found, choose(found, self.num_images, self.seed), self.digest, memo, ledger)
        if not images:
            raise ConfigError(f"no sample in {self.folder} could be read")
        return images


def _write_drawings(dataset: Path, name: str, count: int, draw: Callable[[Random, int], Sheet]) -> None:
    names = [f"{name}_{index:02d}.{'jpg' if name == 'receipts' else 'png'}" for index in range(count)]

    def sheet(index: int) -> Sheet:
        return draw(seeded(_DRAWING_SEED, name, str(index)), index)

    def picture(index: int) -> bytes:
        return encoded(sheet(index).image, "JPEG" if name == "receipts" else "PNG")

    for index, filename in enumerate(names):
        _write(dataset / "train" / filename, partial(picture, index))
    again_names = []
    if name in _DRAWN_AGAIN:
        index = _DRAWN_AGAIN[name]
        again_names = [f"{names[index].rpartition('.')[0]}_again.jpg"]
        _write(dataset / "train" / again_names[0], lambda: again(picture(index), scale=0.85, quality=75))
    _write_metadata(dataset / "train", dict.fromkeys([*names, *again_names], "cc0-1.0"))
    _write(
        dataset / "ground_truth.jsonl",
        lambda: b"".join(
            to_json({"file": filename, "lines": sheet(index).texts}) + b"\n" for index, filename in enumerate(names)
        ),
    )


def _write_metadata(train: Path, licences: Mapping[str, str]) -> None:
    """The licences by file name, as other sources state them beside their pictures."""
    lines = [to_json({"file_name": name, "licence": licence}) + b"\n" for name, licence in licences.items()]
    _write(train / METADATA, lambda: b"".join(lines))


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """Write `content()` unless the file is there; a file that is there is whole."""
    if path.exists():
        return
    with atomic_write(path) as file:
        file.write(content())
        file.flush()
        os.utime(file.fileno(), (_WRITTEN_AT_S, _WRITTEN_AT_S))


def _licences() -> bytes:
    return "\n".join(_licence_lines()).encode() + b"\n"


def _licence_lines() -> Iterator[str]:
    yield "Licences of these sample pictures"
    yield ""
    yield "samples__receipts, samples__tables, samples__charts, samples__forms: drawn by dcvlr, CC0 1.0. Names,"
    yield "shops, addresses and numbers are invented. The font is the one inside Pillow (Aileron, CC0 1.0)."
    yield ""
    yield "samples__photos: from the scikit-image wheel, as its documentation (skimage.data) states:"
    yield from (f"  {name}: {licence}" for name, licence in LICENCES.items())
    yield "chelsea_recompressed, coffee_smaller, rocket_copy, rocket_cut_off and wall_too_wide are made from"
    yield "chelsea, coffee, rocket and brick and have their licences."
