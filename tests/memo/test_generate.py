"""Replies through the store: what was paid for is never asked again, however the run ended."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from fakes import Echo, asked
from forked import run_python

from dcvlr.errors import DcvlrError
from dcvlr.identity import digest
from dcvlr.memo import Memo
from dcvlr.memo.store import ChunkStore
from dcvlr.records import Failure
from dcvlr.records.requests import Reply
from dcvlr.rundir.progress import NoProgress


def calls(log: Path) -> list[str]:
    return [line.split()[1] for line in log.read_text().splitlines()] if log.exists() else []


def test_every_request_gets_its_reply(tmp_path: Path) -> None:
    requests = [asked(f"say {n}") for n in range(20)]
    replies = Memo(tmp_path / "m", chunk_size=8).generate(Echo(), requests)
    assert [replies[request.id] for request in requests] == [Reply(text=f"say {n}") for n in range(20)]


def test_nothing_is_asked_twice_and_a_changed_request_is_asked_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = tmp_path / "calls"
    requests = [asked(f"say {n}") for n in range(20)]
    Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)
    with caplog.at_level(logging.INFO, "dcvlr"):
        Memo(tmp_path / "m").generate(Echo(log=str(log), concurrency=1), requests)
    assert "echo: 0 model calls needed, 20 remembered" in caplog.text
    Memo(tmp_path / "m").generate(
        Echo(log=str(log)), [asked("say 3", temperature=0.5), asked("say 4", seed=9), requests[5]]
    )
    assert len(calls(log)) == 22


def test_the_same_request_is_asked_once(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    replies = Memo(tmp_path / "m").generate(Echo(log=str(log)), [asked("again")] * 5)
    assert len(calls(log)) == 1
    assert replies[asked("again").id] == Reply(text="again")


def test_requests_are_taken_across_the_borders_of_chunks(tmp_path: Path) -> None:
    pulled: list[int] = []

    class Counting(Echo):
        def answers(self, requests):  # type: ignore[no-untyped-def]
            group = list(requests)
            pulled.append(len(group))
            return super().answers(group)

    Memo(tmp_path / "m", chunk_size=8).generate(Counting(), [asked(f"say {n}") for n in range(50)])
    assert pulled == [50]


@pytest.mark.slow
def test_replies_of_a_killed_process_are_not_asked_again(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from fakes import Echo, asked
from dcvlr.memo import Memo
model = Echo(log={str(tmp_path / "calls")!r}, gone_after=21)
Memo(Path({str(tmp_path / "m")!r}), chunk_size=8).generate(model, [asked(f"say {{n}}") for n in range(50)])
"""
    run_python("-c", code, cwd=Path(__file__).parents[1])
    assert len(calls(tmp_path / "calls")) == 24
    requests = [asked(f"say {n}") for n in range(50)]
    replies = Memo(tmp_path / "m", chunk_size=8).generate(Echo(log=str(tmp_path / "calls")), requests)
    assert [replies[request.id] for request in requests] == [Reply(text=f"say {n}") for n in range(50)]
    asked_for = calls(tmp_path / "calls")
    assert len(asked_for) == 50 + 3  # of the 24 in flight or answered, 21 were on disk
    assert not [path.name for path in (tmp_path / "m").rglob("*") if path.suffix in (".journal", ".lock")]


def test_a_cut_line_of_a_journal_is_not_trusted(tmp_path: Path) -> None:
    memo, request = Memo(tmp_path / "m"), asked("say 1")
    memo.generate(Echo(), [request])
    (chunk,) = (tmp_path / "m").rglob("*.jsonl")
    line = chunk.read_bytes().split(b"\n")[0]
    chunk.unlink()
    (chunk.parent / "0a1b2c3d-1-00.journal").write_bytes(line + b"\tdead")
    log = tmp_path / "calls"
    assert Memo(tmp_path / "m").generate(Echo(log=str(log)), [request])[request.id] == Reply(text="say 1")
    assert len(calls(log)) == 1


def test_a_line_of_a_journal_that_is_no_reply_costs_itself_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memo, requests = Memo(tmp_path / "m"), [asked("say 1"), asked("say 2"), asked("say 3")]
    memo.generate(Echo(), requests)
    (chunk,) = (tmp_path / "m").rglob("*.jsonl")
    lines = chunk.read_bytes().splitlines()[:3]
    chunk.unlink()
    lines[1] = b'{"id":"%s","signal":{"reply":"of another version"}}' % requests[1].id.encode()
    journal = chunk.parent / "0a1b2c3d-1-00.journal"
    journal.write_bytes(b"".join(line + b"\t" + digest(line).encode() + b"\n" for line in [*lines, b"", b"7"]))
    log = tmp_path / "calls"
    replies = Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)
    assert [replies[request.id] for request in requests] == [Reply(text=f"say {n}") for n in (1, 2, 3)]
    assert calls(log) == [requests[1].id]
    (aside,) = chunk.parent.glob("*.damaged")
    assert f"{journal} is set aside as {aside.name}: 2 of its lines hold no record of this model" in caplog.text


@pytest.mark.parametrize("kind", ["pipe", "folder", "dangling link", "no text"])
def test_what_is_no_journal_is_named_and_set_aside(kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model, request = Echo(), asked("say 1")
    Memo(tmp_path / "m").generate(model, [request])
    (chunk,) = (tmp_path / "m").rglob("*.jsonl")
    chunk.unlink()
    journal = chunk.parent / "0a1b2c3d-1-00.journal"
    make = {
        "pipe": lambda: os.mkfifo(journal),
        "folder": lambda: (journal / "full").mkdir(parents=True),
        "dangling link": lambda: journal.symlink_to("nowhere"),
        "no text": lambda: journal.write_bytes(b"\xff\t\xff\n" * 9),
    }
    make[kind]()
    assert Memo(tmp_path / "m").generate(model, [request])[request.id] == Reply(text="say 1")
    assert not journal.is_symlink()
    assert not journal.exists()
    assert ("it is no file" in caplog.text) == (kind != "no text")


def test_what_failed_for_now_is_asked_again_and_what_was_refused_is_not(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    requests = [asked("fail:timeout"), asked("fail:refused"), asked("fine")]
    replies = Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)
    assert replies[requests[0].id] == Failure(kind="timeout", message="as it was told")
    assert replies[requests[1].id] == Failure(kind="refused", message="as it was told")
    Memo(tmp_path / "m").generate(Echo(log=str(log)), requests)
    assert calls(log)[3:] == [requests[0].id]


def test_a_model_that_refuses_everything_ends_the_run_and_nothing_is_remembered(tmp_path: Path) -> None:
    requests = [asked("fail:refused", seed=n) for n in range(10)]
    with pytest.raises(DcvlrError, match="echo failed on all of 8 items: as it was told"):
        Memo(tmp_path / "m").generate(Echo(), requests)
    assert not list((tmp_path / "m").rglob("*.jsonl"))


def test_a_model_that_stops_keeps_what_it_said(tmp_path: Path) -> None:
    class Stopping(Echo):
        def answers(self, requests):  # type: ignore[no-untyped-def]
            for index, pair in enumerate(super().answers(requests)):
                if index == 5:
                    raise DcvlrError("the budget is spent")
                yield pair

    log = tmp_path / "calls"
    requests = [asked(f"say {n}") for n in range(20)]
    with pytest.raises(DcvlrError, match="budget"):
        Memo(tmp_path / "m").generate(Stopping(), requests)
    assert not list((tmp_path / "m").rglob("*.journal"))
    Memo(tmp_path / "m").generate(Stopping(log=str(log)), requests[:5])
    assert len(calls(log)) <= 4


def test_why_a_model_stops_is_said_also_where_all_that_it_said_were_refusals(tmp_path: Path) -> None:
    class Stopping(Echo):
        def answers(self, requests):  # type: ignore[no-untyped-def]
            yield from ((next(requests), Failure(kind="refused", message="flagged")) for _ in range(5))
            raise DcvlrError("the budget is spent")

    with pytest.raises(DcvlrError, match="the budget is spent"):
        Memo(tmp_path / "m").generate(Stopping(), [asked(f"say {n}") for n in range(20)])
    assert not list((tmp_path / "m").rglob("*.jsonl"))


def test_what_failed_for_now_is_done_for_this_run(tmp_path: Path) -> None:
    class Heard(NoProgress):
        done = 0

        def advance(self, key: str, done: int) -> None:
            self.done = done

    heard = Heard()
    Memo(tmp_path / "m", reporter=heard).generate(Echo(), [asked("fail:timeout"), asked("fine")])
    assert heard.done == 2


def test_a_model_that_stops_keeps_what_it_said_of_a_chunk_with_nothing_under_way(tmp_path: Path) -> None:
    trouble = ["no credit"]

    class Stopping(Echo):
        def answers(self, requests):  # type: ignore[no-untyped-def]
            if not trouble:
                yield from super().answers(requests)
                return
            begun = [next(requests) for _ in range(12)]
            for request in begun[8:] + begun[:7]:  # all that was begun of the second chunk, and not all of the first
                yield request, Reply(text="paid for")
            raise DcvlrError(trouble.pop())

    log = tmp_path / "calls"
    requests = [asked(f"say {n}") for n in range(24)]
    with pytest.raises(DcvlrError, match="no credit"):
        Memo(tmp_path / "m", chunk_size=8).generate(Stopping(log=str(log)), requests)
    replies = Memo(tmp_path / "m", chunk_size=8).generate(Stopping(log=str(log)), requests)
    assert len(calls(log)) == 24 - 11
    assert replies[requests[11].id] == Reply(text="paid for")


def test_replies_whose_chunk_cannot_be_written_stay_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    log = tmp_path / "calls"
    requests = [asked(f"say {n}") for n in range(20)]
    with monkeypatch.context() as broken:
        broken.setattr(ChunkStore, "publish", full)
        with pytest.raises(OSError, match="No space left"):
            Memo(tmp_path / "m", chunk_size=8).generate(Echo(log=str(log), concurrency=1), requests)
    assert len(calls(log)) == 8
    Memo(tmp_path / "m", chunk_size=8).generate(Echo(log=str(log), concurrency=1), requests)
    assert len(calls(log)) == 20
    assert not list((tmp_path / "m").rglob("*.journal"))
