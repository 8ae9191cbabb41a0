"""The words behind a command: flags and names by argparse, `<key>=<value>` by OmegaConf, as its dataclass allows.

And the console that its tables are printed on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from dcvlr.errors import ConfigError
from dcvlr.settings import check_settings

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def command_parser(command: str, says: str | None) -> argparse.ArgumentParser:
    """A parser whose `--help` shows `says` as it is written; abbreviated flags are refused."""
    return argparse.ArgumentParser(
        prog=command,
        description=says,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def key_values(command: str, says: str, words: Sequence[str], *, of: str) -> list[str]:
    """The words of a command that takes nothing but `<key>=<value>`; `of` says which keys."""
    parser = command_parser(command, says)
    parser.add_argument("words", nargs="*", metavar="KEY=VALUE", help=of)
    given: list[str] = parser.parse_args(words).words
    return given


def console_for_tables(width: int) -> Console:
    """As wide as the terminal, or `width` in a pipe or a log file."""
    # What shows things to people is loaded when there is something to show: start-up stays fast.
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else width)


def request(cls: type[T], words: Sequence[str]) -> T:
    """What `<key>=<value>` words ask for, values read as YAML: 3 is a number, [a,b] a list.

    Raises `ConfigError` for a word that is no such pair, and for what the fields of dataclass `cls` do not allow.
    """
    values: dict[str, Any] = {}
    for word in words:
        if "=" not in word:
            raise ConfigError(f"{word!r}: <key>=<value> is allowed, see --help")
        try:
            read: Any = OmegaConf.to_container(OmegaConf.from_dotlist([word]), resolve=True)
        except (OmegaConfBaseException, YAMLError) as error:
            raise ConfigError(
                f"{word!r}: a value as in YAML is needed, quoted where it has signs of its own"
            ) from error
        values |= read
    check_settings(cls, values)
    return cls(**values)
