"""What replies of a server cost, and whether a budget still holds what the next request may."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dcvlr.llm.estimate import prompt_tokens
from dcvlr.llm.reply_choices import Group
from dcvlr.records import Failure
from dcvlr.records.requests import Reply

log = logging.getLogger(__name__)

_ROUNDING = 1e-9  # of sums of prices


@dataclass
class Costs:
    """What the replies to one model of this process have cost; prices are per million tokens."""

    input_price: float
    output_price: float
    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = field(default=0.0)

    def add(self, reply: Reply | Failure) -> None:
        self.replies += isinstance(reply, Reply)
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.cost += self.of(reply.prompt_tokens, reply.completion_tokens)

    def of(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.input_price + tokens_out * self.output_price) / 1e6

    def log_total(self, model: str) -> None:
        log.info(
            "%s: %d replies, %d tokens in, %d out, cost %.4f",
            *(model, self.replies, self.prompt_tokens, self.completion_tokens, self.cost),
        )


class Affordable:
    """The groups that `budget` (None: any number) can pay for, in order; then `too_dear` is what the next may cost.

    A group may cost its prompt, by estimate, and `max_tokens` for each reply, and no less than the dearest one did so
    far. So much is reserved while it is in flight (`came` frees it); where what is spent and reserved leaves too
    little, others wait for it to come.
    """

    def __init__(self, groups: Iterator[Group], bill: Costs, budget: float | None) -> None:
        self._groups = groups
        self._bill = bill
        self._budget = budget
        self._next: Group | None = None
        self._reserved: dict[str, float] = {}  # by the id of a group's first request
        self._dearest = 0.0
        self.too_dear: float = 0.0

    def __iter__(self) -> Iterator[Group]:
        while (group := self._peeked()) is not None:
            most = self._most(group)
            if not self._holds(most):
                self.too_dear = most
                return
            self._next = None
            self._reserved[group[0].id] = most
            yield group

    def has_room(self) -> bool:
        """Whether the next group can be paid for beside all that is in flight; so too where there is none."""
        group = self._peeked()
        return group is None or self._holds(self._most(group))

    def came(self, group: Group, replies: Sequence[Reply | Failure]) -> None:
        """Bills what came of a group."""
        del self._reserved[group[0].id]
        before = self._bill.cost
        for reply in replies:
            self._bill.add(reply)
        self._dearest = max(self._dearest, self._bill.cost - before)

    def _peeked(self) -> Group | None:
        self._next = self._next or next(self._groups, None)
        return self._next

    def _holds(self, most: float) -> bool:
        if self._budget is None:
            return True
        spoken_for = self._bill.cost + sum(self._reserved.values())
        return spoken_for + most <= self._budget * (1 + _ROUNDING)

    def _most(self, group: Group) -> float:
        first = group[0]
        estimate = self._bill.of(prompt_tokens(first), len(group) * first.sampling.max_tokens)
        return max(estimate, self._dearest)
