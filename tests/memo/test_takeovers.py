"""What a living worker does with the chunks of one that died, and with chunks that lack what they are named after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from fakes import Brightness, Echo, asked, greys
from forked import run_python
from processes import ended_process

from dcvlr.identity import identity, speed
from dcvlr.memo import Memo
from dcvlr.memo.chunks import chunk_name
from dcvlr.memo.journal import adopt_orphans
from dcvlr.memo.store import ChunkStore
from dcvlr.records import Failure, Score
from dcvlr.records.requests import Reply, Request
from dcvlr.rundir.locks import Locks


@dataclass(frozen=True, kw_only=True)
class Held(Echo):
    """Calls `meanwhile` when it has its first request."""

    meanwhile: Callable[[], object] = speed()

    def answers(self, requests: Iterable[Request]) -> Generator[tuple[Request, Reply | Failure]]:
        iterator = iter(requests)
        first = next(iterator)
        self.meanwhile()
        yield from super().answers(chain([first], iterator))


@pytest.mark.slow
def test_replies_of_a_process_that_dies_meanwhile_are_not_asked_for_again(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    code = f"""
from pathlib import Path
from fakes import Echo, asked
from dcvlr.memo import Memo
model = Echo(log={str(log)!r}, gone_after=21)
Memo(Path({str(tmp_path / "m")!r}), chunk_size=8).generate(model, [asked(f"say {{n}}") for n in range(50)])
"""

    def meanwhile() -> None:
        if not log.exists():
            run_python("-c", code, cwd=Path(__file__).parents[1])
            assert len(log.read_text().splitlines()) == 24

    requests = [asked(f"say {n}") for n in range(50)]
    replies = Memo(tmp_path / "m", chunk_size=8).generate(Held(log=str(log), meanwhile=meanwhile), requests)
    assert [replies[request.id] for request in requests] == [Reply(text=f"say {n}") for n in range(50)]
    assert len(log.read_text().splitlines()) == 50 + 3  # of 24 in flight or answered, 21 were on disk
    assert not [path.name for path in (tmp_path / "m").rglob("*") if path.suffix in (".journal", ".lock")]


def test_replies_that_another_worker_adopts_meanwhile_are_not_asked_for_again(tmp_path: Path) -> None:
    requests = [asked(f"say {n}") for n in range(24)]
    folder, log = tmp_path / "m" / f"echo-{identity(Echo())}", tmp_path / "calls"

    def meanwhile() -> None:
        ids = [request.id for request in requests[8:16]]
        lines = [f'{{"id":"{request.id}","signal":{{"text":"adopted"}}}}'.encode() for request in requests[8:16]]
        ChunkStore(folder, Reply).publish(chunk_name(0, ids), lines)

    replies = Memo(tmp_path / "m", chunk_size=8).generate(Held(log=str(log), meanwhile=meanwhile), requests)
    assert [replies[request.id].text for request in requests[6:18]] == [  # type: ignore[union-attr]
        *("say 6", "say 7", *["adopted"] * 8, "say 16", "say 17")
    ]
    assert len(log.read_text().splitlines()) == 16


def test_a_journal_that_another_worker_reads_just_now_is_waited_for(tmp_path: Path) -> None:
    reader, lines = Locks(60), []
    dead = ended_process()
    journal = tmp_path / f"{dead}-00.journal"
    journal.write_bytes(b"")
    assert reader.take(journal.with_name(f"{journal.name}.lock"))
    waiting = threading.Thread(target=adopt_orphans, args=(tmp_path, Locks(60), lambda read: lines.append(read) or 0))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    journal.unlink()
    reader.release(journal.with_name(f"{journal.name}.lock"))
    waiting.join(10)
    assert not waiting.is_alive()
    assert lines == []
    assert list(tmp_path.iterdir()) == []


def test_nobody_waits_for_a_chunk_without_the_items_it_is_named_after(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images, model = greys(tmp_path / "images", 2), Brightness()
    name = chunk_name(0, (image.id for image in images))
    folder = tmp_path / "checkpoints" / f"brightness-{identity(model)}"
    ChunkStore(folder, Score).publish(name, [b'{"id":"another","signal":{"value":0.5}}'])
    scores = Memo(tmp_path / "checkpoints").measure(model, images)
    assert [scores[image.id] for image in images] == [Score(value=0.2353), Score(value=0.2392)]
    assert f"{name} is set aside" in caplog.text
