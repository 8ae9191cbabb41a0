"""What is stored is found; what is not is never computed."""

from __future__ import annotations

from pathlib import Path

from fakes import Brightness
from PIL import Image

from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.memo.recall import Recall
from dcvlr.records import Failure, ImageRecord


def record(folder: Path, grey: int) -> ImageRecord:
    path = folder / f"{grey}.png"
    Image.new("L", (40, 40), grey).save(path)
    return ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="drawn")


def test_a_stored_signal_is_found_and_a_missing_one_is_a_failure_that_passes(tmp_path: Path) -> None:
    known, unknown = record(tmp_path, 51), record(tmp_path, 102)
    model = Brightness(log=str(tmp_path / "calls"))
    Memo(tmp_path / "checkpoints").measure(model, [known])
    calls = (tmp_path / "calls").read_bytes()
    recall = Recall(tmp_path / "checkpoints")
    found = recall.measure(model, [known, unknown])
    assert found[known.id].value == 0.2
    assert isinstance(found[unknown.id], Failure)
    assert found[unknown.id].kind == "missing"
    (asked,) = recall.asked.values()
    assert (asked.stored, asked.missing) == ({known.id}, {unknown.id})
    assert (tmp_path / "calls").read_bytes() == calls


def test_looking_writes_nothing(tmp_path: Path) -> None:
    image = record(tmp_path, 51)
    Recall(tmp_path / "checkpoints").measure(Brightness(), [image])
    assert not (tmp_path / "checkpoints").exists()
