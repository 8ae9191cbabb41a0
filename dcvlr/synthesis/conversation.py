"""What is said with a model about one picture until each question that was asked for has its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from dcvlr.records import Failure, Finding, Scene
from dcvlr.records.requests import Message, Reply
from dcvlr.synthesis.replies import Replied, Written
from dcvlr.synthesis.slots import Slot

SlotOutcome = Written | Finding | Failure


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """Questions that are asked for together: the messages so far, and what came of each, by number.

    They are about the pictures of `scenes`, shown in this order, and belong to the first.
    """

    scenes: tuple[Scene, ...]
    slots: tuple[Slot, ...]
    messages: tuple[Message, ...]
    seed: int
    thought: str = ""  # what was said before the JSON was asked for, or thought before it came
    outcomes: Mapping[int, SlotOutcome] = field(default_factory=dict)
    extra: tuple[str, ...] = ()  # questions that nobody asked for

    @property
    def waiting(self) -> tuple[Slot, ...]:
        """Slots without an outcome."""
        return tuple(slot for slot in self.slots if slot.number not in self.outcomes)

    def answered(self, reply: str, answer: str) -> Conversation:
        """Gone on by a reply and what is said to it."""
        reply = reply if reply.strip() else "(nothing)"  # servers refuse an empty message
        turns = (Message(role="assistant", text=reply), Message(role="user", text=answer))
        return replace(self, messages=(*self.messages, *turns))

    def failed(self, failure: Failure) -> Conversation:
        return self._with(dict.fromkeys((slot.number for slot in self.waiting), failure))

    def lost(self, reply: str, problem: str) -> Conversation:
        """Nothing more is asked: every slot that waits came to nothing."""
        return self._with({slot.number: self._invalid(slot, reply, problem) for slot in self.waiting})

    def taken(self, replied: Replied) -> Conversation:
        """With the questions of a reply that can be used; what is wrong with the others is not kept."""
        good = {number: one for number, one in replied.found.items() if isinstance(one, Written)}
        return replace(self._with(good), extra=(*self.extra, *replied.extra))

    def ended(self, reply: Reply, replied: Replied) -> Conversation:
        """Like `taken`, and those that cannot be used are lost."""
        problems = {number: one for number, one in replied.found.items() if isinstance(one, str)}
        by_number = {slot.number: slot for slot in self.slots}
        bad = {n: self._invalid(by_number[n], reply.text, problem) for n, problem in problems.items()}
        return self.taken(replied)._with(bad)

    def _with(self, outcomes: Mapping[int, SlotOutcome]) -> Conversation:
        return replace(self, outcomes={**self.outcomes, **outcomes})

    def _invalid(self, slot: Slot, reply: str, problem: str) -> Finding:
        """The value is all that led there, as JSON."""
        value = msgspec.json.encode({"slot": slot.kind, "thought": self.thought, "reply": reply}).decode()
        return Finding(name="invalid_reply", passed=False, value=value, reason=problem)


def problems_of(replied: Replied) -> str:
    """What is wrong with a reply, in a sentence for each question that cannot be used."""
    problems = {number: one for number, one in replied.found.items() if isinstance(one, str)}
    if len(replied.found) == 1 or len(set(problems.values())) == 1:
        return next(iter(problems.values()))
    return "\n".join(f"Question {number}: {problem}" for number, problem in problems.items())
