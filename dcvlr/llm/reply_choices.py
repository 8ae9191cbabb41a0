"""Several replies to one prompt: requests that differ in their seed alone are sent as one, with `n` choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dcvlr.http import Response
from dcvlr.llm.completion import tokens_of
from dcvlr.records.requests import Request

Group = tuple[Request, ...]


def grouped(requests: Iterable[Request], most: int) -> Iterator[Group]:
    """Up to `most` requests that follow each other and differ in id and seed alone."""
    group: Group = ()
    for request in requests:
        if group and (len(group) >= most or _prompt(request) != _prompt(group[0])):
            yield group
            group = ()
        group = (*group, request)
    if group:
        yield group


def choices_of(response: Response, most: int) -> list[Response]:
    """A response for each choice, at most as many as are wanted.

    Tokens of the prompt, which was read once, count for the first; those of the replies are shared out evenly.
    """
    body = response.body
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or len(choices) < 2:
        return [response]
    prompt, written = tokens_of(body)
    parts = []
    for index, choice in enumerate(choices[:most]):
        own = written * (index + 1) // len(choices) - written * index // len(choices)
        share = {"prompt_tokens": prompt if index == 0 else 0, "completion_tokens": own}
        parts.append(replace(response, body={**body, "choices": [choice], "usage": share}))
    return parts


def _prompt(request: Request) -> tuple[object, ...]:
    return (request.messages, request.views, request.sampling, request.schema)
