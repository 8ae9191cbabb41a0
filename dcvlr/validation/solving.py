"""A question put to a language model again, with its picture, another or none: how often does it find the answer?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from dcvlr.answers import agree, final_answer
from dcvlr.errors import ConfigError, require_choice, require_package, require_range, require_whole
from dcvlr.messages import Message, Reply, Request, Sampling, View, request
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import Failure, Finding, ImageRecord, Qa
from dcvlr.seeding import seeded
from dcvlr.validation.prompting import fill, lettered, require_slots

ACTIONS = ("reject", "flag")
_LONGEST_ANSWER = 200  # characters of an answer in a reason


class Solver(Protocol):
    """How a check asks: all but `tolerance`, by which answers are compared, is part of its requests."""

    name: ClassVar[str]

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


class Deprived(Solver, Protocol):
    """A check that keeps back what a question should need, and says in `solved` how it was solved all the same."""

    solved: ClassVar[str]

    @property
    def max_agreement(self) -> float: ...
    @property
    def action(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of the replies agree with the answer; `other` is the most frequent answer that does not, if any."""

    agreeing: int
    total: int
    other: str | None

    @property
    def value(self) -> float:
        return self.agreeing / self.total


def require_solver(check: Solver) -> None:
    """Raise `ConfigError` for settings that cannot be meant."""
    key = f"validation.checks.{check.name}"
    require_whole(f"{key}.samples", check.samples, 1)
    require_sampling(key, check.temperature, check.top_p, check.max_tokens)
    require_range(f"{key}.tolerance", check.tolerance, 0, 1)
    require_slots(f"{key}.prompt", check.prompt, "question", "options")
    if check.samples > 1 and check.temperature == 0:
        raise ConfigError(
            f"{key}.samples={check.samples!r} with temperature=0 gives the same reply each time: set samples=1, or "
            "a temperature above 0 such as 0.7"
        )


def require_deprived(check: Deprived) -> None:
    """Like `require_solver`, for a check that keeps something back."""
    require_solver(check)
    require_range(f"validation.checks.{check.name}.max_agreement", check.max_agreement, 0, 1)
    require_choice(f"validation.checks.{check.name}.action", check.action, ACTIONS)


def require_sampling(key: str, temperature: float, top_p: float, max_tokens: int) -> None:
    require_range(f"{key}.temperature", temperature, 0, 2)
    require_range(f"{key}.top_p", top_p, 0.001, 1)
    require_whole(f"{key}.max_tokens", max_tokens, 1)


def require_sight(name: str, llm: LanguageModel) -> None:
    """Raise `ConfigError` if the model of check `name` is not ready or sees no pictures."""
    llm.check_ready()
    if not llm.sees_images:
        raise ConfigError(
            f"validation.checks.{name}.llm is {llm.name} of the family {llm.family!r}, which sees no pictures: choose "
            f"a model that does, e.g. llm@validation.checks.{name}.llm=openai, or leave the check out"
        )


def require_answers(name: str) -> None:
    """Raise `ConfigError` if what check `name` compares answers with is not installed."""
    require_package("math_verify", extra="llm", owner=f"validation/checks={name}")


def picture_of(qa: Qa) -> ImageRecord:
    return ImageRecord(id=qa.image_id, path=qa.image, dataset=qa.dataset)


def deprived(
    check: Deprived, qas: Sequence[Qa], views: Sequence[tuple[View, ...] | str], memo: Remembering
) -> list[Finding | Failure]:
    """A finding for each QA, asked with its `views`; where they are a text instead, it says why it is not asked."""
    posed = [(qa, shown) for qa, shown in zip(qas, views, strict=True) if not isinstance(shown, str)]
    found = iter(shares(check, posed, memo))
    return [_not_asked(check, shown) if isinstance(shown, str) else _verdict(check, next(found)) for shown in views]


def shares(check: Solver, posed: Sequence[tuple[Qa, tuple[View, ...]]], memo: Remembering) -> list[Share | Failure]:
    """How often each question is answered as wanted when it is asked with these views; all are asked at once.

    A question of which one request failed has no share: a failure that may pass comes before one that will not.
    """
    if not posed:
        return []
    requests = [[_request(check, qa, views, number) for number in range(check.samples)] for qa, views in posed]
    replies = memo.generate(check.llm, [asked for own in requests for asked in own])
    return [
        _share(qa, [replies[asked.id] for asked in own], check.tolerance)
        for (qa, _), own in zip(posed, requests, strict=True)
    ]


def _request(check: Solver, qa: Qa, views: tuple[View, ...], number: int) -> Request:
    text = fill(check.prompt, {"question": qa.question, "options": lettered(qa.options)})
    sampling = Sampling(temperature=check.temperature, top_p=check.top_p, max_tokens=check.max_tokens)
    seed = seeded(check.seed, "solving", str(number)).getrandbits(31)
    return request([Message(role="user", text=text)], views, sampling=sampling, seed=seed)


def _share(qa: Qa, replies: Sequence[Reply | Failure], tolerance: float) -> Share | Failure:
    failures = sorted((reply for reply in replies if isinstance(reply, Failure)), key=lambda one: one.remembered)
    if failures:
        return failures[0]
    given = Counter(_answer(reply) for reply in replies if isinstance(reply, Reply))
    right = {answer for answer in given if answer and agree(answer, qa.answer, qa.options, tolerance=tolerance)}
    others = [answer for answer, _ in given.most_common() if answer and answer not in right]
    agreeing = sum(given[answer] for answer in right)
    return Share(agreeing=agreeing, total=len(replies), other=others[0][:_LONGEST_ANSWER] if others else None)


def _answer(reply: Reply) -> str | None:
    """The last line of a reply that was cut is no answer; a box before the cut is one."""
    if reply.finish == "length" and "\\boxed" not in reply.text:
        return None
    return final_answer(reply.text)


def _not_asked(check: Deprived, why: str) -> Finding:
    return Finding(name=check.name, passed=True, threshold=check.max_agreement, reason=f"not asked: {why}")


def _verdict(check: Deprived, share: Share | Failure) -> Finding | Failure:
    if isinstance(share, Failure):
        return share
    is_solved = share.value > check.max_agreement
    return Finding(
        name=check.name,
        passed=not is_solved or check.action == "flag",
        value=round(share.value, 4),
        threshold=check.max_agreement,
        reason=f"{check.solved} in {share.agreeing} of {share.total} replies" if is_solved else "",
    )
