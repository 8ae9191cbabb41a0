"""Pages that the reader takes for ones in a script it does not know: none of those it knows, all of the others.

    python bench/legibility.py [EVERY] [FOLDER ...]

Drawn pages of 24 languages (bench/foreign_pages.py), every EVERY-th of them (1), then the pictures of each folder, of
which those that are not read are named: photographs and pages in Latin script should not be among them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from foreign_pages import FOREIGN, KNOWN, pages
from PIL import Image

from dcvlr.config import compose, make
from dcvlr.identity import file_digest
from dcvlr.images import read_picture
from dcvlr.records import Decode, Failure, ImageRecord, OcrResult, Picture


def main(every: int, folders: list[str]) -> None:
    ocr: Any = make(compose(["binning.ocr.engines=1"]), "binning.ocr")
    print(f"{'pages':32}{'count':>7}{'with lines':>12}{'not read':>10}")
    for title, languages in (("known", KNOWN), ("unknown", FOREIGN)):
        for name, language in languages.items():
            row(f"{title}: {name}", [_read(ocr, _drawn(page)) for _, page in list(pages(language))[::every]])
    for folder in folders:
        found = {str(path): _read(ocr, picture) for path, picture in _pictures(Path(folder), ocr.decode)}
        row(folder, list(found.values()))
        print(*(f"    not read: {path}" for path, result in found.items() if result.unread), sep="\n")


def row(title: str, results: list[OcrResult]) -> None:
    unread = sum(result.unread > 0 for result in results)
    with_lines = unread + sum(bool(result.lines) for result in results)
    print(f"{title:32}{len(results):7}{with_lines:12}{unread:10}", flush=True)


def _read(ocr: Any, picture: Picture) -> OcrResult:
    (result,) = ocr([picture])
    assert isinstance(result, OcrResult)
    return result


def _drawn(page: Image.Image) -> Picture:
    pixels = np.asarray(page.convert("RGB"))
    return Picture(id="page", path="", format="PNG", width=page.width, height=page.height, pixels=pixels)


def _pictures(folder: Path, decode: Decode) -> Iterator[tuple[Path, Picture]]:
    files: Iterable[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        picture = read_picture(ImageRecord(id=file_digest(path), path=str(path), dataset="bench"), decode)
        if not isinstance(picture, Failure):
            yield path, picture


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:2] if argument.isdigit()]
    main(*numbers or [1], sys.argv[1 + len(numbers) :])
