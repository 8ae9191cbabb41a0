"""The rules of docs/architecture.md that a machine can hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dcvlr"
MODULES = sorted(PACKAGE.rglob("*.py"))

HEAVY = {
    *(
        "torch",
        "transformers",
        "vllm",
        "llguidance",
        "aiohttp",
        "ultralytics",
        "paddleocr",
        "open_clip",
        "datasets",
        "accelerate",
    ),
    *("cv2", "onnxruntime", "rapidocr", "nudenet", "skimage", "scipy", "pyarrow", "imagehash", "shapely"),
}

LAYERS = [
    {"errors"},
    {"identity", "settings"},
    {"records", "sampling", "execution"},
    {"protocols", "images"},
    {"text", "rundir", "http", "metadata"},
    {"models"},
    {"memo", "llm", "decontamination"},
    {"source", "filtering", "binning", "synthesis", "validation", "selection", "export"},
    {"pipeline"},
    {"config"},
    {"api", "cli"},
    {"__init__", "__main__", "export_images", "decontaminate"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def layer_of(name: str) -> str:
    return name.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name in imports(path):
        if name.startswith("dcvlr.") and layer_of(name) != here:
            assert LEVEL[layer_of(name)] < LEVEL[here], f"{here} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_packages_are_imported_where_they_are_needed(path: Path) -> None:
    top_level = {name.split(".")[0] for name in imports(path, top_level_only=True)}
    assert not top_level & HEAVY


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_under_300_lines_and_a_function_under_one_screen(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_only_workers_imports_accelerate() -> None:
    users = [path.name for path in MODULES if any(name.split(".")[0] == "accelerate" for name in imports(path))]
    assert users == ["workers.py"]


def test_only_config_instantiates() -> None:
    users = [path.name for path in MODULES if "hydra.utils.instantiate" in imports(path)]
    assert users == ["config.py"]


def test_cfg_does_not_leave_the_config_face_and_command_line() -> None:
    users = {
        path.name for path in MODULES if any(name.split(".")[0] in {"omegaconf", "hydra"} for name in imports(path))
    }
    assert users == {"config.py", "api.py", "run.py", "errors.py", "submit.py"}


def test_every_config_file_stands_where_its_class_does() -> None:
    for path in sorted((ROOT / "conf").rglob("*.yaml")):
        if path.parts[-3:-1] == ("hydra", "launcher"):
            continue  # Hydra finds launchers below hydra_plugins only
        targets = re.findall(r"^ *_target_: (\S+)\.\w+$", path.read_text(), re.MULTILINE)
        module = "dcvlr." + ".".join(path.relative_to(ROOT / "conf").with_suffix("").parts)
        package = f"{module}.{path.stem}"
        assert targets[:1] in ([], [module], [package]), path


@pytest.mark.parametrize(
    "arguments", [["-c", "import dcvlr"], ["-m", "dcvlr", "--help"], ["-m", "dcvlr", "--cfg", "job"]]
)
def test_nothing_heavy_is_loaded_to_say_hello(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "numpy" in loaded
    assert not loaded & HEAVY
    assert not list(tmp_path.iterdir())
