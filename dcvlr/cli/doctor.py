"""`dcvlr doctor [overrides]`: all that a run still lacks, at once, and what the machine and its disk can do."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from dcvlr.cli.command_words import key_values
from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.execution.machine import gpus, memory_gb
from dcvlr.models.weights import stated_weights
from dcvlr.pipeline import Plan
from dcvlr.rundir.filesystem import FileSystem, probe
from dcvlr.rundir.versions import clashes, installed
from dcvlr.settings.parts import lacking, parts, pip_line

_HUB_CLIENT = "huggingface_hub"


def main(arguments: Sequence[str]) -> int:
    """Print what is there and what is not; 1 where the run that these overrides make lacks something."""
    says = "All that a run still lacks, at once."
    plan = build(compose(key_values("dcvlr doctor", says, arguments, of="as for the run itself; none: the defaults")))
    disk = probe(plan.run_dir)
    for line in (*_machine(), *_packages(), *_disk(disk), *_choices(plan)):
        print(line)
    lacks = list(lacking([plan.source, plan.stages, plan.exporters, plan.trackers, plan.runtime]))
    if not disk.writable:
        lacks.append(ConfigError(f"output_dir={str(plan.run_dir)!r}: nothing can be written there: choose another"))
    print("nothing is missing" if not lacks else f"missing: {len(lacks)}")
    for error in lacks:
        print(f"  {error}")
    if line := pip_line(lacks):
        print(f"  all packages at once: {line}")
    return 1 if lacks else 0


def _machine() -> Iterator[str]:
    memory = memory_gb()
    size = "" if memory is None else f", {memory:.0f} GB of memory"
    yield f"dcvlr {metadata.version('dcvlr')}, Python {platform.python_version()}, {platform.platform()}"
    yield f"machine: {os.cpu_count() or 1} cores{size}"
    yield f"GPUs: {', '.join(gpus()) or 'none'}"


def _packages() -> Iterator[str]:
    yield f"packages: {', '.join(f'{name} {version}' for name, version in installed().items())}"
    yield from (f"  clash: {clash}" for clash in clashes())


def _disk(found: FileSystem) -> Iterator[str]:
    yield f"disk: {found.free_gb:.1f} GB free in {found.folder}"
    if found.writable:
        yield f"  hard links: {_word(found.hard_links)}, exclusive files (locks): {_word(found.exclusive_files)}"


def _word(works: bool) -> str:
    return "yes" if works else "no, so that two workers may compute one chunk twice"


def _choices(plan: Plan) -> Iterator[str]:
    """Weights and keys of what was chosen."""
    seen: set[str] = set()
    for part in parts([plan.source, plan.stages, plan.exporters]):
        for line in (*_weights(part), *_key(part)):
            if line not in seen:
                seen.add(line)
                yield line


def _weights(part: object) -> Iterator[str]:
    model = getattr(part, "model", None)
    if not isinstance(model, str) or not hasattr(part, "model_revision"):
        return
    if find_spec(_HUB_CLIENT) is None and not Path(model).expanduser().exists():
        yield f"weights of {model}: not known without {_HUB_CLIENT}"
        return
    if state := stated_weights(part):
        yield f"weights of {model}: {state}"


def _key(part: object) -> Iterator[str]:
    if isinstance(variable := getattr(part, "api_key_env", None), str):
        yield f"key {variable}: {'set' if os.environ.get(variable, '').strip() else 'not set'}"
