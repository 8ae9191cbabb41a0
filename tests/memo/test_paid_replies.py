"""Replies and refusals that were paid for: what they cost is told, and they are kept, wherever a run ends."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import ClassVar

import pytest
from fakes import Echo, asked
from memo.test_generate import calls

from dcvlr.errors import DcvlrError
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.memo.store import ChunkStore
from dcvlr.records import Failure
from dcvlr.records.requests import Reply, Request
from dcvlr.rundir.progress import NoProgress


def paid(request: Request) -> tuple[Request, Failure]:
    return request, Failure(kind="refused", message="flagged", prompt_tokens=7, completion_tokens=2)


def test_a_paid_refusal_of_an_unfinished_chunk_stays_beside_a_reply_and_alone_is_no_reason_to_stop(
    tmp_path: Path,
) -> None:
    replied: list[str] = []

    class Stopping(Echo):
        def answers(self, requests):  # type: ignore[no-untyped-def]
            yield from ((request, Reply(text=request.messages[-1].text)) for request in islice(requests, len(replied)))
            yield from map(paid, islice(requests, 5))
            raise DcvlrError("the budget is spent")

    requests, log = [asked(f"say {n}") for n in range(20)], tmp_path / "calls"
    for reply in ("", "say 0"):
        with pytest.raises(DcvlrError, match="the budget is spent"):
            Memo(tmp_path / "m").generate(Stopping(), requests)
        assert bool(list((tmp_path / "m").rglob("*.jsonl"))) == bool(reply)
        replied.append("say 0")
    replies = Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)
    assert len(calls(log)) == 20 - 6
    assert replies[requests[5].id] == paid(requests[5])[1]


def test_a_paid_refusal_whose_chunk_cannot_be_written_stays_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing(Echo):
        def answers(self, requests):  # type: ignore[no-untyped-def]
            yield from map(paid, islice(requests, 1))
            yield from super().answers(requests)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    requests, log = [asked("say 0"), asked("say 1")], tmp_path / "calls"
    with monkeypatch.context() as broken:
        broken.setattr(ChunkStore, "publish", full)
        with pytest.raises(OSError, match="No space left"):
            Memo(tmp_path / "m").generate(Refusing(), requests)
    assert Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)[requests[0].id] == paid(requests[0])[1]
    assert calls(log) == []


def test_of_a_journal_only_what_no_chunk_has_is_published(tmp_path: Path) -> None:
    requests = [asked("say 1"), asked("say 2"), asked("say 3")]
    Memo(tmp_path / "m").generate(Echo(), requests[:2])
    Memo(tmp_path / "other").generate(Echo(), requests[1:])
    (chunk,), (other,) = (tmp_path / "m").rglob("*.jsonl"), (tmp_path / "other").rglob("*.jsonl")
    lines = other.read_bytes().splitlines()[:2]
    (chunk.parent / "0a1b2c3d-1-00.journal").write_bytes(
        b"".join(line + b"\t" + digest(line).encode() + b"\n" for line in lines)
    )
    log = tmp_path / "calls"
    Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)
    assert calls(log) == []
    (adopted,) = set(chunk.parent.glob("*.jsonl")) - {chunk}
    assert [one.id in adopted.read_text() for one in requests] == [False, False, True]


def test_what_replies_and_paid_refusals_cost_is_told_by_their_prices(tmp_path: Path) -> None:
    class Paid(Echo):
        input_price, output_price = 2.0, 10.0

        def answers(self, requests):  # type: ignore[no-untyped-def]
            for request in requests:
                yield paid(request) if request is last else (request, Reply(text="a", prompt_tokens=100))

    class Heard(NoProgress):
        counts: ClassVar[Counter[str]] = Counter()

        def count(self, key: str, what: str, amount: float) -> None:
            self.counts[what] += amount  # type: ignore[assignment]  # money

    *_, last = requests = [asked("say 1"), asked("say 2")]
    Memo(tmp_path / "m", reporter=Heard()).generate(Paid(), requests)
    assert Heard.counts.pop("cost") == pytest.approx((107 * 2 + 2 * 10) / 1e6)
    assert Heard.counts == {"prompt_tokens": 107, "completion_tokens": 2, "computed": 2}
