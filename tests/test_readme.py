"""What the README tells a user to type works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from forked import run_python
from pictures import make_pictures, receipt

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BASH = "\n".join(re.findall(r"```bash\n(.*?)```", README, re.DOTALL)).splitlines()
COMMANDS = sorted(
    {command.split("#")[0].strip() for line in BASH for command in line.split(" & ") if "python -m dcvlr" in command}
    | set(re.findall(r"`(python -m dcvlr [^`]+)`", README))
)


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) >= 6
    for target in re.findall(r"^make (\w+)", "\n".join(BASH), re.MULTILINE):
        assert f"\n{target}: " in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_runs(command: str, tmp_path: Path) -> None:
    make_pictures(tmp_path / "data")
    words = shlex.split(command)[1:]
    if "-m" in words[2:]:
        words.append("stages=[filtering]")
    elif "--cfg" not in words:
        words.append("dry_run=true")
    done = run_python(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_pictures(tmp_path / "data")
    receipt("CORNER CAFE", [("Tea", "1.80")]).save(tmp_path / "receipt.jpg")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(block, names)  # the README's own code
    shown = capsys.readouterr().out
    assert "'filtered_count': 5" in shown
    assert "Assigned bin: C" in shown
    assert "wide: ✗ FAIL" in shown
    assert list((tmp_path / "outputs" / "mine" / "export" / "parquet").iterdir())


def test_every_option_of_conf_is_in_the_readme() -> None:
    chosen = [path for path in sorted((ROOT / "conf").rglob("*.yaml")) if path.parent.name not in {"conf", "models"}]
    missing = [path for path in chosen if path.stem not in {"stage", "local"} and f"`{path.stem}`" not in README]
    assert missing == []
