"""Tiny local language models, and what they are asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dcvlr.identity import digest
from dcvlr.llm.transformers import Transformers
from dcvlr.records import ImageRecord, requests
from dcvlr.records.requests import Message, Request, Sampling, View


def model_in(folder: Path, **settings: Any) -> Transformers:
    defaults: dict[str, Any] = {
        "model": str(folder),
        "model_revision": "main",
        "family_name": "tiny",
        "sees_images": False,
        "max_side": 64,
        "dtype": "float32",
        "template": {},
        "batch_size": 4,
        "device": "cpu",
    }
    return Transformers(**defaults | settings)


def ask(
    text: str,
    *views: View,
    system: str = "",
    temperature: float = 0.0,
    top_p: float = 1.0,
    max_tokens: int = 12,
    seed: int = 0,
    schema: dict[str, Any] | None = None,
) -> Request:
    messages = [Message(role="system", text=system)] if system else []
    return requests.request(
        [*messages, Message(role="user", text=text)],
        views,
        sampling=Sampling(temperature=temperature, top_p=top_p, max_tokens=max_tokens),
        seed=seed,
        schema=None if schema is None else json.dumps(schema),
    )


def drawn(folder: Path, image: Any, name: str) -> ImageRecord:
    path = folder / name
    image.save(path)
    return ImageRecord(id=digest(path.read_bytes()), path=str(path), dataset="drawn")
