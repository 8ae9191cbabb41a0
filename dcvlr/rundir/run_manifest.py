"""What one run says of itself in manifest.json, from when it knows its pictures to its end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dcvlr.identity import digest
from dcvlr.records import ImageRecord, to_json
from dcvlr.rundir.belonging import make_room, make_room_for_others, settings_of
from dcvlr.rundir.files import write_json
from dcvlr.rundir.manifest import (
    PictureSet,
    check_same_pictures,
    now,
    pictures_before,
    pictures_of,
    program,
    read_manifest,
    root_from,
)


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
