"""How runs end: what they say, with which exit code, and what is left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree

import pytest
from forked import Forked, run_python
from pictures import make_pictures

from dcvlr.cli.exit_codes import UnexpectedError, described, exit_code, traceback_kept_in
from dcvlr.errors import ConfigError, DcvlrError, Terminated
from dcvlr.records import ImageRecord

FAULTY = """
import sys
from types import ModuleType
import dcvlr.export
from dcvlr.cli.main import main

module = ModuleType("dcvlr.export.faulty")
sys.modules["dcvlr.export.faulty"] = dcvlr.export.faulty = module
exec('''
from dataclasses import dataclass
from typing import ClassVar

@dataclass(frozen=True, kw_only=True)
class Faulty:
    name: ClassVar[str] = "faulty"

    def __call__(self, qas, folder):
        for qa in qas:
            {}[qa.id]
''', vars(module))
sys.argv[0] = "dcvlr"
main()
"""

INTERRUPTED_WHILE_LOADING = """
import os, runpy, signal, sys

class CtrlC:
    def find_spec(self, name, path, target=None):
        if name == "hydra":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, CtrlC())
runpy.run_module("dcvlr", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("images"))


def dcvlr(*overrides: str, code: int, program: Sequence[str] = ("-m", "dcvlr")) -> subprocess.CompletedProcess[str]:
    done = run_python(*program, *overrides)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.mark.slow
def test_a_fault_of_the_program_is_no_wrong_setting(text_read: Path, images: Path, tmp_path: Path) -> None:
    out = copytree(text_read, tmp_path / "out")
    words = [f"images_dir={images}", f"output_dir={out}", "bins_ratio=null"]
    done = dcvlr(*words, "+export.faulty={_target_: dcvlr.export.faulty.Faulty}", code=70, program=("-c", FAULTY))
    [line] = done.stderr.splitlines()
    first = json.loads((out / "synthetic_qa_dataset.jsonl").read_text().splitlines()[0])
    where = f"in dcvlr.export.faulty.Faulty.__call__, at Qa {first['id']} ({images / first['image']})"
    assert line.startswith(f"dcvlr: KeyError: '{first['id']}' {where}; this is a fault of the program")
    assert f"the traceback is in {out}/pipeline.log" in line
    assert "run the same command again to go on" in line
    log = (out / "pipeline.log").read_text()
    assert "Traceback (most recent call last)" in log
    assert f"KeyError: '{first['id']}'" in log
    assert dcvlr(*words, code=0).stderr == ""


def test_the_item_that_was_worked_on_is_named() -> None:
    image = ImageRecord(id="ab12", path="/data/\x1b[31mred.png", dataset="made")
    error = _error_at(image)
    assert described(error) == "ValueError: not a size in dcvlr.records.made.measure, at ImageRecord ab12 " + (
        r"(/data/\x1b[31mred.png)"
    )


def _error_at(image: ImageRecord) -> ValueError:
    """As it comes out of a function of the package that has a record at hand."""
    names: dict[str, object] = {"__name__": "dcvlr.records.made"}
    exec("def measure(image):\n    raise ValueError('not a size')", names)
    with pytest.raises(ValueError, match="not a size") as raised:
        names["measure"](image)  # type: ignore[operator]
    return raised.value


KEPT = "what was finished is kept"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConfigError("seed='x'"), 2, "seed='x'"),
        (DcvlrError("the key is wrong"), 1, "the key is wrong"),
        (UnexpectedError("KeyError"), 70, "KeyError"),
        (OSError("disk full"), 1, f"disk full; {KEPT}: mend it and run the same command again"),
        (KeyboardInterrupt(), 130, f"interrupted; {KEPT}: run the same command again to go on"),
        (Terminated(), 143, f"asked to end (SIGTERM); {KEPT}: run the same command again to go on"),
        (DcvlrError("bad \x1b]0;x\x07 \u202etxt"), 1, r"bad \x1b]0;x\x07 \u202etxt"),
    ],
)
def test_each_kind_of_ending_has_its_line_and_code(
    error: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def end() -> None:
        raise error

    assert exit_code(end) == code
    assert capsys.readouterr().err == f"dcvlr: {words}\n"


def test_ctrl_c_while_the_program_loads_is_a_line_and_130(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING, f"output_dir={tmp_path / 'out'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "dcvlr: interrupted before anything was begun\n"
    assert not list(tmp_path.iterdir())


def test_words_that_no_group_takes_are_named(tmp_path: Path) -> None:
    done = run_python("-m", "dcvlr", f"output_dir={tmp_path / 'out'}", "binning/ocr=null")
    assert done.returncode == 2
    assert done.stderr.startswith("dcvlr: binning/ocr=null: one of deepseek_ocr, paddleocr, ")


def test_errors_that_say_what_to_do_keep_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(DcvlrError, match="budget"), traceback_kept_in(tmp_path / "log"):
        raise DcvlrError("the budget is spent")
    assert not (tmp_path / "log").exists()


@pytest.mark.slow
def test_a_run_that_makes_nothing_says_what_took_most_and_fails(images: Path, tmp_path: Path) -> None:
    words = [f"images_dir={images}", f"output_dir={tmp_path / 'out'}", "filtering.min_resolution=4000"]
    done = dcvlr(*words, "stages=[filtering]", code=1)
    [line] = done.stderr.splitlines()
    assert line.startswith("dcvlr: nothing was made: filtering left out most, ")
    assert "'min_resolution'" in line
    assert "nothing was made" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_sigterm_ends_a_run_like_ctrl_c_and_it_goes_on(images: Path, tmp_path: Path, processes: int) -> None:
    out = tmp_path / "out"
    words = [f"images_dir={images}", f"output_dir={out}", f"runtime.num_processes={processes}", "stages=[filtering]"]
    running = Forked("-m", "dcvlr", *words)
    while not (out / "pipeline.log").exists():
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    _, stderr = running.communicate(timeout=120)
    assert running.returncode == 143, stderr
    assert "asked to end (SIGTERM); what was finished is kept" in stderr
    assert not [path for path in out.rglob("*") if path.suffix in (".claim", ".draft", ".lock")]
    dcvlr(*words, code=0)
