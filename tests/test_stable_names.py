"""The names that are part of the keys of everything that was paid for: no two alike."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import is_dataclass

import dcvlr


def classes() -> Iterator[type]:
    """Every dataclass of the package that declares a revision, which is what makes it part of an identity."""
    for module in pkgutil.walk_packages(dcvlr.__path__, "dcvlr."):
        if module.name.endswith("__main__"):
            continue
        for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__ == module.name and is_dataclass(cls) and hasattr(cls, "revision"):
                yield cls


def test_no_two_classes_have_the_same_stable_name() -> None:
    owners: dict[str, list[str]] = {}
    for cls in classes():
        owners.setdefault(cls.name, []).append(f"{cls.__module__}.{cls.__name__}")  # type: ignore[attr-defined]
    assert "rapidocr" in owners
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}
