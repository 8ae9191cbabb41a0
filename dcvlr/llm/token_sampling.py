"""Which token comes next: each request by its own settings and seed, whatever else is in the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dcvlr.records.requests import Request
from dcvlr.sampling import seeded


class SeededSampler:
    """For `generate` without sampling: leaves only the sampled token where a request has a temperature.

    A row is sampled by inverting its cumulative distribution, summed in the order of the vocabulary, at one number per
    step from `(seed, request id)`. Rows are therefore independent, and the same on every kind of machine as far as its
    logits are. `top_p` is nucleus sampling (Holtzman et al. 2020); tokens as likely as the last one kept are kept.
    """

    def __init__(self, requests: Sequence[Request]) -> None:
        self._rows = [row for row, request in enumerate(requests) if request.sampling.temperature > 0]
        self._samplings = [requests[row].sampling for row in self._rows]
        self._generators = [seeded(requests[row].seed, requests[row].id) for row in self._rows]

    def __call__(self, ids: Any, scores: Any) -> Any:
        if not self._rows:
            return scores
        import torch

        device = "cpu" if scores.device.type == "mps" else scores.device  # a Mac's GPU has no 64 bit
        logits = scores[self._rows].to(device, torch.float64)
        temperatures = logits.new_tensor([sampling.temperature for sampling in self._samplings])
        probabilities = torch.softmax(logits / temperatures[:, None], dim=-1)
        if any(sampling.top_p < 1 for sampling in self._samplings):
            top_p = logits.new_tensor([sampling.top_p for sampling in self._samplings])
            probabilities = _nucleus(probabilities, top_p)
        cumulative = probabilities.cumsum(-1)
        uniforms = probabilities.new_tensor([generator.random() for generator in self._generators])
        sampled = torch.searchsorted(cumulative, uniforms[:, None] * cumulative[:, -1:], right=True)
        left = scores.clone()
        left[self._rows] = float("-inf")
        left[self._rows, sampled.squeeze(-1).clamp(max=scores.shape[-1] - 1).to(scores.device)] = 0.0
        return left


def _nucleus(probabilities: Any, top_p: Any) -> Any:
    ordered = probabilities.sort(dim=-1, descending=True).values
    kept = (ordered.cumsum(-1) - ordered < top_p[:, None]).sum(-1).clamp(min=1)
    least = ordered.gather(-1, kept[:, None] - 1)
    return probabilities.masked_fill(probabilities < least, 0.0)


class TokenLimits:
    """Ends each row at its own number of tokens."""

    def __init__(self, limits: Sequence[int], prompt_length: int) -> None:
        self._limits = limits
        self._prompt_length = prompt_length

    def __call__(self, ids: Any, scores: Any, **options: Any) -> Any:
        limits = ids.new_tensor(self._limits)
        return ids.shape[1] - self._prompt_length >= limits


def reply_tokens(tokens: Sequence[int], limit: int, ends: Sequence[int]) -> tuple[list[int], bool]:
    """The tokens of one row up to its end or its limit, and whether it ended by itself."""
    within = list(tokens[:limit])
    end = next((index for index, token in enumerate(within) if token in ends), None)
    if end is None:
        return within, len(within) < limit
    return within[:end], True
