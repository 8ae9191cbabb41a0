"""The rules of docs/architecture.md that a machine can hold."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dcvlr"
MODULES = sorted(PACKAGE.rglob("*.py"))
FILES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]

HEAVY = {
    *(
        "torch",
        "ray",
        "transformers",
        "vllm",
        "llguidance",
        "aiohttp",
        "fsspec",
        "s3fs",
        "ultralytics",
        "paddleocr",
        "open_clip",
        "datasets",
        "accelerate",
        "pillow_heif",
        "tensorboardX",
        "wandb",
        "mlflow",
        "openvino",
    ),
    *("cv2", "onnxruntime", "rapidocr", "nudenet", "skimage", "scipy", "pyarrow", "imagehash", "shapely"),
}

LAYERS = [
    {"errors"},
    {"identity", "settings"},
    {"records", "sampling"},
    {"http"},
    {"remote"},
    {"execution"},
    {"images"},
    {"text", "rundir", "metadata"},
    {"protocols"},
    {"models"},
    {"memo", "llm", "decontamination"},
    {"source", "filtering", "binning", "synthesis", "validation", "selection", "export", "report", "trackers"},
    {"pipeline"},
    {"config"},
    {"runs"},
    {"notebook"},
    {"api", "cli"},
    {"__init__", "__main__", "export_images", "decontaminate"},
]
SETTINGS_OF_ONE_CLASS = {  # folders of options that differ in values alone
    "conf/binning/bins": "dcvlr.binning.bins",
    "conf/binning/similarity": "dcvlr.binning.similarity.cosines",
    "conf/selection": "dcvlr.llm.solver",
    "conf/selection/teacher": "dcvlr.llm.solver",
}
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# A stage of its own room needs no line here.
LEVEL = {path.parent.name: LEVEL["selection"] for path in PACKAGE.glob("*/stage.py")} | LEVEL


class Facts(NamedTuple):
    """What the rules ask of a file: names that it imports, anywhere and at its top, and the lines of its functions."""

    imports: set[str]
    top_imports: set[str]
    functions: dict[str, int]


@cache
def facts(path: Path) -> Facts:
    """Trees are not kept: the collector would look at millions of nodes again and again."""
    module = ast.parse(path.read_text())
    found = statements(module)
    functions = [node for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node.name: 0 for node in functions}
    for node in functions:
        lengths[node.name] = max(lengths[node.name], (node.end_lineno or 0) - node.lineno)
    return Facts(imported(found), imported(module.body), lengths)


def statements(module: ast.Module) -> list[ast.stmt]:
    """All of a file, outer ones first; expressions, which hold none, are most of a tree and are not walked."""
    found: list[ast.AST] = [module]
    for node in found:
        blocks = (getattr(node, name, ()) for name in ("body", "orelse", "finalbody", "handlers", "cases"))
        found += [child for block in blocks if isinstance(block, list) for child in block]
    return [node for node in found if isinstance(node, ast.stmt)]


def imported(nodes: list[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imports(path: Path) -> set[str]:
    return facts(path).imports


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def layer_of(name: str) -> str:
    return name.split(".")[1]


def test_imports_go_one_way() -> None:
    offenders = []
    for path in MODULES:
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        others = {name for name in imports(path) if name.startswith("dcvlr.") and layer_of(name) != here}
        offenders += [f"{shown(path)} imports {name}" for name in others if LEVEL[layer_of(name)] >= LEVEL[here]]
    assert sorted(offenders) == []


def test_heavy_packages_are_imported_where_they_are_needed() -> None:
    offenders = []
    for path in MODULES:
        top_level = {name.split(".")[0] for name in facts(path).top_imports}
        offenders += [f"{shown(path)} imports {name} at its top" for name in sorted(top_level & HEAVY)]
    assert offenders == []


def test_a_file_is_at_most_300_lines() -> None:
    lengths = {shown(path): path.read_text().count("\n") for path in FILES}
    assert {path: lines for path, lines in lengths.items() if lines > 300} == {}


def test_a_function_is_under_60_lines() -> None:
    lengths = {f"{shown(path)}: {name}": lines for path in FILES for name, lines in facts(path).functions.items()}
    assert {name: lines for name, lines in lengths.items() if lines >= 60} == {}


def test_every_module_of_the_tests_has_one_name() -> None:
    """Two names for one file are two copies of its classes and of what it counts."""
    files = Counter(module.__file__ for module in list(sys.modules.values()) if hasattr(module, "__file__"))
    twice = [file for file, count in files.items() if file and file.startswith(str(ROOT / "tests")) and count > 1]
    assert twice == []
    offenders = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in sorted(imports(path))
        if name.split(".")[0] == "tests"
    ]
    assert offenders == []


def test_only_one_module_imports_accelerate() -> None:
    users = [path.name for path in MODULES if any(name.split(".")[0] == "accelerate" for name in imports(path))]
    assert users == ["accelerate.py"]


def test_nothing_is_instantiated_but_by_config_which_checks_it() -> None:
    assert [path.name for path in MODULES if "hydra.utils.instantiate" in imports(path)] == []


def test_cfg_does_not_leave_the_config_face_and_command_line() -> None:
    users = {
        path.name for path in MODULES if any(name.split(".")[0] in {"omegaconf", "hydra"} for name in imports(path))
    }
    assert users == {
        "config.py",
        "mistyped.py",
        "typed.py",
        "api.py",
        "given_config.py",
        "run.py",
        "exit_codes.py",
        "submit.py",
        "command_words.py",
    }


def test_the_option_tables_are_those_of_conf() -> None:
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))
    text = (ROOT / "README.md").read_text()
    assert tables["readme"](text) == text, "run: make docs"
    assert tables["options"]() == (ROOT / "docs" / "options.md").read_text(), "run: make docs"
    assert re.search("^\\| `binning/ocr` \\| `rapidocr` \\| .*`paddleocr`", text, re.MULTILINE)
    assert "| `min_resolution` | `224` | pixels of the shorter side; smaller is rejected |" in tables["options"]()


def test_every_config_file_stands_where_its_class_does() -> None:
    offenders = []
    for path in sorted((ROOT / "conf").rglob("*.yaml")):
        if path.parts[-3:-1] == ("hydra", "launcher"):
            continue  # Hydra finds launchers below hydra_plugins only
        targets = re.findall(r"^ *_target_: (\S+)\.\w+$", path.read_text(), re.MULTILINE)
        module = "dcvlr." + ".".join(path.relative_to(ROOT / "conf").with_suffix("").parts)
        module = module.replace("dcvlr.runtime.", "dcvlr.execution.")  # what users type stays `runtime`
        shared = SETTINGS_OF_ONE_CLASS.get(path.parent.relative_to(ROOT).as_posix())
        if targets[:1] not in ([], [module], [f"{module}.{path.stem}"], [shared]):
            offenders.append(f"{shown(path)}: {targets[0]}")
    assert offenders == []


SAYING_HELLO = """
import sys
from contextlib import suppress
import dcvlr.api
from dcvlr.cli.main import main
for words in (["--help"], ["--cfg", "job"]):
    sys.argv = ["dcvlr", *words]
    with suppress(SystemExit):
        main()
print("loaded:", *sys.modules)
"""


@pytest.mark.slow
def test_nothing_heavy_is_loaded_to_say_hello(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAYING_HELLO], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    usage, _, loaded = done.stdout.rpartition("loaded: ")
    assert "usage:" in usage.lower()
    assert "images_dir: " in usage
    packages = {name.split(".")[0] for name in loaded.split()}
    assert "numpy" in packages
    assert not packages & HEAVY
    assert not list(tmp_path.iterdir())


def test_the_top_of_the_package_holds_at_most_twelve_files() -> None:
    loose = [path.name for path in PACKAGE.glob("*.py")]
    assert len(loose) <= 12, loose


def test_a_change_goes_where_the_architecture_says() -> None:
    """Every path of its table is there (x stands for what is new), and no change touches more than four files."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 150
    changes = re.findall(r"^\| ([\w ]+) \| (.+) \|$", text.split("## 7.")[1], re.MULTILINE)[1:]
    assert len(changes) == 13
    wrong = []
    for change, files in changes:
        paths = [path for path in re.findall(r"`([\w./]+)`", files) if "/" in path]
        there = [re.sub(r"(^|/)(test_)?x(\.\w+|/.*)?$", r"\1", path) for path in paths]
        wrong += [f"{change}: {path}" for path in there if not (ROOT / path).exists()]
        count = len(paths) + len(re.findall(r"its (?:YAML|test)|a YAML|the list `|who fills", files))
        wrong += [f"{change}: {count} files"] * (count > (5 if change in ("bin", "stage") else 4))
    assert wrong == []
