"""Folders of bad pictures: each is used or in the ledger with a reason; no crash, no hang, no more memory than said."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from faults.bad_pictures import BAD, bomb, documents, sound
from faults.counting import Table, repeats, seed
from faults.watchdog import ENVIRONMENT, ends_within

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each run has a watchdog of its own

FILES, DOCUMENTS, WATCHDOG_S = 400, 40, 240.0
MOST_KIB = 1 << 20  # 0.3 GiB for a run, and what the largest picture may take alone, or 64 MiB for all
SUFFIXES = (".jpg", ".png", ".gif", ".bmp", ".tif", ".webp", ".avif", ".heic", ".jp2", ".JPG", ".txt", "")


def test_every_bad_picture_is_used_or_in_the_ledger_with_a_reason(tmp_path: Path, table: Table) -> None:
    files = list(sound().values())
    for round_ in range(repeats(1)):
        draw, folder = random.Random(seed() * 1000 + round_), tmp_path / "pictures"
        folder.mkdir()
        for n in range(FILES):
            (folder / f"{n:04d}{draw.choice(SUFFIXES)}").write_bytes(draw.choice(list(BAD.values()))(draw, files))
        (folder / "bomb.png").write_bytes(bomb(draw, files))
        shutil.copy(folder / "bomb.png", folder / "copy.jpg")
        (folder / "sound.png").write_bytes(files[3])
        out = tmp_path / "out"
        table.tried("bad pictures", FILES)
        filtered(folder, out)
        used, left_out = fates(out)
        assert used | left_out == {str(path) for path in folder.iterdir()}
        assert not used & left_out
        table.survived("bad pictures", FILES)
        shutil.rmtree(folder)
        shutil.rmtree(out)


def test_every_bad_document_has_pages_or_is_in_the_ledger_with_a_reason(tmp_path: Path, table: Table) -> None:
    pytest.importorskip("pypdfium2", reason="the pdf extra is not installed")
    for round_ in range(repeats(1)):
        draw, folder = random.Random(seed() * 1000 + round_), tmp_path / "documents"
        folder.mkdir()
        for suffix, files in documents().items():
            for n in range(DOCUMENTS):
                make = draw.choice([make for name, make in BAD.items() if name != "nested"])
                (folder / f"{n:04d}{suffix}").write_bytes(make(draw, files))
        (folder / "sound.pdf").write_bytes(documents()[".pdf"][0])
        out = tmp_path / "out"
        table.tried("bad documents", 2 * DOCUMENTS)
        filtered(folder, out, "source=pdf", "source.dpi=36")
        used, left_out = fates(out)
        drawn = {Path(path).name.partition("-36dpi-p")[0] for path in used | left_out}
        named = {Path(path.partition("#page=")[0]).name for path in left_out}
        assert {path.name for path in folder.iterdir()} <= drawn | named
        table.survived("bad documents", 2 * DOCUMENTS)
        shutil.rmtree(folder)
        shutil.rmtree(out)


def filtered(folder: Path, out: Path, *more: str) -> None:
    """Run the filters over a folder; the run ends well, in time and with as much memory as it may have."""
    words = [f"images_dir={folder}", f"output_dir={out}", "stages=[filtering]", "filtering/nsfw=none", "report=none"]
    words += ["filtering.min_resolution=1", "runtime.decode_memory_mb=64", *more]
    environment = {**os.environ, **ENVIRONMENT, "OMP_NUM_THREADS": "1"}
    stderr_path = out.with_name("stderr")
    with stderr_path.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "dcvlr", *words], env=environment, stdout=subprocess.DEVNULL, stderr=stderr
        )
    try:
        with ends_within(WATCHDOG_S):
            peak_kib = peak_until_end(process)
    except BaseException:
        process.send_signal(signal.SIGABRT)  # its stacks are the reason
        process.wait()
        print(stderr_path.read_text())
        raise
    assert process.returncode in (0, 1), stderr_path.read_text()
    assert not process.returncode or "could not be measured: run the same command again" in stderr_path.read_text()
    assert 0 < peak_kib < MOST_KIB


def peak_until_end(process: subprocess.Popen[bytes]) -> int:
    """Its own memory at most, in KiB: ru_maxrss of a child begins with the peak of the process which started it."""
    peak = 0
    while process.poll() is None:
        found = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        peak = int(found[1]) if found else peak
        time.sleep(0.05)
    return peak


def fates(out: Path) -> tuple[set[str], set[str]]:
    """Where the pictures lie that were used, and those that are in the ledger with a reason."""
    kept, entries = rows(out / "intermediate/stage1_filtering/filtered_images.jsonl"), rows(out / "rejected.jsonl")
    for entry in entries:
        assert entry["reasons"]
        assert any(finding["reason"] for finding in entry["findings"]), entry
    root = json.loads((out / "manifest.json").read_bytes())["root"]
    return (
        {str(Path(root, path)) for row in kept for path in places(row)},
        {str(Path(root, path)) for entry in entries for path in places(entry)},
    )


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def places(row: dict[str, Any]) -> list[str]:
    """Where the picture of a record or of an entry of the ledger lies below the root."""
    return [row["path"], *row.get("copies", [])]
