"""Samples of one question are asked for in one request, whose prompt is paid once."""

from __future__ import annotations

from llm.test_openai import answers, model
from servers import Loopback, Response
from servers import Request as Asked

from dcvlr.llm.reply_choices import choices_of, grouped
from dcvlr.records import Failure
from dcvlr.records.requests import Message, Reply, Request, Sampling, request


def samples(text: str, count: int) -> list[Request]:
    sampling = Sampling(temperature=1.0, top_p=1.0, max_tokens=64)
    return [request([Message(role="user", text=text)], sampling=sampling, seed=seed) for seed in range(count)]


def several(asked: Asked, *, most: int = 99) -> Response:
    """As many choices as are wanted, up to `most`: "<text> <place>"."""
    count = min(most, asked.body.get("n", 1))
    text = asked.body["messages"][-1]["content"]
    choices = [
        {"index": n, "finish_reason": "stop", "message": {"role": "assistant", "content": f"{text} {n}"}}
        for n in range(count)
    ]
    return Response(json={"choices": choices, "usage": {"prompt_tokens": 100, "completion_tokens": 10 * count + 1}})


def test_only_what_differs_in_its_seed_alone_goes_together() -> None:
    asked = [*samples("a", 3), *samples("b", 2), *samples("a", 1)]
    assert [[one.messages[0].text for one in group] for group in grouped(asked, 8)] == [["a"] * 3, ["b"] * 2, ["a"]]
    assert [len(group) for group in grouped(samples("a", 5), 2)] == [2, 2, 1]


def test_one_request_gives_every_sample_its_own_reply_and_its_share_of_the_tokens() -> None:
    asked = samples("a", 4)
    with Loopback(several) as server:
        replies = answers(model(server, max_choices=8), *asked)
        bodies = [sent.body for sent in server.requests]
    assert [body["n"] for body in bodies] == [4]
    found = [replies[one.id] for one in asked]
    assert [reply.text for reply in found if isinstance(reply, Reply)] == ["a 0", "a 1", "a 2", "a 3"]
    assert [reply.prompt_tokens for reply in found if isinstance(reply, Reply)] == [100, 0, 0, 0]
    assert sum(reply.completion_tokens for reply in found if isinstance(reply, Reply)) == 41


def test_a_server_that_gives_one_choice_is_asked_for_the_rest_one_by_one() -> None:
    asked = samples("a", 3)
    with Loopback(lambda sent: several(sent, most=1)) as server:
        replies = answers(model(server, max_choices=8), *asked)
        sizes = [sent.body.get("n", 1) for sent in server.requests]
    assert sizes == [3, 1, 1]
    assert all(isinstance(replies[one.id], Reply) for one in asked)


def test_a_server_that_refuses_several_is_asked_for_one_at_a_time() -> None:
    def refusing(sent: Asked) -> Response:
        return Response(status=400, json={"error": {"message": "n"}}) if "n" in sent.body else several(sent)

    asked = samples("a", 3)
    with Loopback(refusing) as server:
        replies = answers(model(server, max_choices=8), *asked)
    assert all(isinstance(replies[one.id], Reply) for one in asked)


def test_a_server_that_is_away_fails_every_sample() -> None:
    asked = samples("a", 2)
    with Loopback(lambda _: Response(status=500, json={})) as server:
        replies = answers(model(server, max_choices=8, attempts=1), *asked)
    assert all(isinstance(replies[one.id], Failure) for one in asked)


def test_more_choices_than_were_asked_for_are_left() -> None:
    from dcvlr.http import Response as Answer

    body = {"choices": [{"message": {"content": "x"}}] * 3, "usage": None}
    assert len(choices_of(Answer(body=body, seconds=0.0, attempts=1), 2)) == 2
