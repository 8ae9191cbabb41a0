"""A real server of the OpenAI protocol, `transformers serve` on tiny models with random weights, asked over HTTP."""

from __future__ import annotations

import dataclasses
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from fakes import asked, grey_picture
from tiny import llm as tiny_llm
from tiny import vlm as tiny_vlm

from dcvlr.config import compose, make
from dcvlr.llm.openai import OpenAi
from dcvlr.memo import Memo
from dcvlr.records import Failure, requests
from dcvlr.records.requests import Message, Reply, Sampling, View

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(find_spec(package) for package in ("torch", "transformers", "fastapi", "uvicorn", "openai")),
        reason='transformers serve needs pip install "transformers[serving]"',
    ),
]
START_S = 120


@dataclass(frozen=True)
class Serving:
    port: int
    text: str
    sight: str

    def model(self, name: str, **changes: object) -> OpenAi:
        words = ["images_dir=x", "synthesis/generator=openai", "synthesis.generator.llm.api_key_env=null"]
        words.append(f"synthesis.generator.llm.base_url=http://127.0.0.1:{self.port}/v1")
        made: OpenAi = make(compose(words), "synthesis.generator.llm")
        settings = {"model": name, "schema_mode": "none", "timeout_s": 60, "attempts": 2, "concurrency": 4, **changes}
        return dataclasses.replace(made, **settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def serving(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    text, sight = str(tiny_llm.qwen2(tiny_folder)), str(tiny_vlm.llava(tiny_folder))
    home = tmp_path_factory.mktemp("serving")
    (home / "hub").mkdir()  # it lists what is there
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    environment = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    program = "import sys; from transformers.cli.transformers import main; sys.exit(main())"
    words = ["serve", "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", program, *words], env=environment, stdout=log, stderr=log)
        try:
            _wait_until_up(port, process, home / "log")
            yield Serving(port, text, sight)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_up(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_S * 10):
        assert process.poll() is None, log.read_text()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError(log.read_text())


def shown(path: Path, level: int) -> requests.Request:
    sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=8)
    view = View(image=grey_picture(path, level))
    return requests.request([Message(role="user", text="what is it?")], [view], sampling=sampling, seed=0)


def test_a_text_model_is_asked_and_its_replies_are_remembered(serving: Serving, tmp_path: Path) -> None:
    requests = [asked(f"say something about the number {n}") for n in range(6)]
    first, again = Memo(tmp_path), Memo(tmp_path)
    replies = dict(first.generate(serving.model(serving.text), requests))
    assert set(replies) == {request.id for request in requests}
    for reply in replies.values():
        assert isinstance(reply, Reply)
        assert reply.prompt_tokens > 30  # bytes are its tokens
        assert 0 < reply.completion_tokens <= 64
    gone = serving.model(serving.text, base_url="http://127.0.0.1:9/v1")  # where nothing listens
    assert dict(again.generate(gone, requests)) == replies
    assert again.computed == dict.fromkeys(again.computed, 0)


def test_a_model_that_sees_is_shown_the_picture(serving: Serving, tmp_path: Path) -> None:
    model = serving.model(serving.sight)
    dark, bright = shown(tmp_path / "dark.png", 0), shown(tmp_path / "bright.png", 255)
    plain = requests.request(dark.messages, sampling=dark.sampling, seed=0)
    replies = {request.id: reply for request, reply in model.answers([dark, bright, plain])}
    seen, also_seen, unseen = (replies[request.id] for request in (dark, bright, plain))
    assert isinstance(seen, Reply)
    assert isinstance(also_seen, Reply)
    assert isinstance(unseen, Reply)
    assert seen.prompt_tokens == also_seen.prompt_tokens > unseen.prompt_tokens
    assert seen.text != also_seen.text


def test_a_schema_is_not_sent_to_a_server_that_knows_none(serving: Serving) -> None:
    plain = asked("an object, please")
    request = requests.request(plain.messages, sampling=plain.sampling, seed=0, schema='{"type": "object"}')
    ((_, reply),) = serving.model(serving.text).answers([request])
    assert isinstance(reply, Reply)


def test_a_model_that_it_does_not_have_is_a_failure_with_its_words(serving: Serving, tmp_path: Path) -> None:
    """Offline it says 400 or 500 by version; neither costs the other requests or is taken for a reply."""
    request, memo = asked("are you there?"), Memo(tmp_path)
    failure = memo.generate(serving.model("nobody/nothing", attempts=1), [request])[request.id]
    assert isinstance(failure, Failure)
    assert failure.message.startswith(f"POST http://127.0.0.1:{serving.port}/v1/chat/completions: HTTP ")
    assert failure.kind in ("refused", "server")
    assert isinstance(memo.generate(serving.model(serving.text), [request])[request.id], Reply)
