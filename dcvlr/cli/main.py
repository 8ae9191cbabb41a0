"""`dcvlr <command> …`; a first word that is no command is an override, and everything goes to Hydra.

A command is a file beside this one with a `main(arguments)` that returns its exit code.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import dcvlr
from dcvlr.cli.errors import end_on_sigterm, exit_code
from dcvlr.errors import ConfigError

_NOT_A_COMMAND = frozenset({"main", "errors", "run", "summary", "unexpected"})


def main() -> None:
    """Entry point of `python -m dcvlr` and of the `dcvlr` command."""
    end_on_sigterm()
    words = sys.argv[1:]
    if words == ["--version"]:  # Hydra's own flag of this name prints Hydra's version
        print(f"dcvlr {dcvlr.__version__}")
        return
    if words and words[0][:1].isalpha() and words[0].replace("-", "_").isidentifier():
        sys.exit(_run_command(words[0], words[1:]))
    from dcvlr.cli.run import run_job

    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # Hydra hands errors through instead of printing tracebacks
    sys.exit(exit_code(run_job))


def commands() -> list[str]:
    """The names of all commands, sorted."""
    names = {path.stem for path in Path(__file__).parent.glob("[!_]*.py")} - _NOT_A_COMMAND
    return sorted(name.replace("_", "-") for name in names)


def _run_command(name: str, arguments: list[str]) -> int:
    codes: list[int] = []

    def run() -> None:
        if name not in commands():
            raise ConfigError(
                f"{name!r} is neither a command ({', '.join(commands())}) nor an override such as seed=1: see "
                "`dcvlr --help`"
            )
        codes.append(import_module(f"dcvlr.cli.{name.replace('-', '_')}").main(arguments))

    return exit_code(run) or codes[0]
