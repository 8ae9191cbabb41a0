"""The pages of one document as PNG files: PDF by PDFium, TIFF by Pillow."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageSequence

from dcvlr.images import MAX_PIXELS, hush_pillow

DOCUMENTS = (".pdf", ".tif", ".tiff")
_POINTS_PER_INCH = 72
_KEPT_MODES = frozenset({"1", "L", "LA", "I;16", "P", "RGB", "RGBA"})  # those of PNG
_NO_PICTURE = frozenset({"I", "F"})
# What Pillow raises for damaged TIFF files, see dcvlr.images; KeyError is for a compression that does not exist.
_BAD_FILE = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, RuntimeError, struct.error),
    Image.DecompressionBombError,
)


class UnreadableDocumentError(Exception):
    """A document of which no page can be had."""


@dataclass(frozen=True)
class DocumentPage:
    """`number` counts from 1; `content` is a PNG, or None with the `reason` why there is none."""

    number: int
    content: bytes | None
    reason: str = ""


def page_count(path: Path) -> int:
    """Raises `UnreadableDocumentError`."""
    if path.suffix.lower() == ".pdf":
        with _opened(path) as document:
            return len(document)
    hush_pillow()
    try:
        with Image.open(path, formats=["TIFF"]) as image:
            return sum(1 for _ in _frames(image))
    except _BAD_FILE as error:
        raise UnreadableDocumentError(f"no TIFF that can be read ({type(error).__name__})") from error


def pages(path: Path, *, dpi: int, max_pages: int | None) -> Iterator[DocumentPage]:
    """The first `max_pages` pages, one in memory at a time; `dpi` is for PDF, a TIFF keeps its pixels.

    Raises `UnreadableDocumentError`.
    """
    count = page_count(path)
    if path.suffix.lower() == ".pdf":
        return _pdf_pages(path, count if max_pages is None else min(count, max_pages), dpi)
    return _tiff_pages(path, max_pages)


def _opened(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        needs_password = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        reason = "it needs a password" if needs_password else "no PDF that can be read"
        raise UnreadableDocumentError(reason) from error


def _pdf_pages(path: Path, wanted: int, dpi: int) -> Iterator[DocumentPage]:
    import pypdfium2

    with _opened(path) as document:
        for index in range(wanted):
            try:
                page = document[index]
                width, height = (side * dpi / _POINTS_PER_INCH for side in page.get_size())
                if width * height > MAX_PIXELS:
                    yield DocumentPage(
                        index + 1, None, f"{width:.0f}x{height:.0f} pixels at {dpi} dpi: over {MAX_PIXELS}"
                    )
                    continue
                image = page.render(scale=dpi / _POINTS_PER_INCH).to_pil().convert("RGB")
            except pypdfium2.PdfiumError:
                yield DocumentPage(index + 1, None, "a page that cannot be drawn")
                continue
            yield DocumentPage(index + 1, _png(image, dpi))


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    """Those that a cut or damaged file has left, too: all before the first of which nothing is known."""
    frames = iter(ImageSequence.Iterator(image))
    try:
        yield from frames
    except _BAD_FILE:
        return


def _tiff_pages(path: Path, wanted: int | None) -> Iterator[DocumentPage]:
    number = 0
    try:
        with Image.open(path, formats=["TIFF"]) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                yield _tiff_page(number, frame)
                if number == wanted:
                    return
    except _BAD_FILE as error:  # Pillow finds no way past it to the pages behind
        yield DocumentPage(
            number + 1, None, f"a page that cannot be read ({type(error).__name__}), nor those behind it"
        )


def _tiff_page(number: int, frame: Image.Image) -> DocumentPage:
    if frame.width * frame.height > MAX_PIXELS:
        return DocumentPage(number, None, f"{frame.width}x{frame.height} pixels: over {MAX_PIXELS}")
    if frame.mode in _NO_PICTURE:
        return DocumentPage(number, None, f"measurements ({frame.mode}, 32 bits a pixel), no page")
    try:
        frame.load()
        return DocumentPage(number, _png(frame if frame.mode in _KEPT_MODES else frame.convert("RGB"), None))
    except _BAD_FILE as error:
        return DocumentPage(number, None, f"a page that cannot be read ({type(error).__name__})")


def _png(image: Image.Image, dpi: int | None) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **({} if dpi is None else {"dpi": (dpi, dpi)}))
    return file.getvalue()
