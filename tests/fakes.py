"""Small real parts for tests: models that compute something true about pictures, quickly."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from dcvlr.identity import digest, speed
from dcvlr.records import Decode, Failure, ImageRecord, Picture, Score, requests
from dcvlr.records.requests import Message, Reply, Request, Sampling


@dataclass(frozen=True, kw_only=True)
class Brightness:
    """Mean grey level; `gain` changes the result, the speed fields do not. `log` counts the calls across processes."""

    name: ClassVar[str] = "brightness"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Score
    gain: float = 1.0
    max_side: int = 32
    batch_size: int = speed(default=4)
    log: str = speed(default="")
    pause_s: float = speed(default=0.0)

    @property
    def decode(self) -> Decode:
        return Decode(max_side=self.max_side)

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Picture]) -> list[Score]:
        time.sleep(self.pause_s)
        if self.log:
            with Path(self.log).open("a") as file:
                file.writelines(f"{os.getpid()} {item.id}\n" for item in items)
        return [Score(value=round(float(np.mean(item.pixels)) / 255 * self.gain, 4)) for item in items]


@dataclass(frozen=True, kw_only=True)
class Darkness:
    """Read off the brightness, nothing measured."""

    brightness: Brightness

    @property
    def sources(self) -> tuple[Brightness, ...]:
        return (self.brightness,)

    def derive(self, score: Score) -> Score:
        return Score(value=round(1 - score.value, 4))


@dataclass(frozen=True, kw_only=True)
class Raising(Brightness):
    """Raises `error` when a picture darker than 0.2 is in the batch, or when the batch is larger than `fits`."""

    name: ClassVar[str] = "raising"
    error: type[Exception] = speed(default=RuntimeError)
    fits: int = speed(default=99)

    def __call__(self, items: Sequence[Picture]) -> list[Score]:
        scores = super().__call__(items)
        if len(items) > self.fits or any(score.value < 0.2 for score in scores):
            raise self.error("no room")
        return scores


@dataclass(frozen=True, kw_only=True)
class Deadly(Brightness):
    """Its process is killed by a batch of more than `fits`, and by every picture darker than `bears`."""

    name: ClassVar[str] = "deadly"
    fits: int = speed(default=99)
    bears: float = speed(default=0.0)

    def __call__(self, items: Sequence[Picture]) -> list[Score]:
        scores = super().__call__(items)
        if len(items) > self.fits or any(score.value < self.bears for score in scores):
            os.kill(os.getpid(), signal.SIGKILL)
        return scores


@dataclass(frozen=True, kw_only=True)
class Item:
    id: str
    value: int


@dataclass(frozen=True, kw_only=True)
class Halves:
    """Of plain items, not of pictures; odd ones time out."""

    name: ClassVar[str] = "halves"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Score
    batch_size: ClassVar[int] = 3

    def check_ready(self) -> None: ...

    def __call__(self, items: Sequence[Item]) -> list[Score | Failure]:
        odd = Failure(kind="timeout", message="odd")
        return [odd if item.value % 2 else Score(value=item.value / 2) for item in items]


def grey_picture(path: Path, level: int, size: tuple[int, int] = (64, 48)) -> ImageRecord:
    """A PNG of one grey level, and its record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (level, level, level)).save(path)
    return ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="greys")


def greys(folder: Path, count: int) -> list[ImageRecord]:
    """`count` different pictures; levels 60, 61, 62, …"""
    return [grey_picture(folder / f"{i:03d}.png", 60 + i) for i in range(count)]


@dataclass(frozen=True, kw_only=True)
class Echo:
    """A language model that says the last message again, several requests at a time, the latest first.

    `log` gets a line per request; text that begins with `fail:` fails as it says; after `gone_after`
    replies the process dies.
    """

    name: ClassVar[str] = "echo"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Reply
    family: str = "echo"
    sees_images: bool = True
    concurrency: int = speed(default=4)
    log: str = speed(default="")
    gone_after: int = speed(default=0)
    pause_s: float = speed(default=0.0)

    def check_ready(self) -> None: ...

    def answers(self, requests: Iterable[Request]) -> Generator[tuple[Request, Reply | Failure]]:
        answered = 0
        for group in batched(requests, self.concurrency):
            if self.log:
                with Path(self.log).open("a") as file:
                    file.writelines(f"{os.getpid()} {request.id}\n" for request in group)
            time.sleep(self.pause_s)
            for request in reversed(group):
                yield request, self._reply(request.messages[-1].text)
                answered += 1
                if answered == self.gone_after:
                    os.kill(os.getpid(), signal.SIGKILL)

    def _reply(self, text: str) -> Reply | Failure:
        if text.startswith("fail:"):
            return Failure(kind=text.removeprefix("fail:"), message="as it was told")  # type: ignore[arg-type]
        return Reply(text=text)


def batched(items: Iterable[Request], size: int) -> Iterator[list[Request]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group


def asked(text: str, *, seed: int = 0, temperature: float = 0.0) -> Request:
    """A request that says `text`."""
    sampling = Sampling(temperature=temperature, top_p=1.0, max_tokens=64)
    return requests.request([Message(role="user", text=text)], sampling=sampling, seed=seed)
