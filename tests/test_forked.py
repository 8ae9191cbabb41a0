"""Forked programs are programs of their own."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from forked import Forked, run_python

pytestmark = pytest.mark.slow

SAYS_ALL = "import os, sys; print(os.getcwd(), os.environ['X'], sys.argv[1:], os.getsid(0) == os.getpid()); sys.exit(3)"


def test_a_fork_has_words_folder_environment_and_exit_code_of_its_own(tmp_path: Path) -> None:
    done = run_python("-c", SAYS_ALL, "a", "b c", cwd=tmp_path, env={"X": "1"})
    assert (done.stdout, done.stderr, done.returncode) == (f"{tmp_path} 1 ['a', 'b c'] False\n", "", 3)


def test_a_module_is_run_as_the_shell_would(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import sys\nprint(__name__, sys.argv)\nraise ValueError('no')\n")
    done = run_python("-m", "mine", "word", cwd=tmp_path)
    assert done.stdout == f"__main__ ['{tmp_path / 'mine.py'}', 'word']\n"
    assert done.stderr.endswith("\nValueError: no\n")
    assert done.returncode == 1


def test_forks_run_side_by_side_and_may_be_killed() -> None:
    waiting, killed = (Forked("-c", "import time; time.sleep(60)", new_session=True) for _ in range(2))
    assert run_python("-c", "print('done')").stdout == "done\n"
    killed.kill()
    assert killed.communicate() == ("", "")
    assert killed.returncode == -signal.SIGKILL
    assert waiting.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.communicate(timeout=0.05)
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait() == -signal.SIGTERM


def test_what_takes_too_long_is_killed() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_python("-c", "import time; time.sleep(60)", timeout_s=0.1)
