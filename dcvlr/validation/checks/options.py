"""Options that are different, and one of which is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.errors import ConfigError
from dcvlr.protocols import Remembering
from dcvlr.records import Finding, Qa


@dataclass(frozen=True, kw_only=True)
class Options:
    """Questions without options pass. Two options that differ only in case or spaces are the same one."""

    name: ClassVar[str] = "options"

    min_options: int
    max_options: int

    def __post_init__(self) -> None:
        if not 2 <= self.min_options <= self.max_options <= 26:
            raise ConfigError(
                f"validation.checks.options: min_options={self.min_options!r} and max_options={self.max_options!r}; "
                "from 2 to 26 (options get letters), the first not above the second, is allowed"
            )

    def __call__(self, qas: Sequence[Qa], memo: Remembering) -> list[Finding]:
        return [self._check(qa) for qa in qas]

    def _check(self, qa: Qa) -> Finding:
        reason = "" if qa.options is None else self._wrong(qa.options, qa.answer)
        count = None if qa.options is None else len(qa.options)
        return Finding(name=self.name, passed=not reason, value=count, reason=reason)

    def _wrong(self, options: tuple[str, ...], answer: str) -> str:
        if not self.min_options <= len(options) <= self.max_options:
            return f"{len(options)} options, from {self.min_options} to {self.max_options} are allowed"
        if not all(option.strip() for option in options):
            return "an option is empty"
        if len({" ".join(option.casefold().split()) for option in options}) < len(options):
            return "two options are the same"
        if answer not in options:
            return f"the answer {answer!r} is not one of the options"
        return ""
