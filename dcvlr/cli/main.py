"""`dcvlr <command> …`; a first word that is no command is an override, and everything goes to Hydra.

A command is a file beside this one with a `main(arguments)` that returns its exit code.
"""

from __future__ import annotations

import ast
import os
import sys
from importlib import import_module
from pathlib import Path

import dcvlr
from dcvlr.cli.exit_codes import end_on_sigterm, exit_code
from dcvlr.cli.help import full_help, short_help
from dcvlr.errors import ConfigError
from dcvlr.settings import did_you_mean
from dcvlr.settings.typed import as_text


def main() -> None:
    """Carry out the command line, once `dcvlr.__main__` has loaded it."""
    end_on_sigterm()
    words = sys.argv[1:]
    if words == ["--version"]:  # Hydra's own flag of this name prints Hydra's version
        print(f"dcvlr {dcvlr.__version__}")
        return
    if words in (["--help"], ["-h"], ["help"], ["--help-all"]):
        sys.exit(exit_code(lambda: _print_help(full=words == ["--help-all"])))
    if words and words[0][:1].isalpha() and words[0].replace("-", "_").isidentifier():
        sys.exit(run_command(words[0], words[1:]))
    sys.argv[1:] = as_text(words)
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # Hydra hands errors through instead of printing tracebacks
    from dcvlr.cli.run import run

    sys.exit(exit_code(run))


def commands() -> list[str]:
    """The names of all commands, sorted."""
    files = Path(__file__).parent.glob("[!_]*.py")
    return sorted(path.stem.replace("_", "-") for path in files if "\ndef main(arguments" in path.read_text())


def _print_help(*, full: bool) -> None:
    print(full_help() if full else short_help({name: _says(name) for name in commands()}), flush=True)


def _says(name: str) -> str:
    """What the first line of a command's file says after its usage."""
    docstring = ast.get_docstring(ast.parse((Path(__file__).parent / f"{name.replace('-', '_')}.py").read_text()))
    usage, _, text = (docstring or "").splitlines()[0].partition("`: ")
    return (text or usage).rstrip(".")


def run_command(name: str, arguments: list[str]) -> int:
    """Carry out a command, and return the exit code."""
    codes: list[int] = []

    def run() -> None:
        if name not in commands():
            raise ConfigError(
                f"{name!r} is neither a command ({', '.join(commands())}) nor an override such as seed=1: see "
                f"`dcvlr --help`{did_you_mean(name, commands())}"
            )
        codes.append(import_module(f"dcvlr.cli.{name.replace('-', '_')}").main(arguments))

    return exit_code(run) or codes[0]
