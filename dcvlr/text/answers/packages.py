"""The packages by which answers are compared, asked for before any work starts."""

from __future__ import annotations

from dcvlr.errors import require_package

_PACKAGES = ("math_verify", "pint", "text_to_num")  # formulas, units, numbers in words


def require_answers(owner: str) -> None:
    """Raise `MissingPackageError` unless `owner` can compare any two answers."""
    for package in _PACKAGES:
        require_package(package, extra="llm", owner=owner)
