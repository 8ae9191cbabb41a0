"""Python programs for tests, forked from a process that has imported what most of them need and has read conf/.

That takes `python -m dcvlr` three seconds of a processor, a fork none. A fork has words, environment, folder, output
and exit code of its own, and may be killed. Programs whose very start is tested, and those that are compared as
strangers to each other, are started by `subprocess`: hashes differ between them, between forks they do not.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

_ONE_AT_A_TIME = threading.Lock()  # of the threads of a test


def run_python(
    *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, timeout_s: float = 280.0
) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run([sys.executable, *words], ...)` gives, where the words begin with -m or -c."""
    process = Forked(*words, cwd=cwd, env=env)
    try:
        output = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    return subprocess.CompletedProcess(words, process.wait(), *output)


class Forked:
    """What `subprocess.Popen([sys.executable, *words], ...)` gives; its output is in files that end with it."""

    def __init__(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, new_session: bool = False
    ) -> None:
        self.args = words
        self.returncode: int | None = None
        self._folder = Path(mkdtemp())
        weakref.finalize(self, rmtree, self._folder)
        environment = dict(os.environ if env is None else env)
        asked = {"words": words, "cwd": str(cwd or Path.cwd()), "env": environment, "new_session": new_session}
        with _ONE_AT_A_TIME:
            self.pid: int = _ask(asked | {"output": str(self._folder)})

    def poll(self) -> int | None:
        with _ONE_AT_A_TIME:
            if self.returncode is None:
                self.returncode = _ask({"pid": self.pid})
            return self.returncode

    def wait(self, timeout: float = 280.0) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(0.01)
        return code

    def communicate(self, timeout: float = 280.0) -> tuple[str, str]:
        """What it wrote, once it has ended."""
        self.wait(timeout)
        stdout, stderr = ((self._folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return stdout, stderr

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _ask(question: object) -> int | None:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(question) + "\n")
    server.stdin.flush()
    answer: int | None = json.loads(server.stdout.readline())
    return answer


@cache
def _server() -> subprocess.Popen[str]:
    command = [sys.executable, __file__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


def stop_server() -> None:
    """It ends with its stdin, also where this process was killed."""
    if _server.cache_info().currsize:
        with _server():
            _server.cache_clear()


def _serve() -> list[str]:
    """Fork, or say how a fork has ended, for each line of stdin; returns in forks alone, with their words."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "pid" in asked:
            pid, status = os.waitpid(asked["pid"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        elif not (answer := os.fork()):
            _become(**{key: value for key, value in asked.items() if key != "words"})
            words: list[str] = asked["words"]
            return words
        os.write(1, f"{json.dumps(answer)}\n".encode())
    sys.exit()


def _become(*, cwd: str, env: dict[str, str], new_session: bool, output: str) -> None:
    if new_session:
        os.setsid()
    os.chdir(cwd)
    del sys.path[0]  # the folder of this file
    paths = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path and path not in sys.path]
    sys.path[:0] = [cwd, *paths]
    os.environ.clear()
    os.environ.update(env)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(("stdout", "stderr"), start=1):
        os.dup2(os.open(Path(output, name), os.O_WRONLY | os.O_CREAT), number)
    if "PYTHONFAULTHANDLER" in env:
        faulthandler.enable()


def _import_all(stack: ExitStack) -> None:
    """What starts a thread, as onnxruntime does, is left to the forks: it would be missing there."""
    from conf_once import conf_once

    from dcvlr.config import build, compose

    for name in ("run", "plan", "summary"):
        import_module(f"dcvlr.cli.{name}")
    for name in ("imagehash", "scipy.fftpack", "skimage.measure", "skimage.segmentation", "aiohttp"):
        with suppress(ImportError):  # an extra that is not installed
            import_module(name)
    stack.enter_context(conf_once())
    compose([], with_hydra=True)
    build(compose(["images_dir=somewhere", "output_dir=nowhere"]))


if __name__ == "__main__":
    until_the_end = ExitStack()
    _import_all(until_the_end)
    gc.freeze()
    option, program, *sys.argv[1:] = _serve()
    if option == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        sys.argv[0] = option
        exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})
