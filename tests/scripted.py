"""A language model for tests that answers from what it is told about each question, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import ClassVar

from dcvlr.identity import speed
from dcvlr.records import Failure
from dcvlr.records.requests import Reply, Request

Script = Callable[[Request], str | Reply | Failure]


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """Says what `script` says; `asked` holds every request and `calls` how many came at a time."""

    name: ClassVar[str] = "scripted"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Reply
    family: str = "scripted"
    sees_images: bool = True
    script: Script = speed()
    asked: list[Request] = speed(default_factory=list)
    calls: list[int] = speed(default_factory=list)

    def check_ready(self) -> None: ...

    def answers(self, requests: Iterable[Request]) -> Generator[tuple[Request, Reply | Failure]]:
        group = list(requests)
        self.asked.extend(group)
        self.calls.append(len(group))
        for request in reversed(group):
            reply = self.script(request)
            yield request, Reply(text=reply) if isinstance(reply, str) else reply


def knowing(answers: dict[str, str], *, needs: Callable[[Request], bool] = lambda _: True) -> Script:
    """Boxes the answer of the question in the prompt if the request shows what it `needs`, else nonsense."""

    def script(request: Request) -> str:
        text = request.messages[0].text
        answer = next((answer for question, answer in answers.items() if question in text), "nothing")
        return f"Let me look.\n\\boxed{{{answer if needs(request) else 'a guess'}}}"

    return script


def sees(request: Request) -> bool:
    return bool(request.views)
