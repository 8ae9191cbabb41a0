"""The OpenAI protocol against a real server on loopback: a good one, one that misbehaves, and runs that are killed."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from composed import composed_part
from fakes import asked
from forked import run_python
from PIL import Image
from servers import Loopback, Request, Response

from dcvlr import http
from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.identity import digest, identity
from dcvlr.llm.completion import reply_of
from dcvlr.llm.families import family_of
from dcvlr.llm.openai import OpenAi
from dcvlr.records import Failure, ImageRecord, requests
from dcvlr.records.requests import Message, Reply, Sampling, View
from dcvlr.text.thinking import split_thinking


def completion(text: str, **message: Any) -> Response:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, **message}}
    return Response(json={"choices": [choice], "usage": {"prompt_tokens": 1000, "completion_tokens": 200}})


def echo(request: Request) -> Response:
    content = request.body["messages"][-1]["content"]
    return completion(content if isinstance(content, str) else content[-1]["text"])


def model(server: Loopback, **changes: Any) -> OpenAi:
    made: OpenAi = composed_part("synthesis.generator.llm", "synthesis/generator=openai")
    near = {"base_url": server.url, "api_key_env": None, "timeout_s": 5, "attempts": 3, "max_wait_s": 1}
    return dataclasses.replace(made, **{**near, **changes})


def answers(llm: OpenAi, *requests: requests.Request) -> dict[str, Reply | Failure]:
    return {request.id: reply for request, reply in llm.answers(iter(requests))}


def test_a_request_becomes_a_chat_completion() -> None:
    sampling = Sampling(temperature=0.3, top_p=0.9, max_tokens=77)
    turns = [Message(role="system", text="be exact"), Message(role="user", text="how many?")]
    request = requests.request(turns, sampling=sampling, seed=7, schema='{"type": "object"}')
    with Loopback(echo) as server:
        replies = answers(model(server, model="tiny", extra={"reasoning_effort": "low"}), request)
        (came,) = server.requests
    assert replies == {request.id: Reply(text="how many?", prompt_tokens=1000, completion_tokens=200)}
    assert came.path == "/chat/completions"
    assert came.body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "be exact"}, {"role": "user", "content": "how many?"}],
        "temperature": 0.3,
        "top_p": 0.9,
        "max_tokens": 77,
        "seed": 7,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": {"type": "object"}},
        },
        "reasoning_effort": "low",
    }


def test_pictures_are_sent_as_data_urls_with_masks_painted_over(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    Image.new("RGB", (200, 100), "red").save(path)
    image = ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="made")
    sampling = Sampling(temperature=0, top_p=1, max_tokens=10)
    view = View(image=image, masks=((100.0, 0.0, 200.0, 100.0),))
    request = requests.request([Message(role="user", text="colour?")], [view], sampling=sampling, seed=0)
    with Loopback(echo) as server:
        answers(model(server, max_side=100, image_format="png"), request)
        (came,) = server.requests
    picture, text = came.body["messages"][0]["content"]
    assert text == {"type": "text", "text": "colour?"}
    head, _, data = picture["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert pixels.shape == (50, 100, 3)
    assert pixels[10, 10].tolist() == [255, 0, 0]
    assert pixels[10, 90].tolist() == [128, 128, 128]


@pytest.mark.parametrize("kind", ["missing", "changed", "io"])
def test_a_picture_that_is_lost_costs_its_own_request_alone(tmp_path: Path, kind: str) -> None:
    """Gone, changed under equal size and time, a pipe in its place."""
    paths = [tmp_path / "fine.bmp", tmp_path / "lost.bmp"]
    for path, colour in zip(paths, ("red", "blue"), strict=True):
        Image.new("RGB", (9, 9), colour).save(path)
    views = [View(image=ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="made")) for path in paths]
    status = paths[1].stat()
    paths[1].unlink()
    if kind == "changed":
        Image.new("RGB", (9, 9), "gold").save(paths[1])
        os.utime(paths[1], ns=(status.st_atime_ns, status.st_mtime_ns))
    elif kind == "io":
        os.mkfifo(paths[1])
    sampling = Sampling(temperature=0, top_p=1, max_tokens=10)
    fine, lost = (requests.request([Message(role="user", text="?")], [v], sampling=sampling, seed=0) for v in views)
    with Loopback(echo) as server:
        replies = answers(model(server), lost, fine)
        assert len(server.requests) == 1
    assert isinstance(replies[fine.id], Reply)
    failure = replies[lost.id]
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.remembered) == (kind, False)


def test_thoughts_are_kept_apart_however_the_server_sends_them() -> None:
    def respond(request: Request) -> Response:
        content = request.body["messages"][-1]["content"]
        return (
            completion("42", reasoning_content="six by seven")
            if content == "apart"
            else completion("<think>hm</think>42")
        )

    with Loopback(respond) as server:
        replies = answers(model(server), asked("apart"), asked("tags"))
    assert {(reply.text, reply.reasoning) for reply in replies.values() if isinstance(reply, Reply)} == {
        ("42", "six by seven"),
        ("42", "hm"),
    }


def test_what_is_no_completion_is_a_failure_that_may_pass() -> None:
    with Loopback(lambda request: Response(json={"choices": []})) as server:
        (reply,) = answers(model(server), asked("x")).values()
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.remembered) == ("server", False)


@pytest.mark.parametrize(
    ("finish", "text", "kind"),
    [
        ("content_filter", "The heading is", "refused"),
        ("SAFETY", "The heading is", "refused"),
        ("refusal", "", "refused"),
        ("insufficient_system_resource", "The heading is", "server"),
        ("Network_Error", "The heading is", "server"),
        ("error", "", "server"),
        ("abort", "The heading", "server"),
        ("stop", "", "server"),
        ("stop", "  ", "server"),
    ],
)
def test_what_ended_otherwise_than_by_itself_is_refused_or_may_pass(finish: str, text: str, kind: str) -> None:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    with Loopback(lambda request: Response(json={"choices": [choice]})) as server:
        (reply,) = answers(model(server, attempts=1), asked("x")).values()
    assert isinstance(reply, Failure)
    assert reply.kind == kind


def test_a_refusal_that_is_kept_apart_is_a_fact() -> None:
    with Loopback(lambda request: completion("", refusal="I can't help with that.")) as server:
        (reply,) = answers(model(server), asked("x")).values()
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.remembered) == ("refused", True)


def test_a_refused_request_is_a_fact_and_a_wrong_key_ends_the_run() -> None:
    with Loopback(lambda request: Response(status=400, json={"error": {"message": "too long"}})) as server:
        (reply,) = answers(model(server), asked("x")).values()
    assert isinstance(reply, Failure)
    assert reply.kind == "refused"
    with Loopback(lambda request: Response(status=401, json={"error": "no"})) as server, pytest.raises(DcvlrError):
        answers(model(server), asked("x"))


def test_a_missing_key_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    with Loopback(echo) as server, pytest.raises(ConfigError, match="set the environment variable SOME_KEY"):
        model(server, api_key_env="SOME_KEY").check_ready()


def test_the_address_and_the_price_are_no_part_of_the_identity() -> None:
    with Loopback(echo) as server:
        one = model(server)
        assert identity(model(server, base_url="http://localhost:1/v1", input_price=9.0)) == identity(one)
        assert identity(model(server, model="other")) != identity(one)


@pytest.mark.parametrize(
    ("model_name", "family"),
    [
        ("Qwen/Qwen2.5-VL-3B-Instruct", "qwen"),
        ("tiiuae/falcon-7b-instruct", "falcon"),
        ("deepseek-chat", "deepseek"),
        ("gpt-4o-mini", "gpt"),
        ("o3-mini", "gpt"),
        ("meta-llama/Llama-3.2-11B-Vision", "llama"),
        ("mistralai/Pixtral-12B", "mistral"),
        ("OpenGVLab/InternVL3-8B", "internvl"),
    ],
)
def test_the_family_is_read_from_the_name(model_name: str, family: str) -> None:
    assert family_of(model_name) == family


def test_a_thought_that_never_ends_is_all_thought() -> None:
    assert split_thinking("<think>so then") == ("so then", "")
    assert split_thinking("so then</think>\n42") == ("so then", "42")
    assert split_thinking("42") == ("", "42")


@pytest.mark.slow
def test_questions_are_written_through_a_server(tmp_path: Path) -> None:
    """The whole command against a server that answers as asked: the file holds what it content."""
    picture = tmp_path / "images/mine/train/page.png"
    picture.parent.mkdir(parents=True)
    Image.effect_noise((400, 300), 60).convert("RGB").save(picture)

    def respond(request: Request) -> Response:
        if "response_format" not in request.body:
            return completion("I look at the picture and think.")
        asked = ("circles", "squares", "lines")
        fields = {"options": ["3", "4", "5", "6"], "answer": "3", "steps": ["Count.", "There are 3."], "evidence": []}
        questions = [fields | {"question": f"How many {things} are drawn?"} for things in asked]
        return completion(json.dumps({"questions": questions}))

    with Loopback(respond) as server:
        words = ["-m", "dcvlr", f"images_dir={tmp_path / 'images'}", f"output_dir={tmp_path / 'out'}"]
        words += ["synthesis/generator=openai", f"synthesis.generator.llm.base_url={server.url}", "bins_ratio=null"]
        words += ["synthesis.generator.llm.api_key_env=null", "synthesis.use_full_features=false"]
        words += [
            "synthesis.captioner=null",
            "filtering.watermark_threshold=null",
            "stages=[filtering,binning,synthesis]",
        ]
        done = run_python(*words)
        assert done.returncode == 0, done.stderr
        first = len(server.requests)
        assert run_python(*words).returncode == 0
        assert len(server.requests) == first == 2
    lines = (tmp_path / "out/intermediate/stage3_synthesis/generated_qa_pairs.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["answer"] for record in records] == ["3"] * 3
    assert {record["generator"] for record in records} == {"openai:gpt/image"}
    assert all(("permutation" in record) == (record["options"] is not None) for record in records)


def test_a_field_that_is_null_in_extra_is_left_out_and_a_stream_is_refused() -> None:
    extra = {"max_tokens": None, "max_completion_tokens": 77, "temperature": None}
    with Loopback(echo) as server:
        answers(model(server, extra=extra), asked("hello"))
        (came,) = server.requests
        with pytest.raises(ConfigError, match=r"^extra\.stream=true: .*take it out"):
            model(server, extra={"stream": True})
    assert came.body["max_completion_tokens"] == 77
    assert not {"max_tokens", "temperature"} & set(came.body)


def test_a_reply_in_parts_is_read_apart_from_its_thoughts() -> None:
    content = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "three"}]
    answer = http.Response(body={"choices": [{"message": {"content": content}}]}, seconds=0.1, attempts=1)
    assert reply_of(answer) == Reply(text="three", reasoning="hm")
