"""What the reader leaves out as no reading: should be nothing of `known` pages, everything of `foreign` ones.

    python bench/legibility.py KNOWN_DIR FOREIGN_DIR

Each is a folder of pictures: pages in scripts that the OCR knows and photographs, and pages in ones it does not. Prints
per folder how many pictures have lines, how many of these are not read, and the pictures where the two differ.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dcvlr.config import compose, make
from dcvlr.images import read_picture
from dcvlr.memo import Memo
from dcvlr.records import Failure, OcrResult
from dcvlr.rundir.ledger import Ledger


def main(known: str, foreign: str) -> None:
    for title, folder in (("known", known), ("foreign", foreign)):
        results = _read(folder)
        with_text = {path: result for path, result in results.items() if result.lines or result.unread}
        unread = [path for path, result in with_text.items() if result.unread]
        print(f"{title}: {len(results)} pictures, {len(with_text)} with lines, {len(unread)} of these not read")
        odd = unread if title == "known" else sorted(set(with_text) - set(unread))
        print(*(f"  {'not read' if path in unread else 'read'}: {path}" for path in odd), sep="\n")


def _read(folder: str) -> dict[str, OcrResult]:
    import io
    import tempfile

    cfg = compose(["source=folder", f"images_dir='{Path(folder).resolve()}'"])
    source, ocr = make(cfg, "source"), make(cfg, "binning.ocr")
    with tempfile.TemporaryDirectory() as scratch:
        images = source(Memo(Path(scratch)), Ledger(io.BytesIO(), "source"))
    results = {}
    for image in images:
        picture = read_picture(image, ocr.decode)
        if not isinstance(picture, Failure):
            (results[image.path],) = ocr([picture])
    return results


if __name__ == "__main__":
    main(*sys.argv[1:3])
