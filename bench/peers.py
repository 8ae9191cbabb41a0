"""dcvlr beside its peers on the same pictures, each as its own users run it: seconds, memory, and what was found.

    python bench/peers.py FOLDER [PICTURES_DIR] [COUNT]

COUNT pages (2,000) are drawn into FOLDER/pictures, one of twenty a copy of another, and PICTURES_DIR is copied beside
them. Every peer gets an environment of its own in FOLDER, made by uv, which has to be there; what is there already is
used again. Time and memory are of the whole process and all that it starts, from a cold start; seconds of the processor
do not depend on what else the machine does; memory is the largest sum of resident pages, looked at ten times a second.
A peer that cannot run says why.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from dedup_pages import COPIES_IN, draw_page

from dcvlr.images.formats import SUFFIXES

TORCH = "torch==2.14.1"  # one version for all: an environment costs several GB, which uv links from its cache
LAST_LINES = """
    print(chr(10) + "FOUND " + __import__("json").dumps({"duplicates": duplicates, "other": other}))
"""
ENV = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
NAME_DIGITS = 6
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
ORPHANS_S = 5.0  # that a program's processes may outlive it
OURS = {
    "dcvlr, default": [],
    "dcvlr, no search for duplicates": ["filtering/dedup=none"],
}


@dataclass(frozen=True)
class Peer:
    """What is installed, and a program that is told a folder and leaves paths in `duplicates` and a text in `other`."""

    title: str
    packages: tuple[str, ...]
    program: str


PEERS = {
    "cleanvision": Peer(
        "cleanvision 0.3.7: all its issues",
        ("cleanvision==0.3.7", TORCH),
        """
import sys
from cleanvision import Imagelab
if __name__ == "__main__":
    lab = Imagelab(data_path=sys.argv[1])
    lab.find_issues(n_jobs=2, verbose=False)
    sets = lab.info["near_duplicates"]["sets"] + lab.info["exact_duplicates"]["sets"]
    duplicates = [path for one in sets for path in one]
    other = ", ".join(f"{row.issue_type} {row.num_images}" for row in lab.issue_summary.itertuples() if row.num_images)
""",
    ),
    "imagededup": Peer(
        "imagededup 0.3.3: PHash, 8 bits",
        ("imagededup==0.3.3.post2", TORCH),
        """
import os, sys
from imagededup.methods import PHash
if __name__ == "__main__":
    hasher = PHash(verbose=False)
    codes = hasher.encode_images(image_dir=sys.argv[1], recursive=True, num_enc_workers=2)
    pairs = hasher.find_duplicates(encoding_map=codes, max_distance_threshold=8, num_dist_workers=2)
    duplicates = [os.path.join(sys.argv[1], name) for name, others in pairs.items() if others]
    other = f"{len(codes)} hashes"
""",
    ),
    "data-juicer": Peer(
        "Data-Juicer 1.6.1: shape, aspect, phash",
        ("py-data-juicer==1.6.1", "aiohttp", "imagededup==0.3.3.post2", TORCH),
        """
import json, os, subprocess, sys, tempfile
if __name__ == "__main__":
    work = tempfile.mkdtemp()
    paths = sorted(os.path.join(top, name) for top, _, names in os.walk(sys.argv[1]) for name in names)
    with open(work + "/in.jsonl", "w") as file:
        file.writelines(json.dumps({"text": "<__dj__image>", "images": [path]}) + "\\n" for path in paths)
    process = [
        {"image_shape_filter": {"min_width": 256, "min_height": 256}},
        {"image_aspect_ratio_filter": {"min_ratio": 0.2, "max_ratio": 5.0}},
        {"image_deduplicator": {"method": "phash"}},
    ]
    config = {"dataset_path": work + "/in.jsonl", "export_path": work + "/out.jsonl", "np": 2, "process": process}
    json.dump(config, open(work + "/c.yaml", "w"))  # JSON is YAML
    run = [os.path.join(os.path.dirname(sys.executable), "dj-process"), "--config", work + "/c.yaml"]
    done = subprocess.run(run, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    kept = {json.loads(line)["images"][0] for line in open(work + "/out.jsonl")}
    duplicates = [path for path in paths if path not in kept]
    other = f"{len(kept)} kept by all three"
""",
    ),
    "data-juicer nsfw": Peer(
        "Data-Juicer 1.6.1: NSFW",
        (),
        """
import os, sys
if __name__ == "__main__":
    from data_juicer.ops.filter.image_nsfw_filter import ImageNSFWFilter
    first = next(os.path.join(top, name) for top, _, names in os.walk(sys.argv[1]) for name in names)
    ImageNSFWFilter().compute_stats_single({"images": [first], "__dj__stats__": {}})
    duplicates, other = [], "its weights could be loaded"
""",
    ),
    "datatrove": Peer(
        "datatrove 0.10.1: a reader and a filter of size",
        ("datatrove[io]==0.10.1", "orjson", "pillow", "regex"),
        """
import json, os, sys, tempfile
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
def large(document):
    from PIL import Image
    with Image.open(document.text) as image:
        return min(image.convert("RGB").size) >= 256
if __name__ == "__main__":
    work = tempfile.mkdtemp()
    paths = sorted(os.path.join(top, name) for top, _, names in os.walk(sys.argv[1]) for name in names)
    os.mkdir(work + "/in")
    for rank in range(2):
        with open(f"{work}/in/{rank}.jsonl", "w") as file:
            file.writelines(json.dumps({"text": path, "id": path}) + "\\n" for path in paths[rank::2])
    steps = [JsonlReader(work + "/in"), LambdaFilter(large), JsonlWriter(work + "/out", compression=None)]
    LocalPipelineExecutor(steps, tasks=2, workers=2, logging_dir=work + "/log").run()
    kept = sum(len(open(f"{work}/out/{name}").readlines()) for name in os.listdir(work + "/out"))
    duplicates, other = [], f"{kept} of {len(paths)} large enough; it has no duplicates of pictures"
""",
    ),
}

DCVLR = """
import json, os, sys, tempfile
from dcvlr.cli.main import main
if __name__ == "__main__":
    out = tempfile.mkdtemp()
    words = [f"images_dir={sys.argv[1]}", f"output_dir={out}", "stages=[filtering]", "filtering/nsfw=none"]
    sys.argv = ["dcvlr", *words, "report=none", *sys.argv[2:]]
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
    entries = [json.loads(line) for line in open(out + "/rejected.jsonl")]
    duplicates = [entry["path"] for entry in entries if "duplicate" in entry["reasons"]]
    other = f"{len(entries)} rejected in all"
"""


class Found(msgspec.Struct):
    """What a program says at its end."""

    duplicates: list[str]
    other: str


@dataclass(frozen=True)
class Outcome:
    """`found` is None where it could not run, for a `reason`."""

    seconds: float
    cpu_s: float
    peak_mb: float
    found: Found | None = None
    reason: str = ""


def environment(folder: Path, name: str, packages: tuple[str, ...]) -> Path:
    """The interpreter of an environment with these packages."""
    path = folder / "environments" / name
    python = path / "bin" / "python"
    if not (path / "complete").exists():
        subprocess.run(["uv", "venv", "-q", "--clear", "--python", "3.11", path], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "--python", python, *packages], check=True)
        (path / "complete").touch()
    return python


def measured(python: Path, program: str, words: list[str], folder: Path) -> Outcome:
    """Run a program in a session of its own, whose resident pages are added up."""
    script, log = folder / "program.py", folder / "program.log"
    script.write_text(program + LAST_LINES)
    adopt_orphans()
    start, peak, cpu_before = time.monotonic(), 0, cpu_seconds()
    with log.open("wb") as output:
        command = [python, script, *words]
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=ENV, start_new_session=True)
        while process.poll() is None:
            peak = max(peak, sum(resident_pages(process.pid).values()) * PAGE_BYTES)
            time.sleep(0.1)
    seconds = time.monotonic() - start
    await_orphans(process.pid)
    taken, lines = (seconds, cpu_seconds() - cpu_before), log.read_text(errors="replace").splitlines()
    found = next((line for line in reversed(lines) if line.startswith("FOUND ")), None)
    if process.returncode or found is None:
        return Outcome(*taken, peak / 1e6, reason=next((line for line in reversed(lines) if line.strip()), "no word"))
    return Outcome(*taken, peak / 1e6, msgspec.json.decode(found.removeprefix("FOUND "), type=Found))


def no_pictures(folder: str, names: list[str]) -> list[str]:
    """Files that are not copied: some peers end at the first that is no picture."""
    return [name for name in names if (Path(folder) / name).is_file() and Path(name).suffix.lower() not in SUFFIXES]


def adopt_orphans() -> None:
    """Whoever a program leaves behind, as servers that fork its workers, becomes a child whose seconds are told."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def await_orphans(session: int) -> None:
    """Until nobody of a session is left; those who stay are ended."""
    give_up = time.monotonic() + ORPHANS_S
    while left := resident_pages(session):
        for pid in left:
            if time.monotonic() > give_up:
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):  # its own parent is still there
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.05)


def cpu_seconds() -> float:
    """Of all that this process has started and that has ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def resident_pages(session: int) -> dict[int, int]:
    """The resident pages of every process of a session; shared ones count for each."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[3]) == session:
            found[int(path.parent.name)] = int(fields[21])
    return found


def row(title: str, outcome: Outcome, count: int, copies: int) -> str:
    """A line of the table; pages of one layout that are called duplicates without being copies are wrong."""
    start = f"{title:42} {outcome.seconds:>8.1f} {outcome.cpu_s:>8.1f}"
    if outcome.found is None:
        return f"{start} cannot run: {outcome.reason[:200]}"
    named = {Path(path).stem for path in outcome.found.duplicates}
    numbers = {int(name) for name in named if name.isdigit() and len(name) == NAME_DIGITS}
    pairs = [{number, number - 10} for number in range(COPIES_IN - 1, copies, COPIES_IN)]
    right, wrong = sum(bool(pair & numbers) for pair in pairs), len(numbers - set().union(*pairs))
    speed = f"{count / outcome.cpu_s:>10.0f} {outcome.peak_mb:>8.0f}"
    return (
        f"{start} {speed} {f'{right}/{len(pairs)}':>7} {wrong:>6} {len(named) - len(numbers):>6}  {outcome.found.other}"
    )


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    others = [Path(word) for word in sys.argv[2:] if not word.isdigit()]
    drawn = next((int(word) for word in sys.argv[2:] if word.isdigit()), 2_000)
    pictures = folder / "pictures"
    (pictures / "drawn").mkdir(parents=True, exist_ok=True)
    paths = [pictures / "drawn" / f"{number:0{NAME_DIGITS}}.jpg" for number in range(drawn)]
    with ProcessPoolExecutor() as pool:
        list(pool.map(draw_page, paths, range(drawn), chunksize=50))
    for other in others:
        shutil.copytree(other, pictures / other.name, dirs_exist_ok=True, ignore=no_pictures)
    count = sum(path.is_file() for path in pictures.rglob("*"))
    print(f"{count} pictures, {drawn} of them drawn", flush=True)
    titles = f"{'CPU s':>8} {'per CPU s':>10} {'peak MB':>8} {'copies':>7} {'wrong':>6} {'others':>6}"
    print(f"{'program':42} {'seconds':>8} {titles}  found", flush=True)
    for title, words in OURS.items():
        print(
            row(title, measured(Path(sys.executable), DCVLR, [str(pictures), *words], folder), count, drawn), flush=True
        )
    for name, peer in PEERS.items():
        python = environment(folder, name.partition(" ")[0], peer.packages)
        print(row(peer.title, measured(python, peer.program, [str(pictures)], folder), count, drawn), flush=True)


if __name__ == "__main__":
    main()
