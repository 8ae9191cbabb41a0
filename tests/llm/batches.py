"""Requests and the model that batches are tried with."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from composed import composed_part

from dcvlr.llm.openai_batch import OpenAiBatch
from dcvlr.records import requests
from dcvlr.records.requests import Message, Request, Sampling


def completion(body: Any) -> Any:
    text = body["messages"][-1]["content"]
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text.upper()}}
    return {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}


def asked(count: int) -> list[Request]:
    sampling = Sampling(temperature=0.3, top_p=0.9, max_tokens=77)
    return [requests.request([Message(role="user", text=f"q{n}")], sampling=sampling, seed=7) for n in range(count)]


def model(url: str | None, folder: Path, **changes: Any) -> OpenAiBatch:
    words = ["synthesis/generator=openai", "llm@synthesis.generator.llm=openai_batch"]
    made: OpenAiBatch = composed_part("synthesis.generator.llm", *words)
    quick = {"base_url": url, "api_key_env": None, "folder": str(folder), "poll_s": 0.01, "timeout_s": 20.0}
    return dataclasses.replace(made, **{**quick, "model": "tiny", **changes})
