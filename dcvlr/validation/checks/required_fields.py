"""Every field that a reader needs says something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dcvlr.records import Finding, Qa
from dcvlr.settings import SettingError
from dcvlr.validation.each import each


@dataclass(frozen=True, kw_only=True)
class RequiredFields:
    """`fields` are names of QA fields that may not be empty or blank.

    `measured_fields` neither, but for a QA whose writer saw the picture alone: nothing was measured for it to cite.
    """

    name: ClassVar[str] = "required_fields"

    fields: list[str]
    measured_fields: list[str]

    def __post_init__(self) -> None:
        for key in ("fields", "measured_fields"):
            for field in getattr(self, key):
                if field not in Qa.__struct_fields__:
                    known = ", ".join(Qa.__struct_fields__)
                    raise SettingError(key, getattr(self, key), f"there is no field {field!r}; there are {known}")

    @each
    def __call__(self, qa: Qa) -> Finding:
        fields = self.fields if qa.created_from == "image" else [*self.fields, *self.measured_fields]
        empty = ", ".join(field for field in fields if _is_empty(getattr(qa, field)))
        return Finding(name=self.name, passed=not empty, value=empty or None, reason=f"empty: {empty}" if empty else "")


def _is_empty(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value is None or value == ()
