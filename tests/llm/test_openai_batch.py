"""Batches against a real server of the protocol on loopback: killed runs, servers that break off, parts of batches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from contracts.language_models import LanguageModelContract
from llm.batches import asked, completion, model
from llm.host import BatchHost
from servers import Response

from dcvlr.errors import ConfigError, DcvlrError
from dcvlr.llm.openai_batch import OpenAiBatch
from dcvlr.memo import Memo
from dcvlr.records import Failure, requests
from dcvlr.records.requests import Message, Reply, Request, Sampling

KEY = "sk-very-secret-key"


def answers(llm: OpenAiBatch, wanted: Sequence[Request]) -> dict[str, Reply | Failure]:
    return {request.id: reply for request, reply in llm.answers(iter(wanted))}


def texts(replies: dict[str, Reply | Failure], wanted: Sequence[Request]) -> list[str]:
    return [reply.text if isinstance(reply := replies[one.id], Reply) else reply.kind for one in wanted]


def left(folder: Path) -> list[str]:
    return sorted(path.name.partition(".")[2] for path in folder.glob("*/*"))


class TestOpenAiBatch(LanguageModelContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> Any:
        with BatchHost(completion) as host:
            yield model(host.url, tmp_path, max_requests=2)

    @pytest.fixture
    def requests(self) -> list[Request]:
        return asked(5)


def test_a_batch_is_a_file_of_chat_completions_handed_in_once(tmp_path: Path) -> None:
    wanted = asked(3)
    with BatchHost(completion, looks=3) as host:
        replies = answers(model(host.url, tmp_path, extra={"reasoning_effort": "low"}), wanted)
        paths = [f"{request.method} {request.path}" for request in host.requests]
        (batch,) = host.batches.values()
        lines = [json.loads(line) for line in host.files["file-0"].splitlines()]
    assert replies[wanted[1].id] == Reply(text="Q1", prompt_tokens=10, completion_tokens=2)
    assert texts(replies, wanted) == ["Q0", "Q1", "Q2"]
    poll = "GET /batches/batch_0"
    assert paths == ["POST /files", "POST /batches", poll, poll, poll, "GET /files/file-1/content"]
    assert (batch["endpoint"], batch["completion_window"]) == ("/v1/chat/completions", "24h")
    assert [line["custom_id"] for line in lines] == [request.id for request in wanted]
    assert {**lines[0], "custom_id": ""} == {
        "custom_id": "",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "tiny",
            "messages": [{"role": "user", "content": "q0"}],
            "temperature": 0.3,
            "top_p": 0.9,
            "max_tokens": 77,
            "seed": 7,
            "reasoning_effort": "low",
        },
    }
    assert left(tmp_path) == []


def test_batches_are_closed_by_their_requests_or_their_bytes(tmp_path: Path) -> None:
    wanted = asked(5)
    with BatchHost(completion) as host:
        answers(model(host.url, tmp_path, max_requests=2, max_batches=2), wanted)
        assert sorted(len(host.files[batch["input_file_id"]].splitlines()) for batch in host.batches.values()) == [
            1,
            2,
            2,
        ]
    sampling = Sampling(temperature=0, top_p=1, max_tokens=1)
    long = [
        requests.request([Message(role="user", text=f"{n}" * 400_000)], sampling=sampling, seed=0) for n in range(5)
    ]
    with BatchHost(completion) as host:
        answers(model(host.url, tmp_path, max_file_mb=1), long)
        assert sorted(len(host.files[batch["input_file_id"]].splitlines()) for batch in host.batches.values()) == [
            1,
            2,
            2,
        ]


def test_a_run_that_stops_waiting_pays_once(tmp_path: Path) -> None:
    wanted = asked(3)
    with BatchHost(completion) as host:
        host.is_held = True
        given_up = answers(model(host.url, tmp_path, max_wait_s=0.0), wanted)
        assert texts(given_up, wanted) == ["timeout"] * 3
        assert left(tmp_path) == ["json", "requests.jsonl"]
        host.is_held = False
        assert texts(answers(model(host.url, tmp_path), [*wanted, *asked(4)[3:]]), asked(4)) == ["Q0", "Q1", "Q2", "Q3"]
        assert sorted(host.paid) == sorted(request.id for request in asked(4))
        assert len(host.batches) == 2


@pytest.mark.parametrize(
    "fault", [Response(drop=True), Response(status=502, json={"error": "away"})], ids=["cut", "502"]
)
def test_a_batch_whose_creation_got_no_answer_is_found_and_not_made_again(fault: Response, tmp_path: Path) -> None:
    wanted = asked(2)
    with BatchHost(completion) as host:
        answers(model(host.url, tmp_path), asked(9)[6:])  # older batches, on the second page of the list
        answers(model(host.url, tmp_path), asked(9)[5:6])
        answers(model(host.url, tmp_path), asked(9)[4:5])
        host.on_create = lambda: fault
        assert texts(answers(model(host.url, tmp_path), wanted), wanted) == ["Q0", "Q1"]
        assert len(host.batches) == 4


def test_a_batch_that_was_made_by_a_process_that_died_before_it_knew_is_found(tmp_path: Path) -> None:
    wanted = asked(2)
    with BatchHost(completion) as host:
        host.is_held = True
        answers(model(host.url, tmp_path, max_wait_s=0.0), wanted)
        (record,) = tmp_path.glob("*/*.json")
        known = json.loads(record.read_bytes())
        assert (known["file_id"], known["batch_id"]) == ("file-0", "batch_0")
        record.write_text(json.dumps({**known, "batch_id": None}))
        host.is_held = False
        assert texts(answers(model(host.url, tmp_path), wanted), wanted) == ["Q0", "Q1"]
        assert (len(host.batches), len(host.paid)) == (1, 2)


def test_of_a_batch_that_expired_the_replies_are_kept_and_the_rest_is_asked_again(tmp_path: Path) -> None:
    wanted = asked(4)
    with BatchHost(completion) as host:
        host.end, host.answered = "expired", 0.5
        memo = Memo(tmp_path / "checkpoints")
        first = memo.generate(model(host.url, tmp_path / "batches"), wanted)
        kinds = [
            getattr(first[request.id], "text", None) or getattr(first[request.id], "kind", "") for request in wanted
        ]
        assert kinds == ["Q0", "Q1", "server", "server"]
        host.end, host.answered = "completed", 1.0
        second = Memo(tmp_path / "checkpoints").generate(model(host.url, tmp_path / "batches"), wanted)
        assert [getattr(second[request.id], "text", "") for request in wanted] == ["Q0", "Q1", "Q2", "Q3"]
        assert sorted(host.paid) == sorted(request.id for request in wanted)


def test_replies_that_were_fetched_but_not_taken_are_not_asked_again(tmp_path: Path) -> None:
    wanted = asked(3)
    with BatchHost(completion) as host:
        taking = model(host.url, tmp_path).answers(iter(wanted))
        first, _ = next(taking)
        taking.close()  # killed after one of three was taken
        others = [request for request in wanted if request.id != first.id]
        assert texts(answers(model(host.url, tmp_path), others), others) == [
            f"Q{n}" for n, request in enumerate(wanted) if request.id != first.id
        ]
        assert (len(host.batches), len(host.paid)) == (1, 3)


def test_what_a_line_says_decides_whether_it_is_asked_again(tmp_path: Path) -> None:
    replies: dict[str, Any] = {"q1": (400, {"error": {"message": "flagged"}}), "q2": (500, {"error": "x"}), "q3": {}}
    wanted = asked(4)
    with BatchHost(lambda body: replies.get(body["messages"][-1]["content"], completion(body))) as host:
        came = answers(model(host.url, tmp_path), wanted)
    assert texts(came, wanted) == ["Q0", "refused", "server", "server"]
    assert isinstance(flagged := came[wanted[1].id], Failure)
    assert flagged.message == 'status 400: {"error":{"message":"flagged"}}'


def test_a_batch_that_the_server_refuses_ends_the_run_with_its_words(tmp_path: Path) -> None:
    with BatchHost(completion) as host:
        host.end = "failed"
        with pytest.raises(
            DcvlrError, match="batch_0 was refused: the model tiny does not exist; nothing of it was paid"
        ):
            answers(model(host.url, tmp_path), asked(2))
        assert left(tmp_path) == []


def test_a_batch_that_the_server_no_longer_knows_is_a_clear_error(tmp_path: Path) -> None:
    with BatchHost(completion) as host:
        host.is_held = True
        answers(model(host.url, tmp_path, max_wait_s=0.0), asked(1))
        host.batches.clear()
        with pytest.raises(
            DcvlrError, match=r"404.* to ask its requests anew, and pay for them again, remove .*\.json"
        ):
            answers(model(host.url, tmp_path), asked(1))


def test_by_hand_a_file_of_requests_is_written_and_results_beside_it_are_read(tmp_path: Path) -> None:
    wanted = asked(2)
    by_hand = model(None, tmp_path, max_wait_s=0.0)
    by_hand.check_ready()
    assert texts(answers(by_hand, wanted), wanted) == ["timeout", "timeout"]
    (asked_for,) = tmp_path.glob("*/*.requests.jsonl")
    lines = [json.loads(line) for line in asked_for.read_bytes().splitlines()]
    assert [line["body"]["messages"][0]["content"] for line in lines] == ["q0", "q1"]
    results = asked_for.with_name(asked_for.name.replace("requests", "results"))
    result = {"id": "vllm-1", "response": {"status_code": 200, "request_id": "r"}, "error": None}
    made = [{**result, "custom_id": line["custom_id"]} for line in lines]
    for line, one in zip(lines, made, strict=True):
        one["response"] = {"status_code": 200, "body": completion(line["body"])}
    results.write_text(json.dumps(made[1]) + "\n")
    assert texts(answers(by_hand, wanted), wanted) == ["timeout", "timeout"], "vllm is still writing"
    results.write_text("".join(json.dumps(one) + "\n" for one in made))
    assert texts(answers(by_hand, wanted), wanted) == ["Q0", "Q1"]
    assert left(tmp_path) == []


def test_the_key_is_asked_for_before_work_and_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DCVLR_TEST_KEY", raising=False)
    with BatchHost(completion) as host:
        llm = model(host.url, tmp_path, api_key_env="DCVLR_TEST_KEY")
        with pytest.raises(ConfigError, match="set the environment variable DCVLR_TEST_KEY"):
            llm.check_ready()
        monkeypatch.setenv("DCVLR_TEST_KEY", KEY)
        llm.check_ready()
        answers(llm, asked(1))
        assert {request.headers["authorization"] for request in host.requests} == {f"Bearer {KEY}"}
    assert KEY not in repr(llm)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY in path.read_text()]
