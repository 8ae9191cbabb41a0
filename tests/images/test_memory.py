"""What is decoded at a time has one bound of memory."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from dcvlr.images.memory import DecodeMemory


def test_pictures_decoded_at_a_time_share_their_memory() -> None:
    memory, at_once, most = DecodeMemory(100), 0, 0
    lock = threading.Lock()

    def use(count: int) -> None:
        nonlocal at_once, most
        with memory.reserve(count):
            with lock:
                at_once += count
                most = max(most, at_once)
            time.sleep(0.002)
            with lock:
                at_once -= count

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, [30, 60, 10, 100, 45] * 10))
        assert most == 100
        list(pool.map(use, [1000, 1000]))  # larger than all there is: alone, but not never
    assert most == 1000


MANY_AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from dcvlr.identity import digest
from dcvlr.images import read_picture
from dcvlr.images.memory import limit_decoding
from dcvlr.llm.views import shown
from dcvlr.records import Decode, ImageRecord
from dcvlr.records.requests import View

file, limit_mb = Path(sys.argv[1]), int(sys.argv[2])
image = ImageRecord(id=digest(file.read_bytes()), path=str(file), dataset="d")
limit_decoding(limit_mb)
ways = {
    "measure": lambda: read_picture(image, Decode(max_side=100)),
    "ask": lambda: shown(View(image=image), 100),
}


def peak_kib():  # of this program alone: ru_maxrss begins with that of the process which started it
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


before = peak_kib()
with ThreadPoolExecutor(16) as pool:
    done = list(pool.map(lambda _: ways[sys.argv[3]](), range(16)))
assert all(picture.width == 4000 for picture in done)
print((peak_kib() - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["measure", "ask"])
def test_what_a_process_decodes_at_a_time_has_one_bound_whoever_asks(tmp_path: Path, way: str) -> None:
    file = tmp_path / "large.png"
    Image.new("RGB", (4000, 4000), "teal").save(file)

    def grown_mb(limit_mb: int) -> int:
        command = [sys.executable, "-c", MANY_AT_ONCE, str(file), str(limit_mb), way]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert grown_mb(200) < 250  # one at a time: 48 MB of pixels, as much again on the way
    assert grown_mb(4000) > 300


FREED_AND_TAKEN_AGAIN = """
import resource
from dcvlr.images.memory import limit_decoding

limit_decoding(200)
for _ in range(100):
    block = b"x" * (6 << 20)
    del block
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt // 1536)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told what to keep")
def test_memory_that_a_picture_had_is_kept_for_the_next() -> None:
    command = [sys.executable, "-c", FREED_AND_TAKEN_AGAIN]
    times_new = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert times_new < 40, "of 100 blocks of 1536 pages"
