"""Replies that follow a JSON schema whatever the model would rather say, by llguidance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dcvlr.errors import ConfigError

# As json.dumps writes, which is also how models write. Free whitespace would let a model write spaces for ever.
_STYLE = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


def grammar_tokenizer(tokenizer: Any, vocabulary: int, end: int | None, *, model: str) -> Any:
    """The tokenizer as llguidance needs it; takes about a second."""
    import llguidance.hf

    try:
        return llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=end)
    except ValueError as error:
        raise ConfigError(
            f"{model!r} cannot be held to a JSON schema here ({error}); choose a model with a fast tokenizer, or serve "
            "it with vLLM and choose llm=openai"
        ) from error


class Grammars:
    """For `generate`: rows with a schema keep only the tokens that the schema allows next."""

    def __init__(self, tokenizer: Any, schemas: Sequence[str | None]) -> None:
        compiled = {schema: _matcher(tokenizer, schema) for schema in dict.fromkeys(schemas) if schema is not None}
        self._matchers = [
            (row, compiled[schema].deep_copy()) for row, schema in enumerate(schemas) if schema is not None
        ]
        self._rows = len(schemas)
        self._begun = False

    def __call__(self, ids: Any, scores: Any) -> Any:
        import torch
        from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

        bits = allocate_token_bitmask(self._rows, scores.shape[1])
        for row, matcher in self._matchers:
            if self._begun and not matcher.is_stopped():
                matcher.consume_token(int(ids[row, -1]))
            fill_next_token_bitmask(matcher, bits, row)
        self._begun = True
        allowed = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, : scores.shape[1]]
        return scores.masked_fill(~torch.from_numpy(allowed.astype(bool)).to(scores.device), float("-inf"))


def _matcher(tokenizer: Any, schema: str) -> Any:
    import llguidance

    try:
        grammar = llguidance.LLMatcher.grammar_from_json_schema(schema, defaults=_STYLE)
        matcher = llguidance.LLMatcher(tokenizer, grammar, log_level=0)
        problem = matcher.get_error() if matcher.is_error() else ""
    except ValueError as error:
        problem = str(error)
    if problem:
        raise ConfigError(f"llguidance cannot hold a model to this JSON schema: {problem.splitlines()[0]}: {schema}")
    return matcher
