"""Writes the option tables from the YAML files of conf/ and their comments: `make docs`, or `python docs/tables.py`.

docs/options.md is written whole; of README.md only what stands between the two marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CONF = ROOT / "conf"
BEGIN, END = "<!-- from conf/, by `make docs`: -->", "<!-- end -->"
_COMMENT = re.compile(r"(?:^|\s)#\s?(.*)$")
_HEADER = re.compile(r"# @package .*\n")

OPTIONS_HEAD = """# Options

Made from `conf/` and its comments by `make docs`; change it there. Any key can be overridden on the command line,
`python -m dcvlr --cfg job` prints all that a run has. Keys of an option are below its group, with dots:
`binning.ocr.min_score`; those that start with their option's name stand in its place, below the part before the last
slash: `validation.checks.lengths.min_question_words`.
"""


def groups() -> dict[str, list[Path]]:
    """The files of every config group that a user chooses from, by the group's name; in the order of config.yaml."""
    found: dict[str, list[Path]] = {}
    for path in sorted(CONF.rglob("*.yaml")):
        group = path.parent.relative_to(CONF).as_posix()
        if group not in (".", "models"):
            found.setdefault(group, []).append(path)
    entries = yaml.safe_load((CONF / "config.yaml").read_text())["defaults"]
    order = [str(key) for entry in entries if isinstance(entry, dict) for key in entry]
    rank = {name: position for position, name in enumerate(order)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0].split("/")[0], len(rank)), item[0])))


def defaults() -> dict[str, list[str]]:
    """What is chosen in each group where a user says nothing."""
    chosen: dict[str, list[str]] = {}
    for path in [CONF / "config.yaml", *sorted(CONF.glob("*/stage.yaml")), CONF / "preset" / "embedded.yaml"]:
        here = "" if path.parent.name in ("conf", "preset") else f"{path.parent.name}/"
        for entry in yaml.safe_load(path.read_text()).get("defaults", []):
            if isinstance(entry, dict):
                ((key, value),) = entry.items()
                key = str(key).removeprefix("override ")
                name = key.lstrip("/") if key.startswith("/") else f"{here}{key}"
                chosen[name] = value if isinstance(value, list) else [str(value)]
    return chosen


def summary(path: Path) -> str:
    """The first comment of a file, up to the end of its first sentence."""
    lines = []
    for line in _HEADER.sub("", path.read_text()).splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return re.split(r"(?<=[.:]) (?=[A-Z])", " ".join(lines))[0].rstrip(":")


def shown(path: Path) -> str:
    """An option's name, with the licence that a user has to know of; presets and stages are made of other options."""
    composed = path.parent.name == "preset" or path.stem == "stage"
    strong = not composed and "AGPL" in path.read_text().split("_target_")[0]
    return f"`{path.stem}`" + (" (AGPL-3.0)" if strong else "")


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;") if "`" not in text else text


def keys(path: Path) -> Iterator[tuple[str, str, str]]:
    """(key, default, meaning) of every setting in a file."""
    text = path.read_text()
    node = yaml.compose(text)
    if isinstance(node, yaml.MappingNode):
        yield from _keys(node, "", text.splitlines())


def _keys(node: yaml.MappingNode, prefix: str, lines: list[str]) -> Iterator[tuple[str, str, str]]:
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        if key.value in ("_target_", "hydra") or name == "defaults":
            continue
        if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
            yield from _keys(value, f"{name}.", lines)
            continue
        line = lines[key.start_mark.line]
        if isinstance(value, yaml.ScalarNode) and value.style != "|":
            line, default = line[value.end_mark.column :], value.value
        elif getattr(value, "flow_style", False) and value.start_mark.line == value.end_mark.line:
            default, line = line[value.start_mark.column : value.end_mark.column], line[value.end_mark.column :]
        else:
            default = "…"
        meaning = _COMMENT.search(line)
        yield name, default or "''", meaning.group(1) if meaning else ""


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(cell, row))} |\n" for row in lines)


def overview() -> str:
    """The table of the README: every group, with what is chosen where nothing is said in front."""
    chosen, rows = defaults(), []
    for group, paths in groups().items():
        if [path.stem for path in paths] == ["stage"]:  # nothing to choose
            continue
        first = chosen.get(group, [])
        on = [shown(path) for name in first for path in paths if path.stem == name]
        off = [shown(path) for path in paths if path.stem not in first]
        rows.append((f"`{group}`", ", ".join(on) or "–", ", ".join(off)))
    return table(("group", "default", "others"), rows)


def options() -> str:
    """docs/options.md: every group, option and key."""
    rows = [(f"`{name}`", f"`{default}`", meaning) for name, default, meaning in keys(CONF / "config.yaml")]
    parts = [OPTIONS_HEAD, "\n## The run\n\n", table(("key", "default", "meaning"), rows)]
    for group, paths in groups().items():
        parts.append(f"\n## `{group}`\n\n")
        parts.append(table(("option", "what it is"), [(shown(path), summary(path)) for path in paths]))
        for path in paths:
            rows = [(f"`{name}`", f"`{default}`", meaning) for name, default, meaning in keys(path)]
            if rows:
                parts += [f"\n**`{group}={path.stem}`**\n\n", table(("key", "default", "meaning"), rows)]
    return "".join(parts)


def readme(text: str) -> str:
    """The README with its table made anew."""
    before, _, rest = text.partition(f"{BEGIN}\n")
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{overview()}{END}{after}"


def main() -> None:
    (ROOT / "docs" / "options.md").write_text(options())
    (ROOT / "README.md").write_text(readme((ROOT / "README.md").read_text()))


if __name__ == "__main__":
    main()
