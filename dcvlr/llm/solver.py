"""A question put to a language model again, with its picture, another or none: how often does it find the answer?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from dcvlr.errors import ConfigError
from dcvlr.llm.prompting import fill, lettered, require_placeholders
from dcvlr.protocols import LanguageModel, Remembering
from dcvlr.records import Failure, Qa
from dcvlr.records.requests import Message, Reply, Request, Sampling, View, request
from dcvlr.sampling import seeded
from dcvlr.settings import Count, Fraction, SettingError, Temperature, TopP, checked
from dcvlr.text.answers import agree, asks_for_estimate, final_answer, require_answers

_LONGEST_ANSWER = 200  # characters of an answer in a reason


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of the replies agree with the answer; `other` is the most frequent answer that does not, if any."""

    agreeing: int
    total: int
    other: str | None

    @property
    def value(self) -> float:
        return self.agreeing / self.total


@dataclass(frozen=True, kw_only=True)
@checked
class Solver:
    """A model that is asked questions `samples` times each, and how: the part of checks and selection that ask anew.

    `prompt` has the placeholders {question} and {options}. All but `tolerance`, by which answers are compared, is part
    of the requests. Raises `SettingError` for settings out of range, and for several samples that
    would all be the same.
    """

    llm: LanguageModel
    samples: Count
    temperature: Temperature
    top_p: TopP
    max_tokens: Count
    prompt: str
    tolerance: Fraction
    seed: int

    def __post_init__(self) -> None:
        require_placeholders("prompt", self.prompt, "question", "options")
        require_variety(self.samples, self.temperature)

    def check_ready(self) -> None:
        """Raise `MissingPackageError` unless answers can be compared."""
        require_answers("comparing a model's answers")

    def shares(self, posed: Sequence[tuple[Qa, tuple[View, ...]]], memo: Remembering) -> list[Share | Failure]:
        """How often each question is answered as wanted when it is asked with these views; all are asked at once.

        A question of which one request failed has no share: a failure that may pass comes before one that will not.
        """
        return [_share(qa, own, self.tolerance) for (qa, _), own in zip(posed, self.replies(posed, memo), strict=True)]

    def chains(self, posed: Sequence[tuple[Qa, tuple[View, ...]]], memo: Remembering) -> list[list[str]]:
        """What replies that agree with the answer say; what was asked before is not asked again."""
        return [
            [
                reply.reasoning or reply.text
                for reply in own
                if isinstance(reply, Reply) and _share(qa, [reply], self.tolerance) == _ALL
            ]
            for (qa, _), own in zip(posed, self.replies(posed, memo), strict=True)
        ]

    def replies(self, posed: Sequence[tuple[Qa, tuple[View, ...]]], memo: Remembering) -> list[list[Reply | Failure]]:
        """All samples of each question when it is asked with these views."""
        if not posed:
            return []
        requests = [[self._request(qa, views, sample) for sample in range(self.samples)] for qa, views in posed]
        replies = memo.generate(self.llm, [asked for own in requests for asked in own])
        return [[replies[asked.id] for asked in own] for own in requests]

    def _request(self, qa: Qa, views: tuple[View, ...], sample: int) -> Request:
        text = fill(self.prompt, {"question": qa.question, "options": lettered(qa.options)})
        sampling = Sampling(temperature=self.temperature, top_p=self.top_p, max_tokens=self.max_tokens)
        seed = seeded(self.seed, "solving", str(sample)).getrandbits(31)
        return request([Message(role="user", text=text)], views, sampling=sampling, seed=seed)


_ALL = Share(agreeing=1, total=1, other=None)


def require_variety(samples: int, temperature: float, *, name: str = "samples") -> None:
    """Raise `SettingError` for several samples that would all be the same."""
    if samples > 1 and temperature == 0:
        same = f"temperature=0 gives the same reply each time: set {name}=1, or a temperature above 0 such as 0.7"
        raise SettingError(name, samples, same)


def views_of(qa: Qa) -> tuple[View, ...]:
    """Every picture of the question, whole."""
    return tuple(View(image=image) for image in qa.pictures)


def posed(qas: Iterable[Qa]) -> list[tuple[Qa, tuple[View, ...]]]:
    """Questions as a solver takes them, each with its own pictures."""
    return [(qa, views_of(qa)) for qa in qas]


def given_answer(reply: Reply) -> str | None:
    """The final answer of a reply. The last line of one that was cut is none; a box before the cut is one."""
    if not reply.is_whole and "\\boxed" not in reply.text:
        return None
    return final_answer(reply.text)


def require_sight(key: str, llm: LanguageModel) -> None:
    """Raise `ConfigError` if the model at `key` of the config is not ready or sees no pictures."""
    llm.check_ready()
    if not llm.sees_images:
        raise ConfigError(
            f"{key} is {llm.name} of the family {llm.family!r}, which sees no pictures: choose a model that does, e.g. "
            f"llm@{key}=openai, or leave out what asks it"
        )


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
