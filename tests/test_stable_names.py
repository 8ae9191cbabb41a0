"""Names: those in the keys of everything that was paid for, and those of modules and classes. No two alike."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import tokenize
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

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


ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "dcvlr").rglob("*.py"))
COMMANDS = {"audit", "report", "status", "sweep", "export_images"}  # have the name of what they show or do
OPTIONS = {path.stem for path in (ROOT / "conf").rglob("*.yaml")}  # a part has the name of its option wherever it is
ONE_MEANING = {
    "charts": "drawn by the samples, read by the scene",
    "receipts": "drawn by the samples, read by the scene",
    "tables": "drawn by the samples, read by the scene",
    "lines": "lines of text, as an OCR model gives them and as they stand on the page",
    "rules": "a number that a model gave a picture, held to a limit",
}


def test_no_module_has_the_name_of_one_in_another_room() -> None:
    """But records of what a room does, commands for what it shows, and options."""
    rooms: dict[str, set[str]] = {}
    for path in MODULES:
        parts = path.relative_to(ROOT / "dcvlr").with_suffix("").parts
        stem = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
        if parts[0] == "records" or (parts[0] == "cli" and stem in COMMANDS):
            continue
        if stem not in OPTIONS | ONE_MEANING.keys():
            rooms.setdefault(stem, set()).add(parts[0])
    assert "walk" in rooms
    assert {stem: sorted(where) for stem, where in rooms.items() if len(where) > 1} == {}


DEFINED = re.compile(r"^(?:class (\w+)|([A-Z]\w*) = )", re.MULTILINE)  # a class, or an alias of a type


def test_no_class_has_the_name_of_another() -> None:
    where: dict[str, list[str]] = {}
    for path in MODULES:
        names = (cls or alias for cls, alias in DEFINED.findall(path.read_text(encoding="utf-8")))
        for name in names:
            if not name.isupper():
                where.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert {"Memo", "Dtype"} <= where.keys()
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


NICKNAMES = {"exam", "lot", "mark", "marks", "place", "said", "thing", "things", "told"}  # what is it?


ANY_NICKNAME = re.compile(rf"(?<![a-z])(?:{'|'.join(NICKNAMES)})(?![a-z])", re.IGNORECASE)  # in prose too


def test_no_name_is_a_nickname_with_many_meanings() -> None:
    found = set()
    for path in MODULES:
        if not ANY_NICKNAME.search(path.read_text(encoding="utf-8")):
            continue
        with tokenize.open(path) as file:
            tokens = list(tokenize.generate_tokens(file.readline))
        found |= {
            f"{path.relative_to(ROOT)}:{token.start[0]}: {token.string}"
            for token in tokens
            if token.type == tokenize.NAME and token.string.strip("_").lower() in NICKNAMES
        }
    assert sorted(found) == []
