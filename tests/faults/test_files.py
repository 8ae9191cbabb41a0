"""Pictures and stores that were altered at random: a failure or a recomputed chunk, never a crash or a wrong value."""

from __future__ import annotations

import io
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from fakes import Brightness
from faults.counting import Table, repeats, seed
from PIL import Image

from dcvlr.identity import digest
from dcvlr.images import DecodeMemory, read_picture
from dcvlr.memo import Memo
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Score

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FORMATS = ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]


def altered(data: bytes, draw: random.Random) -> bytes:
    """With some bytes changed, cut, doubled or put in front."""
    content = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        content[draw.randrange(len(content))] = draw.randrange(256)
    kind = draw.randrange(4)
    if kind == 1:
        content = content[: draw.randrange(1, len(content))]
    elif kind == 2:
        at = draw.randrange(len(content))
        content[at:at] = content[at : at + draw.randrange(1, 64)]
    elif kind == 3:
        content[:0] = draw.randbytes(draw.randrange(1, 16))
    return bytes(content)


def test_fuzzed_pictures_are_pictures_or_failures(tmp_path: Path, table: Table) -> None:
    draw, memory = random.Random(seed()), DecodeMemory(64 << 20)
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    files = []
    for image_format in FORMATS:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, image_format)
        files.append(file.getvalue())
    tried = repeats(300)
    for index in range(tried):
        data = altered(draw.choice(files), draw)
        path = tmp_path / f"{index % 50}.jpg"
        path.write_bytes(data)
        record = ImageRecord(id=digest(data), path=str(path), dataset="made")
        result = read_picture(record, Decode(max_side=draw.choice([None, 32])), memory)
        assert isinstance(result, Picture | Failure)
    table.add("fuzzed pictures", tried=tried, survived=tried)


def test_a_store_that_was_damaged_at_random_gives_the_same_values(tmp_path: Path, table: Table) -> None:
    draw, images = random.Random(seed()), []
    for level in range(24):
        path = tmp_path / f"{level}.png"
        Image.new("L", (32, 32), level).save(path)
        images.append(ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="made"))
    right = [Score(value=round(level / 255, 4)) for level in range(24)]
    assert list(Memo(tmp_path / "sound", chunk_size=4).measure(Brightness(), images).values()) == right
    tried = repeats(20)
    for _ in range(tried):
        shutil.copytree(tmp_path / "sound", tmp_path / "store")
        log = tmp_path / "calls"
        chunks = sorted((tmp_path / "store").rglob("*.jsonl"))
        harmed = draw.sample(chunks, draw.randint(1, len(chunks)))
        for chunk in harmed:
            harm(chunk, draw)
        memo = Memo(tmp_path / "store", chunk_size=4, lease_s=1.0)
        assert list(memo.measure(Brightness(log=str(log)), images).values()) == right
        recomputed = len(log.read_text().splitlines()) if log.exists() else 0
        assert recomputed <= 8 * len(harmed)  # chunks of such small runs hold eight
        table.add("damaged stores", tried=1, survived=1, recomputed=recomputed)
        log.unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "store")


def harm(chunk: Path, draw: random.Random) -> None:
    """Alter it, empty it, move it, put something else in its place, or a lock beside it that nobody holds."""
    kind = draw.randrange(7)
    if kind == 0:
        chunk.write_bytes(altered(chunk.read_bytes(), draw))
    elif kind == 1:
        chunk.write_bytes(b"")
    elif kind == 2:
        chunk.rename(chunk.with_name("000099-000000000000.jsonl"))
    elif kind == 3:
        chunk.unlink()
        chunk.mkdir()
    elif kind == 4:
        chunk.unlink()
        chunk.symlink_to("/proc/self/nowhere")
    elif kind == 5:
        chunk.unlink()
        chunk.with_name(f"{chunk.name}.lock").write_bytes(draw.randbytes(20))
    else:
        chunk.unlink()
        chunk.with_name(f"{chunk.name}.lock").mkdir()
