"""`hf://` through the hub's own file system, which asks a hub on loopback."""

from __future__ import annotations

import os
from typing import Any

import pytest
from forked import run_python
from servers import Loopback, Request, Response

FILES = {"images/a.png": b"\x89PNG of a", "images/sub/b.png": b"b", "README.md": b"# x"}
REVISION = "c" * 40


def hub(request: Request) -> Response:
    path = request.path.partition("?")[0]
    if path.startswith("/api/datasets/org/name/tree/main"):
        entries = list(tree(path.removeprefix("/api/datasets/org/name/tree/main").strip("/")).values())
        return Response(json=entries) if entries else not_there()
    if path == "/api/datasets/org/name":
        return Response(json={"id": "org/name", "sha": REVISION, "siblings": [], "private": False, "tags": []})
    content = FILES.get(path.partition("/resolve/main/")[2])
    if content is None:
        return not_there()
    if part := request.headers.get("range"):
        first, last = (int(end) for end in part.removeprefix("bytes=").split("-"))
        cut = content[first : last + 1]
        return Response(status=206, raw=cut, headers={"Content-Range": f"bytes {first}-{last}/{len(content)}"})
    return Response(raw=content)


def tree(folder: str) -> dict[str, dict[str, Any]]:
    prefix, found = f"{folder}/" if folder else "", {}
    for name, content in FILES.items():
        if name.startswith(prefix):
            child, slash, _ = name[len(prefix) :].partition("/")
            kind = {"type": "directory", "size": 0} if slash else {"type": "file", "size": len(content)}
            found[child] = {**kind, "path": prefix + child, "oid": "e" * 40}
    return found


def not_there() -> Response:
    return Response(status=404, json={"error": "not there"}, headers={"X-Error-Code": "EntryNotFound"})


PROGRAM = """
from dcvlr.remote import remote_files
for file in remote_files.listed("hf://datasets/org/name/images"):
    print(*file)
picture = "hf://datasets/org/name/images/a.png"
print(remote_files.read(picture), remote_files.read(picture, 1, 3))
for ask in (remote_files.read, remote_files.listed):
    try:
        ask("hf://datasets/org/name/nowhere")
    except FileNotFoundError as error:
        print(error)
"""


@pytest.mark.slow
def test_files_of_the_hub_are_listed_and_read_by_range() -> None:
    with Loopback(hub) as server:
        environment = {**os.environ, "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": server.url, "HF_HUB_DISABLE_TELEMETRY": "1"}
        done = run_python("-c", PROGRAM, env=environment)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"hf://datasets/org/name/images/a.png 9 9/{'e' * 40} False",
        "hf://datasets/org/name/images/sub 0 0/ True",
        r"b'\x89PNG of a' b'PNG'",
        "hf://datasets/org/name/nowhere is not there",
        "hf://datasets/org/name/nowhere is not there",
    ]
