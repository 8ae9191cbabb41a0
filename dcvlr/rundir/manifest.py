"""manifest.json: what a run directory was made from and with, so that a dataset can be traced and is not mixed up."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

from dcvlr.errors import ConfigError
from dcvlr.execution.machine import gpus
from dcvlr.identity import digest, file_digest
from dcvlr.records import ImageRecord, Record, ids_of, to_json
from dcvlr.remote import without_queries
from dcvlr.rundir.belonging import make_room, make_room_for_others, settings_of
from dcvlr.rundir.files import read_regular, set_aside, write_json
from dcvlr.rundir.versions import installed

_TOGETHER = 1 << 16  # ids that are digested at a time


class PictureSet(Record, frozen=True):
    """Which pictures a run is about, wherever they lie: how many files, and a digest of their ids."""

    files: int
    digest: str


def pictures_of(images: Sequence[ImageRecord]) -> PictureSet:
    ids = ids_of(images)
    ids.sort()
    hasher = blake3()
    for start in range(0, len(ids), _TOGETHER):
        hasher.update((b"\n" if start else b"") + b"\n".join(ids[start : start + _TOGETHER].tolist()))
    files = sum(1 + len(image.copies) for image in images)
    return PictureSet(files=files, digest=hasher.hexdigest(length=16))


def check_same_source(run_dir: Path, location: str, count: Callable[[], int], *, overwrite: bool) -> None:
    """Raise `ConfigError` if `run_dir` is no folder, or holds a run over other pictures that is not to be overwritten.

    As many files, as `count` tells, in another folder may be those that were moved: `check_same_pictures` says it.
    """
    file = next((path for path in (run_dir, *run_dir.parents) if path.exists() and not path.is_dir()), None)
    if file is not None:
        raise ConfigError(f"output_dir={str(run_dir)!r} cannot be made: {str(file)!r} is a file; choose a folder")
    made_from = source_of(run_dir)
    if overwrite or made_from in (None, location):
        return
    before = pictures_before(run_dir)
    if before is None or not Path(location).is_absolute() or before.files != count():
        raise _other_pictures(run_dir, str(made_from), location)


def check_same_pictures(run_dir: Path, location: str, pictures: PictureSet, *, overwrite: bool) -> None:
    """Raise `ConfigError` if a run over another folder left other bytes than the `pictures` that were found now."""
    made_from = source_of(run_dir)
    if not overwrite and made_from not in (None, location) and pictures != pictures_before(run_dir):
        raise _other_pictures(run_dir, str(made_from), location)


def _other_pictures(run_dir: Path, made_from: str, location: str) -> ConfigError:
    return ConfigError(
        f"output_dir={str(run_dir)!r} was made from {made_from!r}, this run reads {location!r} and there are other "
        "pictures: choose another output_dir, or overwrite=true to make its results anew (what models measured is kept)"
    )


def pictures_before(run_dir: Path) -> PictureSet | None:
    """Those of the last run; None where it did not come past its source, or was of a version that kept nothing."""
    found = read_manifest(run_dir).get("pictures")
    return None if found is None else msgspec.convert(found, PictureSet)


def root_from(run_dir: Path, root: str) -> str:
    """How the manifest names the folder that paths are relative to: one inside `run_dir` moves with it."""
    inside = Path(os.path.abspath(run_dir))  # noqa: PTH100  links are not resolved
    return Path(root).relative_to(inside).as_posix() if Path(root).is_relative_to(inside) else root


def root_of(run_dir: Path) -> str:
    """The absolute folder, or the URL, that paths in results are relative to; empty where they are absolute."""
    root = read_manifest(run_dir).get("root", "")
    if "://" in root:
        return str(root)
    return os.path.abspath(run_dir / root) if root else ""  # noqa: PTH100  links are not resolved


def source_of(run_dir: Path) -> str | None:
    """What the run in `run_dir` was made from; None where there is none, or no manifest that can be read.

    Raises `ConfigError` for a file of something else.
    """
    path = run_dir / "manifest.json"
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return None
    manifest = _parsed(content) if isinstance(content, bytes) else content
    if isinstance(manifest, str):
        set_aside(path, f"{manifest}; the results are made anew")
        return None
    try:
        return str(manifest["source"])
    except (KeyError, TypeError):
        raise ConfigError(f"{path} is not a dcvlr manifest: choose another output_dir, or remove it") from None


def read_manifest(run_dir: Path) -> dict[str, Any]:
    """The manifest of the last run; empty where there is none that can be read."""
    try:
        content = read_regular(run_dir / "manifest.json")
    except FileNotFoundError:
        return {}
    manifest = _parsed(content) if isinstance(content, bytes) else content
    return manifest if isinstance(manifest, dict) else {}


def manifest_state(run_dir: Path) -> tuple[int, int] | None:
    """What changes whenever a run writes its manifest; None where there is none."""
    try:
        found = (run_dir / "manifest.json").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _parsed(content: bytes) -> Any:
    """The value, or a text that says what is wrong."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        return "it is damaged"
    return "it is damaged" if isinstance(manifest, str) else manifest


def now() -> str:
    """The time in UTC, as ISO 8601 writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def program() -> dict[str, Any]:
    """Which program ran where: versions, commit of a checkout, the command without signatures, and the machine."""
    command = [without_queries(word) for word in sys.argv]
    machine = {"host": socket.gethostname(), "platform": platform.platform(), "cores": os.cpu_count(), "gpus": gpus()}
    versions = {"python": platform.python_version(), "versions": installed()}
    return {"dcvlr": metadata.version("dcvlr"), "commit": _commit(), "command": command, "machine": machine, **versions}


def _commit() -> str | None:
    """Of the checkout that this code stands in; None where it was installed."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def file_digests(run_dir: Path, paths: Iterable[Path]) -> dict[str, str]:
    """BLAKE3 of result files, by their names below `run_dir`."""
    return {str(path.relative_to(run_dir)): file_digest(path) for path in paths}


def digests_anew(run_dir: Path, paths: Iterable[Path]) -> None:
    """Put the digests of files that were written again after the run into its manifest, where it has older ones."""
    manifest = read_manifest(run_dir)
    files = manifest.get("files", {})
    changed = {name: value for name, value in file_digests(run_dir, paths).items() if name in files}
    if changed:
        write_json(run_dir / "manifest.json", {**manifest, "files": {**files, **changed}})


@dataclass(kw_only=True)
class RunManifest:
    """`location` and `root` are those of the source, `all_settings` those of `belonging.result_settings`."""

    run_dir: Path
    location: str
    root: str
    all_settings: Mapping[str, Any]
    overwrite: bool
    settings: Mapping[str, str] = field(default_factory=dict)  # that the results rest on: a digest each, by step
    spent_before: Mapping[str, Any] = field(default_factory=dict)  # by earlier runs in the folder
    pictures: PictureSet | None = None
    started: str = field(default_factory=now)

    def check_pictures(self, images: Sequence[ImageRecord]) -> None:
        """Raise `ConfigError` where the results in `run_dir` are about other pictures and are not to be replaced."""
        self.pictures = pictures_of(images)
        check_same_pictures(self.run_dir, self.location, self.pictures, overwrite=self.overwrite)

    def begin(self, made_anew: Collection[str]) -> None:
        """Move aside what the results to come would be mixed up with, and say that this run is the one now."""
        before, new = read_manifest(self.run_dir), settings_of(self.all_settings)
        old = before.get("settings", {})
        if before.get("source") in (None, self.location):
            self.settings = make_room(self.run_dir, old, new, made_anew)
        elif self.pictures == pictures_before(self.run_dir):  # they were moved
            self.settings = make_room(self.run_dir, old | {"source": new["source"]}, new, made_anew)
        else:
            self.settings = make_room_for_others(self.run_dir, old, new)
        self.spent_before = before.get("spent", {})
        self._write(self.run_dir, status="running", spent=self.spent_before)

    def end(self, results_dir: Path, *, spent: Mapping[str, Any], **facts: Any) -> None:
        """Say how the run ended; `spent` is by all runs in the folder together, empty where nobody counted."""
        self._write(results_dir, **facts, spent=spent or self.spent_before, ended=now())

    def _write(self, folder: Path, **facts: Any) -> None:
        write_json(folder / "manifest.json", {**facts, **self._origin})

    @property
    def _origin(self) -> dict[str, Any]:
        return {
            "source": self.location,
            "root": root_from(self.run_dir, self.root),
            "pictures": self.pictures,
            "config": digest(to_json(self.all_settings)),
            "settings": self.settings,
            "started": self.started,
            **self._program,
        }

    @cached_property
    def _program(self) -> dict[str, Any]:
        return program()
