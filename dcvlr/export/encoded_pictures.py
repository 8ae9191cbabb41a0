"""The bytes of a picture as every trainer can read them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from dcvlr.errors import DcvlrError
from dcvlr.images import decoded, orientation, read_bytes, with_all_ends
from dcvlr.images.formats import FORMATS
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Qa


class PictureLostError(DcvlrError):
    """A picture that cannot be exported: gone, no longer the one that was asked about, or no longer readable."""

    def __init__(self, image: ImageRecord, failure: Failure) -> None:
        self.image_id = image.id
        self.reason = f"{image.path} cannot be exported: {failure.message}"
        super().__init__(f"{self.reason}; put the file back, or run again so that it is left out")


_AS_THEY_ARE = {"JPEG": "jpg", "PNG": "png"}


@dataclass(frozen=True)
class EncodedPicture:
    """A JPEG or PNG file, upright and in RGB; `suffix` is jpg or png."""

    content: bytes
    suffix: str


def with_pictures(qas: Iterable[Qa]) -> Iterator[tuple[Qa, list[EncodedPicture]]]:
    """Each QA with its pictures, each of which is read once for QAs that follow each other.

    Raises `PictureLostError` if a picture is gone or no longer the one that was asked about.
    """
    held: dict[str, EncodedPicture] = {}
    for qa in qas:
        held = {image.id: held.get(image.id) or encoded_picture(image) for image in qa.pictures}
        yield qa, [held[image.id] for image in qa.pictures]


def with_copies(qas: Iterable[Qa], folder: Path) -> Iterator[tuple[Qa, list[str]]]:
    """Each QA with the names of its pictures in `folder`, which is made and gets each picture once.

    Raises `PictureLostError` as `with_pictures` does.
    """
    folder.mkdir(parents=True)
    return _copying(qas, folder)


def _copying(qas: Iterable[Qa], folder: Path) -> Iterator[tuple[Qa, list[str]]]:
    for qa, pictures in with_pictures(qas):
        names = [f"{image.id}.{one.suffix}" for image, one in zip(qa.pictures, pictures, strict=True)]
        for name, picture in zip(names, pictures, strict=True):
            if not (folder / name).exists():
                (folder / name).write_bytes(picture.content)
        yield qa, names


def encoded_picture(image: ImageRecord) -> EncodedPicture:
    """The file's bytes if it is an upright RGB JPEG or PNG with sound EXIF; else the decoded picture as a PNG.

    A JPEG gets the end marker that it lacks; one that was too large is a JPEG as it was used.
    Raises `PictureLostError` as `with_pictures` does.
    """
    content, picture = _read(image)
    if picture.format in _AS_THEY_ARE and picture.shrunk_from is None and _is_plain(content):
        return EncodedPicture(content, _AS_THEY_ARE[picture.format])
    file = io.BytesIO()
    if picture.format == "JPEG" and picture.shrunk_from is not None:
        Image.fromarray(picture.pixels).save(file, "JPEG", quality=95, subsampling=0)
        return EncodedPicture(file.getvalue(), "jpg")
    Image.fromarray(picture.pixels).save(file, "PNG")
    return EncodedPicture(file.getvalue(), "png")


def _read(image: ImageRecord) -> tuple[bytes, Picture]:
    """The bytes that were asked about and what they show, from one reading of the file."""
    content = read_bytes(image)
    if isinstance(content, Failure):
        raise PictureLostError(image, content)
    picture = decoded(image, content, Decode(max_side=None))
    if isinstance(picture, Failure):
        raise PictureLostError(image, picture)
    return with_all_ends(content), picture


def lost_pictures(qas: Iterable[Qa]) -> dict[str, str]:
    """Why pictures can no longer be exported, by image id; each is looked at once."""
    images = {image.id: image for qa in qas for image in qa.pictures}
    read = {image_id: read_bytes(image) for image_id, image in images.items()}
    return {i: PictureLostError(images[i], data).reason for i, data in read.items() if isinstance(data, Failure)}


def _is_plain(content: bytes) -> bool:
    # Broken EXIF shows no harm until a trainer asks for the orientation, as `datasets` does: then its run ends.
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        return image.mode == "RGB" and orientation(image) == 1 and not image.has_transparency_data
