"""How fast replies come from a server: python bench/api.py

Asks a server on loopback, in a process of its own, through `Memo.generate` and llm=openai, as a run does: every reply
is journalled, parsed and kept in chunks. First a server that answers at once (what one process can do), then one that
takes 50 ms (how much of the allowed concurrency it sees busy, the borders of chunks included). The server counts.
Aim: 500 requests/s from one process; 95 % of the allowed concurrency busy.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from dcvlr.config import compose, make
from dcvlr.llm.openai import OpenAi
from dcvlr.memo import Memo
from dcvlr.records.requests import Message, Reply, Request, Sampling, request

_TEXT = "Two amounts stand in the picture; the larger one is the total.\n\\boxed{16.25}"
_USAGE = {"prompt_tokens": 900, "completion_tokens": 60}
_CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": _TEXT}}
_BODY = json.dumps({"choices": [_CHOICE], "usage": _USAGE}).encode()
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_PROMPT = "Answer the question about the picture. " * 20


@dataclass
class Counting:
    """In flight, by the clock of the server: `area` is their number times seconds."""

    delay_s: float
    now: int = 0
    total: int = 0
    area: float = 0.0
    first: float = 0.0
    last: float = 0.0

    def step(self, change: int) -> None:
        at = time.perf_counter()
        self.first = self.first or at
        self.area += self.now * (at - (self.last or at))
        self.now += change
        self.total += change > 0
        self.last = at

    def counts(self) -> bytes:
        return json.dumps({"total": self.total, "area": self.area, "seconds": self.last - self.first}).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):
                    self._send(writer, self.counts())
                    continue
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(int(length.partition(b":")[2]))
                self.step(1)
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                self.step(-1)
                self._send(writer, _BODY)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _send(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(_HEAD % len(body) + body)


async def serve(delay_s: float) -> None:
    server = await asyncio.start_server(Counting(delay_s).serve, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def requests(count: int) -> list[Request]:
    sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=1024)
    return [request([Message(role="user", text=f"{_PROMPT}{n}")], sampling=sampling, seed=0) for n in range(count)]


def model(port: int, concurrency: int) -> OpenAi:
    words = ["images_dir=x", "synthesis/generator=openai", "synthesis.generator.llm.api_key_env=null"]
    words.append(f"synthesis.generator.llm.base_url=http://127.0.0.1:{port}/v1")
    made: OpenAi = make(compose(words), "synthesis.generator.llm")
    return dataclasses.replace(made, concurrency=concurrency)


def measure(count: int, concurrency: int, delay_s: float) -> str:
    words = [sys.executable, __file__, "serve", str(delay_s)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server, tempfile.TemporaryDirectory() as folder:
        try:
            assert server.stdout
            port = int(server.stdout.readline())
            wanted = requests(count)
            start = time.perf_counter()
            replies = Memo(Path(folder)).generate(model(port, concurrency), wanted)
            seconds = time.perf_counter() - start
            assert all(isinstance(replies[one.id], Reply) for one in wanted)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                counted = json.load(answer)
        finally:
            server.kill()
    assert counted["total"] == count
    busy = counted["area"] / counted["seconds"] / concurrency if delay_s else None
    share = "-" if busy is None else f"{100 * busy:.1f} %"
    return f"| {1000 * delay_s:g} ms | {concurrency} | {count} | {seconds:.1f} | {count / seconds:.0f} | {share} |"


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(float(sys.argv[2])))
        return
    print("| server takes | concurrency | requests | seconds | requests/s | of it busy |\n|---|---|---|---|---|---|")
    for count, concurrency, delay_s in ((5000, 32, 0.0), (2000, 8, 0.05), (4000, 16, 0.05)):
        print(measure(count, concurrency, delay_s), flush=True)


if __name__ == "__main__":
    main()
