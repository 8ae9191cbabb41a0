"""Drawing the next token, by distributions whose shares are known."""

from __future__ import annotations

import pytest

from dcvlr.llm.token_sampling import SeededSampler, reply_tokens
from dcvlr.records.requests import Message, Request, Sampling, request

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch", reason="torch is not installed")

SHARES = [0.5, 0.3, 0.15, 0.05]


def asked(seed: int, temperature: float, top_p: float) -> Request:
    sampling = Sampling(temperature=temperature, top_p=top_p, max_tokens=9)
    return request([Message(role="user", text="Hi")], sampling=sampling, seed=seed)


def drawn(temperature: float, top_p: float, times: int = 4000) -> list[float]:
    """Share of each token among the first draws of as many requests."""
    scores = torch.tensor(SHARES).log().repeat(times, 1)
    tokens = SeededSampler([asked(seed, temperature, top_p) for seed in range(times)])(None, scores).argmax(-1)
    return [round(float(share), 3) for share in torch.bincount(tokens, minlength=4) / times]


def test_tokens_are_drawn_by_their_share() -> None:
    assert drawn(1.0, 1.0) == pytest.approx(SHARES, abs=0.02)


def test_a_high_temperature_flattens_and_a_low_one_sharpens() -> None:
    assert drawn(0.5, 1.0) == pytest.approx([0.685, 0.247, 0.062, 0.007], abs=0.02)
    assert drawn(1000.0, 1.0) == pytest.approx([0.25] * 4, abs=0.02)


def test_the_nucleus_leaves_out_the_tail() -> None:
    assert drawn(1.0, 0.7) == pytest.approx([0.625, 0.375, 0.0, 0.0], abs=0.02)
    assert drawn(1.0, 0.3) == [1.0, 0.0, 0.0, 0.0]


def test_a_token_that_is_ruled_out_is_never_drawn() -> None:
    scores = torch.tensor([[float("-inf"), 0.0, float("-inf")]]).repeat(500, 1)
    assert (SeededSampler([asked(seed, 5.0, 1.0) for seed in range(500)])(None, scores).argmax(-1) == 1).all()


def test_a_greedy_row_is_left_as_it_is() -> None:
    scores = torch.tensor([SHARES, SHARES])
    left = SeededSampler([asked(0, 0.0, 1.0), asked(0, 1.0, 1.0)])(None, scores)
    assert left[0].tolist() == scores[0].tolist()
    assert sorted(left[1].tolist())[:3] == [float("-inf")] * 3


def test_a_row_ends_at_its_end_or_at_its_limit() -> None:
    assert reply_tokens([5, 6, 2, 2], 4, [2, 3]) == ([5, 6], True)
    assert reply_tokens([5, 6, 7, 2], 3, [2]) == ([5, 6, 7], False)
    assert reply_tokens([5, 6], 4, []) == ([5, 6], True)
    assert reply_tokens([2], 1, [2]) == ([], True)
