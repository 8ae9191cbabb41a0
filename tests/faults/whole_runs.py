"""A run from pictures to exported questions that costs little, against a server that keeps count.

Lines of text are read already, captions and questions come from the server; all other things a run does it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.watchdog import ENVIRONMENT
from forked import Forked
from PIL import Image, ImageDraw
from servers import Loopback, Request, Response

from dcvlr.config import build, compose
from dcvlr.identity import digest, identity
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.store import ChunkStore
from dcvlr.records import OcrResult, to_json

Process = subprocess.Popen[str] | Forked

PICTURES, QUESTIONS, CHUNK, CONCURRENCY = 16, 4, 8, 4
PACE_S = 0.04  # of an answer
DEADLINE_S = 240.0  # of a run that takes 5 s on an idle machine

_OWN = ("pipeline.", "manifest.json", "status", ".hydra", "checkpoints")  # tell of this run, not of its results


@dataclass(frozen=True)
class Scenario:
    """Pictures, and the words of a run over them against `server`."""

    folder: Path
    server: Loopback

    @property
    def images(self) -> list[Path]:
        return sorted((self.folder / "images" / "made" / "train").iterdir())

    def words(self, out: Path, *more: str) -> list[str]:
        writer = "synthesis.generator.llm"
        return [
            *(f"images_dir={self.folder / 'images'}", f"output_dir={out}", "bins_ratio=null", "binning/bins=[C]"),
            *("filtering/nsfw=none", "filtering/dedup=none", f"runtime.chunk_size={CHUNK}", "runtime.lease_s=60"),
            *("binning/captioner=moondream", "synthesis.use_full_features=false"),
            *(f"binning.captioner.base_url={self.server.url}", "binning.captioner.api_key_env=null"),
            f"binning.captioner.concurrency={CONCURRENCY}",
            *("synthesis/generator=openai", f"{writer}.base_url={self.server.url}", f"{writer}.api_key_env=null"),
            *(f"{writer}.concurrency={CONCURRENCY}", f"synthesis.generator.qa_per_image={QUESTIONS}"),
            *("synthesis.generator.questions_per_request=1", f"{writer}.max_choices=1"),
            *("synthesis.generator.think_first=false", "validation/checks=[required_fields]"),
            *("export=[jsonl,csv,webdataset]", *more),
        ]

    def begun(self, out: Path) -> Path:
        """A run directory in which the text of all pictures is read and nothing else is done."""
        ocr: Any = build(compose(self.words(out))).stages["binning"].ocr  # type: ignore[attr-defined]
        ids = [digest(path.read_bytes()) for path in self.images]
        empty = to_json(OcrResult(lines=(), width=260, height=240)).decode()
        lines = [f'{{"id":"{image_id}","signal":{empty}}}'.encode() for image_id in ids]
        ChunkStore(out / "checkpoints" / f"{ocr.name}-{identity(ocr)}", OcrResult).publish(chunk_name(0, ids), lines)
        return out

    def start(self, out: Path, *more: str, under: Sequence[str] = ()) -> Process:
        """The run in a process group of its own; `under` is a command that runs the words behind it."""
        words = ["-m", "dcvlr", *self.words(out, *more)]
        environment = {**os.environ, **ENVIRONMENT, "OMP_NUM_THREADS": "1"}
        if not under:
            return Forked(*words, env=environment, new_session=True)
        command = [*under, sys.executable, *words]
        pipe, null = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(command, env=environment, stdout=null, stderr=pipe, text=True, start_new_session=True)


def made(folder: Path) -> None:
    """Different small pictures in the layout the program reads."""
    train = folder / "images" / "made" / "train"
    train.mkdir(parents=True)
    for n in range(PICTURES):
        image = Image.new("RGB", (260, 240), (n * 9, 200 - n * 5, 120))
        ImageDraw.Draw(image).rectangle((n * 5, n * 4, n * 5 + 60, n * 4 + 50), fill="white")
        image.save(train / f"{n:02d}.png")


def answer(request: Request) -> Response:
    """A caption, or a question that no other request is answered with."""
    if request.path.endswith("/caption"):
        return Response(json={"caption": "A white square."}, delay_s=PACE_S)
    body = request.body
    own = digest(json.dumps(body, sort_keys=True).encode())[:8]
    fields = body["response_format"]["json_schema"]["schema"]["properties"]
    options = {"options": [own, "none", "one", "two"]} if "options" in fields else {}
    steps = [f"The picture shows {own}."]
    qa = {"question": f"What stands beside {own}?", **options, "answer": own, "steps": steps, "evidence": ["C"]}
    message = {"role": "assistant", "content": json.dumps(qa)}
    return Response(json={"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}, delay_s=PACE_S)


def results(out: Path) -> dict[str, bytes]:
    """All files that are results, by name; the report shows how long everything took, so it only has to be there."""
    names = {path.relative_to(out).as_posix(): path for path in sorted(out.rglob("*")) if path.is_file()}
    timeless = {name: path for name, path in names.items() if not name.startswith(_OWN)}
    return {name: b"" if name == "report.html" else path.read_bytes() for name, path in timeless.items()}


def remembered(out: Path) -> dict[str, dict[str, bytes]]:
    """What stands in the checkpoints of each model, by item; whatever is there beside chunks is kept under its name."""
    models: dict[str, dict[str, bytes]] = {}
    for path in sorted((out / "checkpoints").glob("*/*")):
        lines = models.setdefault(path.parent.name, {})
        if path.suffix == ".lock" and not path.stat().st_size:
            continue  # its maker died before its name stood there: it is good for two seconds more
        if path.suffix != ".jsonl":
            lines[path.name] = path.read_bytes()
            continue
        for line in path.read_bytes().splitlines()[:-1]:
            lines[json.loads(line)["id"]] = line
    return models
