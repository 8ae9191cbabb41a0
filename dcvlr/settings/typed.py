"""Values as people type them: a path with spaces, accents or brackets needs no second quotes for Hydra's grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

_PLAIN = re.compile(r"[\w./:@+-]*", re.ASCII)  # as most are: not worth parsing
_BEFORE_QUOTE = re.compile(r"(\\*)('|\Z)")  # nowhere else is a backslash one that escapes
_HOME = re.compile(r"\A~(?=/|\Z)")


def quoted(key: str, value: str) -> str:
    """`key=value` for `compose`, whatever stands in the text."""
    escaped = _BEFORE_QUOTE.sub(lambda found: found[1] * 2 + ("\\'" if found[2] else ""), value)
    return f"{key}='{escaped}'"


def text_of(word: str) -> str:
    """The text in `key='text'`, as `quoted` makes it."""
    return str(OverridesParser.create().parse_override(word).value())


def as_text(words: Sequence[str]) -> list[str]:
    """Words of a command line; a value that is nothing in Hydra's grammar is the text that it is.

    `~/` at the start of a value is the home folder, which not every shell puts behind a `=`.
    """
    parser = OverridesParser.create()
    return [_as_text(word, parser) if "=" in word and word[:1] != "-" else word for word in words]


def _as_text(word: str, parser: OverridesParser) -> str:
    key, _, typed = word.partition("=")
    value = _HOME.sub(str(Path.home()), typed, count=1)
    if _PLAIN.fullmatch(value):
        return f"{key}={value}"
    try:
        parser.parse_override(f"{key}={value}")
    except HydraException:
        return quoted(key, value)
    return f"{key}={value}"
