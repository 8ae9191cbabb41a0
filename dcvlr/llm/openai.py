"""Any server that speaks the OpenAI chat protocol: DeepSeek, `vllm serve`, Ollama, `transformers serve` and many more.

One POST to `chat/completions` per request, https://platform.openai.com/docs/api-reference/chat/create.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any, ClassVar, Literal, Protocol

from msgspec import Meta

from dcvlr.errors import DcvlrError
from dcvlr.http import Call, Response, Server, bearer, require_client, server_of
from dcvlr.http.statuses import completion_fault
from dcvlr.identity import speed
from dcvlr.images.data_urls import data_url
from dcvlr.llm.chat import chat
from dcvlr.llm.completion import reply_of
from dcvlr.llm.estimate import prompt_tokens
from dcvlr.llm.families import stated_family
from dcvlr.llm.reply_choices import Group, choices_of, grouped
from dcvlr.llm.spending import Affordable, Costs
from dcvlr.llm.views import pictures_of
from dcvlr.records import Failure
from dcvlr.records.requests import Reply, Request
from dcvlr.settings import Count, Seconds, SettingError, Side, Timeout, checked


@dataclass(frozen=True, kw_only=True)
@checked
class OpenAi:
    """`model` behind `base_url`; the same model at another address is the same model, its replies are not asked again.

    `schema_mode` says how the server is given a JSON schema: `json_schema` (OpenAI, vLLM, Ollama), `json_object`
    (DeepSeek: any JSON; the schema stands in the prompt), `none`. `extra` goes into every request as it is; a field
    that is null there is left out. Prices are per million tokens, in any currency; with `budget`, this process asks
    only what it can still pay for (`Affordable`), which ends the run with what was paid kept. Raises `ConfigError`
    for settings that cannot be meant.
    """

    name: ClassVar[str] = "openai"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Reply
    family = stated_family

    model: str
    family_name: str | None
    sees_images: bool
    max_side: Side
    image_format: Literal["jpeg", "png"]
    schema_mode: Literal["json_schema", "json_object", "none"]
    send_seed: bool
    extra: dict[str, Any]
    base_url: str = speed()
    api_key_env: str | None = speed()
    timeout_s: Timeout = speed()
    attempts: Count = speed()
    max_wait_s: Seconds = speed()
    max_reply_mb: Count = speed()
    concurrency: Count = speed()
    max_choices: Annotated[int, Meta(ge=1, le=128)] = speed()
    requests_per_minute: Count | None = speed()
    tokens_per_minute: Count | None = speed()
    input_price: Annotated[float, Meta(ge=0, le=1000000000.0)] = speed()
    output_price: Annotated[float, Meta(ge=0, le=1000000000.0)] = speed()
    budget: Annotated[float, Meta(ge=0, le=1000000000.0)] | None = speed()

    def __post_init__(self) -> None:
        if self.budget is not None and not (self.input_price or self.output_price):
            never = "without prices it would never be spent: set input_price and output_price, or budget=null"
            raise SettingError("budget", self.budget, never)
        if self.extra.get("stream"):
            raise SettingError("extra.stream", self.extra["stream"], "replies are read whole: take it out")
        object.__setattr__(self, "_bill", Costs(self.input_price, self.output_price))  # shared by copies of this model
        _ = self._server  # refuses what cannot be meant; nothing is connected before the first request

    def check_ready(self) -> None:
        require_client(self._owner)
        bearer(self.api_key_env, self._owner)

    def answers(self, requests: Iterable[Request], /) -> Generator[tuple[Request, Reply | Failure]]:
        """Groups that a server answers with fewer choices than were asked for, or refuses, are asked for one by one."""
        bill: Costs = self._bill  # type: ignore[attr-defined]
        replies_before = bill.replies
        short: list[Request] = []
        try:
            for group, replies in self._exchanges(grouped(requests, self.max_choices), bill):
                yield from zip(group, replies, strict=False)
                short += group[len(replies) :]
            for group, replies in self._exchanges(grouped(short, 1), bill):
                yield from zip(group, replies, strict=True)
        finally:
            if bill.replies > replies_before:
                bill.log_total(self.model)

    def _exchanges(self, groups: Iterable[Group], bill: Costs) -> Generator[tuple[Group, list[Reply | Failure]]]:
        """What came of each group, none for one that a server refuses as a whole; raises once the budget is spent."""
        affordable = Affordable(iter(groups), bill, self.budget)
        calls = ((group, self._call(group[0], len(group))) for group in affordable)
        with closing(self._server.ask(calls, has_room=affordable.has_room)) as answers:
            for group, answer in answers:
                replies = _replies(answer, len(group))
                affordable.came(group, replies)
                yield group, replies
        if affordable.too_dear:
            raise DcvlrError(
                f"{self._owner} has spent {bill.cost:.4f} of its budget of {self.budget:g}, and the next request may "
                f"cost {affordable.too_dear:.4f}; every reply is kept: run the same command again to go on with a new "
                "budget, or raise it"
            )

    def _call(self, request: Request, choices: int) -> Call:
        tokens = prompt_tokens(request) + choices * request.sampling.max_tokens  # for the tokens-per-minute cap only
        body = partial(chat_body, self, request, choices=choices)
        return Call(path="chat/completions", body=body, tokens=tokens, fault=completion_fault)

    @property
    def _owner(self) -> str:
        return f"llm=openai ({self.model})"

    @cached_property
    def _server(self) -> Server:
        return server_of(
            self,
            partial(bearer, self.api_key_env, self._owner),
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
        )


class ChatSettings(Protocol):
    """What of a model's settings stands in every request."""

    @property
    def model(self) -> str: ...
    @property
    def max_side(self) -> int: ...
    @property
    def image_format(self) -> Literal["jpeg", "png"]: ...
    @property
    def schema_mode(self) -> str: ...
    @property
    def send_seed(self) -> bool: ...
    @property
    def extra(self) -> dict[str, Any]: ...


def chat_body(model: ChatSettings, request: Request, *, choices: int = 1) -> Mapping[str, Any] | Failure:
    """A request as the protocol has it; the failure of a picture that cannot be shown."""
    pictures = pictures_of(request, model.max_side)
    if isinstance(pictures, Failure):
        return pictures
    urls = [data_url(picture.pixels, image_format=model.image_format) for picture in pictures]
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    body: dict[str, Any] = {
        "model": model.model,
        "messages": chat(request.messages, images, parts=False),
        "temperature": request.sampling.temperature,
        "top_p": request.sampling.top_p,
        "max_tokens": request.sampling.max_tokens,
    }
    if choices > 1:
        body["n"] = choices
    if model.send_seed:
        body["seed"] = request.seed % 2**31
    if request.schema is not None and model.schema_mode != "none":
        body["response_format"] = _response_format(request.schema, model.schema_mode)
    return {name: value for name, value in (body | model.extra).items() if value is not None}


def _replies(answer: Response | Failure, choices: int) -> list[Reply | Failure]:
    """None for a group that a server refuses as a whole."""
    if isinstance(answer, Failure):
        return [] if choices > 1 and answer.kind == "refused" else [answer] * choices
    return [reply_of(one) for one in choices_of(answer, choices)]


def _response_format(schema: str, mode: str) -> dict[str, Any]:
    if mode == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": json.loads(schema)}}
