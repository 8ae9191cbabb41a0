"""What every language model must do; a model's test subclasses this and offers `model` and `requests`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from dcvlr.identity import identity
from dcvlr.protocols import LanguageModel
from dcvlr.records import Failure, to_json
from dcvlr.records.requests import Reply, Request


def replies_of(model: LanguageModel, requests: Sequence[Request]) -> dict[str, Reply | Failure]:
    return {request.id: reply for request, reply in model.answers(requests)}


class LanguageModelContract:
    @pytest.fixture
    def model(self) -> LanguageModel:
        raise NotImplementedError

    @pytest.fixture
    def requests(self) -> Sequence[Request]:
        raise NotImplementedError

    def test_every_request_is_answered_once(self, model: LanguageModel, requests: Sequence[Request]) -> None:
        answered = [request.id for request, _ in model.answers(iter(requests))]
        assert sorted(answered) == sorted(request.id for request in requests)

    def test_no_request_no_reply(self, model: LanguageModel) -> None:
        assert list(model.answers([])) == []

    def test_neither_order_nor_company_changes_a_reply(self, model: LanguageModel, requests: Sequence[Request]) -> None:
        together = replies_of(model, requests)
        assert replies_of(model, list(reversed(requests))) == together
        assert replies_of(model, requests[1:2]) == {requests[1].id: together[requests[1].id]}

    def test_a_reply_comes_back_from_json_as_it_was(self, model: LanguageModel, requests: Sequence[Request]) -> None:
        for reply in replies_of(model, requests).values():
            assert isinstance(reply, Reply)
            assert msgspec.json.decode(to_json(reply), type=Reply) == reply

    def test_it_says_who_it_is(self, model: LanguageModel) -> None:
        assert model.signal is Reply
        assert model.family
        assert model.family == model.family.lower()
        assert isinstance(model.sees_images, bool)
        assert len(identity(model)) == 16
