"""A server that misbehaves in every way it can: each request ends as its own answer or as a failure of its own."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import server_at
from fakes import asked
from faults.counting import Table, repeats, seed
from faults.misbehaviour import LOST, PASSING, completion, odd
from faults.watchdog import ends_within
from servers import Loopback, Request, Response

from dcvlr.config import build, compose
from dcvlr.http import Call
from dcvlr.http import Response as Answer
from dcvlr.http.statuses import completion_fault
from dcvlr.llm.openai import OpenAi
from dcvlr.memo import Memo
from dcvlr.records import Failure
from dcvlr.records.requests import Reply

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # each round has a watchdog of its own
pytest.importorskip("aiohttp", reason="the api extra is not installed")

REQUESTS, ATTEMPTS, WATCHDOG_S = 400, 4, 120.0


class Misbehaving:
    """Each request gets up to three faults, then its answer; some get nothing but one that lasts."""

    def __init__(self, draw: random.Random, *, name: Callable[[Request], int], count: int) -> None:
        self._name = name
        passing = list(PASSING)
        self.lasting = {i: draw.choice(list(LOST)) for i in range(1, count) if draw.random() < 0.1}
        self._left = {i: draw.choices(passing, k=draw.choice([0, 0, 1, 1, 2, ATTEMPTS - 1])) for i in range(1, count)}
        self._form = draw.randrange(1000)
        self.answered: defaultdict[int, int] = defaultdict(int)

    def __call__(self, request: Request) -> Response:
        i = self._name(request)
        if i in self.lasting:
            return LOST[self.lasting[i]]
        if self._left.get(i):
            return PASSING[self._left[i].pop()]
        self.answered[i] += 1
        return odd(f"reply {i}", self._form + i) if i else completion("reply 0")


def test_every_request_has_one_honest_end(table: Table) -> None:
    for round_ in range(repeats(1)):
        draw = random.Random(seed() * 1000 + round_)
        misbehaving = Misbehaving(draw, name=lambda request: int(request.body["i"]), count=REQUESTS)
        with ends_within(WATCHDOG_S), Loopback(misbehaving) as server:
            client = server_at(
                server.url, concurrency=16, attempts=ATTEMPTS, max_wait_s=30.0, max_reply_mb=1, timeout_s=20.0
            )
            calls = ((i, Call(path="x", body={"i": i}, fault=completion_fault)) for i in range(REQUESTS))
            outcomes = dict(client.ask(calls))
            sent = len(server.requests)
        table.tried("requests to a misbehaving server", sent)
        assert sorted(outcomes) == list(range(REQUESTS))
        for i, outcome in outcomes.items():
            if i in misbehaving.lasting:
                assert isinstance(outcome, Failure), misbehaving.lasting[i]
                assert outcome.message.isprintable()
            else:
                assert isinstance(outcome, Answer), outcome
                assert outcome.body["choices"][0]["message"]["content"] == f"reply {i}"
        twice = max(misbehaving.answered.values()) - 1
        assert twice == 0, "an answer was thrown away"
        table.survived("requests to a misbehaving server", sent, paid_twice=twice)


def test_no_reply_is_lost_or_mistaken_on_its_way_into_the_memo(tmp_path: Path, table: Table) -> None:
    texts = [f"say {i}" for i in range(60)]
    requests = [asked(text) for text in texts]
    for round_ in range(repeats(1)):
        draw, root = random.Random(seed() * 1000 + round_), tmp_path / str(round_)
        misbehaving = Misbehaving(draw, name=number_said, count=len(texts))
        with ends_within(WATCHDOG_S):
            with Loopback(misbehaving) as server:
                replies = Memo(root, chunk_size=8).generate(model_at(server.url), requests)
                sent = len(server.requests)
            ends = {i: replies[request.id] for i, request in enumerate(requests)}
            with Loopback(lambda request: completion(f"later {number_said(request)}")) as server:
                later = Memo(root, chunk_size=8).generate(model_at(server.url), requests)
                asked_later = {number_said(request) for request in server.requests}
        table.tried("requests, into the memo", sent)
        open_ones = {i for i, end in ends.items() if isinstance(end, Failure) and not end.remembered}
        assert {i for i, end in ends.items() if isinstance(end, Failure)} == set(misbehaving.lasting)
        assert asked_later == open_ones
        for i, request in enumerate(requests):
            if i not in misbehaving.lasting:
                assert ends[i] == later[request.id] == Reply(text=f"reply {i}", finish="stop")
            elif i in open_ones:
                assert later[request.id] == Reply(text=f"later {i}", finish="stop")
            else:
                assert later[request.id] == ends[i]
        twice = max(misbehaving.answered.values()) - 1
        assert twice == 0, "an answer was thrown away"
        table.survived("requests, into the memo", sent, paid_twice=twice)


def number_said(request: Request) -> int:
    return int(request.body["messages"][-1]["content"].split()[1])


def model_at(url: str) -> OpenAi:
    settings = {"base_url": url, "api_key_env": "null", "model": "made", "attempts": ATTEMPTS, "max_wait_s": 30}
    settings |= {"max_reply_mb": 1, "concurrency": 16, "timeout_s": 20}
    words = [f"synthesis.generator.llm.{key}={value}" for key, value in settings.items()]
    plan = build(compose(["images_dir=images", "synthesis/generator=openai", *words]))
    return plan.stages["synthesis"].generator.llm  # type: ignore[attr-defined, no-any-return]
