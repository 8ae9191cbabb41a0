"""Values as people type them: a path with spaces, accents or brackets needs no second quotes for Hydra's grammar."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from dcvlr.settings.without_effect import parts_left_out

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


def in_effect(cfg: DictConfig, overrides: Sequence[str], swept: Collection[str]) -> list[str]:
    """Those of a sweep's job without settings that only its other jobs read: of parts whose group or key is `swept`.

    What no job reads, as all lack the part, stays, to be refused.
    """
    parsed = zip(overrides, OverridesParser.create().parse_overrides(list(overrides)), strict=True)
    return [text for text, override in parsed if not _is_for_other_jobs(cfg, override, swept)]


def _is_for_other_jobs(cfg: DictConfig, override: Override, swept: Collection[str]) -> bool:
    above, _, name = override.key_or_group.rpartition(".")
    parent = None if typed_value(override) is None else written_at(cfg, above)
    groups = [f"{above}.{part}".replace(".", "/") for part in parts_left_out(name, parent or {})]
    varied = [f"{one}/".replace(".", "/") for one in swept]
    return any(f"{group}/".startswith(one) for group in groups for one in varied)


def typed_value(override: Override) -> Any:
    """None also where several values or none are typed."""
    return None if override.is_sweep_override() or override.is_delete() else override.value()


def written_at(cfg: DictConfig, key: str) -> Mapping[str, Any] | None:
    """The node as it is written, interpolations and all."""
    node = OmegaConf.select(cfg, key) if key else None
    written: Any = OmegaConf.to_container(node) if isinstance(node, DictConfig) else None
    return None if written is None else dict(written)
