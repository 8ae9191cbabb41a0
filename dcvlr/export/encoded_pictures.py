"""The bytes of a picture as every trainer can read them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image

from dcvlr.errors import DcvlrError
from dcvlr.images import decoded, orientation, read_bytes, with_all_ends
from dcvlr.images.formats import FORMATS
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Qa


class PictureLostError(DcvlrError):
    """A picture that cannot be exported: gone, no longer the one that was asked about, or no longer readable."""

    def __init__(self, qa: Qa, failure: Failure) -> None:
        self.image_id = qa.image_id
        self.reason = f"{qa.image} cannot be exported: {failure.message}"
        super().__init__(f"{self.reason}; put the file back, or run again so that it is left out")


_AS_THEY_ARE = {"JPEG": "jpg", "PNG": "png"}


@dataclass(frozen=True)
class EncodedPicture:
    """A JPEG or PNG file, upright and in RGB; `suffix` is jpg or png."""

    content: bytes
    suffix: str


def with_pictures(qas: Iterable[Qa]) -> Iterator[tuple[Qa, EncodedPicture]]:
    """Each QA with its picture, which is read once for QAs that follow each other.

    Raises `PictureLostError` if a picture is gone or no longer the one that was asked about.
    """
    for _, of_one_picture in groupby(qas, key=lambda qa: qa.image_id):
        picture: EncodedPicture | None = None
        for qa in of_one_picture:
            picture = picture or encoded_picture(qa)
            yield qa, picture


def with_copies(qas: Iterable[Qa], folder: Path) -> Iterator[tuple[Qa, str]]:
    """Each QA with the name of its picture in `folder`, which is made and gets each picture once.

    Raises `PictureLostError` as `with_pictures` does.
    """
    folder.mkdir(parents=True)
    return _copying(qas, folder)


def _copying(qas: Iterable[Qa], folder: Path) -> Iterator[tuple[Qa, str]]:
    for qa, picture in with_pictures(qas):
        name = f"{qa.image_id}.{picture.suffix}"
        if not (folder / name).exists():
            (folder / name).write_bytes(picture.content)
        yield qa, name


def encoded_picture(qa: Qa) -> EncodedPicture:
    """The file's bytes if it is an upright RGB JPEG or PNG with sound EXIF; else the decoded picture as a PNG.

    A JPEG gets the end marker that it lacks; one that was too large is a JPEG as it was used.
    Raises `PictureLostError` as `with_pictures` does.
    """
    content, picture = _read(qa)
    if picture.format in _AS_THEY_ARE and picture.shrunk_from is None and _is_plain(content):
        return EncodedPicture(content, _AS_THEY_ARE[picture.format])
    file = io.BytesIO()
    if picture.format == "JPEG" and picture.shrunk_from is not None:
        Image.fromarray(picture.pixels).save(file, "JPEG", quality=95, subsampling=0)
        return EncodedPicture(file.getvalue(), "jpg")
    Image.fromarray(picture.pixels).save(file, "PNG")
    return EncodedPicture(file.getvalue(), "png")


def _read(qa: Qa) -> tuple[bytes, Picture]:
    """The bytes that were asked about and what they show, from one reading of the file."""
    record = _record(qa)
    content = read_bytes(record)
    if isinstance(content, Failure):
        raise PictureLostError(qa, content)
    picture = decoded(record, content, Decode(max_side=None))
    if isinstance(picture, Failure):
        raise PictureLostError(qa, picture)
    return with_all_ends(content), picture


def lost_pictures(qas: Iterable[Qa]) -> dict[str, str]:
    """Why pictures can no longer be exported, by image id; each is looked at once."""
    first = {qa.image_id: qa for qa in qas}
    read = {image_id: read_bytes(_record(qa)) for image_id, qa in first.items()}
    return {i: PictureLostError(first[i], data).reason for i, data in read.items() if isinstance(data, Failure)}


def _record(qa: Qa) -> ImageRecord:
    return ImageRecord(id=qa.image_id, path=qa.image, dataset=qa.dataset)


def _is_plain(content: bytes) -> bool:
    # Broken EXIF shows no harm until a trainer asks for the orientation, as `datasets` does: then its run ends.
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        return image.mode == "RGB" and orientation(image) == 1 and not image.has_transparency_data
