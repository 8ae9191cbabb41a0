"""A question put to a language model again, with its picture, another or none: how often does it find the answer?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from dcvlr.errors import ConfigError, require_range, require_whole
from dcvlr.llm.prompting import fill, lettered
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import Failure, ImageRecord, Qa
from dcvlr.records.requests import Message, Reply, Request, Sampling, View, request
from dcvlr.sampling import seeded
from dcvlr.text.answers import agree, asks_for_estimate, final_answer

_LONGEST_ANSWER = 200  # characters of an answer in a reason


class Solver(Protocol):
    """How a question is put: all but `tolerance`, by which answers are compared, is part of the requests."""

    @property
    def llm(self) -> LanguageModel: ...
    @property
    def samples(self) -> int: ...
    @property
    def temperature(self) -> float: ...
    @property
    def top_p(self) -> float: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def prompt(self) -> str: ...
    @property
    def tolerance(self) -> float: ...
    @property
    def seed(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of the replies agree with the answer; `other` is the most frequent answer that does not, if any."""

    agreeing: int
    total: int
    other: str | None

    @property
    def value(self) -> float:
        return self.agreeing / self.total


def require_sampling(key: str, temperature: float, top_p: float, max_tokens: int) -> None:
    """Raise `ConfigError` for a way of sampling replies that cannot be meant."""
    require_range(f"{key}.temperature", temperature, 0, 2)
    require_range(f"{key}.top_p", top_p, 0.001, 1)
    require_whole(f"{key}.max_tokens", max_tokens, 1)


def require_variety(key: str, samples: int, temperature: float) -> None:
    """Raise `ConfigError` for several samples that would all be the same."""
    if samples > 1 and temperature == 0:
        raise ConfigError(
            f"{key}.samples={samples!r} with temperature=0 gives the same reply each time: set samples=1, or "
            "a temperature above 0 such as 0.7"
        )


def picture_of(qa: Qa) -> ImageRecord:
    return ImageRecord(id=qa.image_id, path=qa.image, dataset=qa.dataset)


def given_answer(reply: Reply) -> str | None:
    """The final answer of a reply. The last line of one that was cut is none; a box before the cut is one."""
    if not reply.is_whole and "\\boxed" not in reply.text:
        return None
    return final_answer(reply.text)


def shares(solver: Solver, posed: Sequence[tuple[Qa, tuple[View, ...]]], memo: Remembering) -> list[Share | Failure]:
    """How often each question is answered as wanted when it is asked with these views; all are asked at once.

    A question of which one request failed has no share: a failure that may pass comes before one that will not.
    """
    if not posed:
        return []
    requests = [[_request(solver, qa, views, sample) for sample in range(solver.samples)] for qa, views in posed]
    replies = memo.generate(solver.llm, [asked for own in requests for asked in own])
    return [
        _share(qa, [replies[asked.id] for asked in own], solver.tolerance)
        for (qa, _), own in zip(posed, requests, strict=True)
    ]


def _request(solver: Solver, qa: Qa, views: tuple[View, ...], sample: int) -> Request:
    text = fill(solver.prompt, {"question": qa.question, "options": lettered(qa.options)})
    sampling = Sampling(temperature=solver.temperature, top_p=solver.top_p, max_tokens=solver.max_tokens)
    seed = seeded(solver.seed, "solving", str(sample)).getrandbits(31)
    return request([Message(role="user", text=text)], views, sampling=sampling, seed=seed)


def _share(qa: Qa, replies: Sequence[Reply | Failure], tolerance: float) -> Share | Failure:
    failures = sorted((reply for reply in replies if isinstance(reply, Failure)), key=lambda one: one.remembered)
    if failures:
        return failures[0]
    given = Counter(given_answer(reply) for reply in replies if isinstance(reply, Reply))
    same = partial(agree, tolerance=tolerance, estimated=asks_for_estimate(qa.question))
    right = {answer for answer in given if answer and same(answer, qa.answer, qa.options)}
    others = [answer for answer, _ in given.most_common() if answer and answer not in right]
    agreeing = sum(given[answer] for answer in right)
    return Share(agreeing=agreeing, total=len(replies), other=others[0][:_LONGEST_ANSWER] if others else None)
