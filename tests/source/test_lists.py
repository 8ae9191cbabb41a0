"""Pictures that a text file names, here and at a real server on loopback."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from fakes import Brightness
from image_files import png
from ledgers import run_source as run
from servers import Loopback, Request, Response

from dcvlr.config import build, compose
from dcvlr.errors import ConfigError
from dcvlr.memo import Memo
from dcvlr.records import LedgerEntry
from dcvlr.remote import RemoteAccess
from dcvlr.rundir.ledger import Ledger
from dcvlr.source.digest import FileDigest
from dcvlr.source.folder import ImageFolder


def memo_of(tmp_path: Path, private_hosts: list[str] | None = None, attempts: int = 2) -> Memo:
    hosts = ["127.0.0.1"] if private_hosts is None else private_hosts
    remote = RemoteAccess(
        attempts=attempts, timeout_s=20.0, threads=4, private_hosts=hosts, cache_folder=None, cache_mb=0
    )
    return Memo(tmp_path / "checkpoints", remote=remote)


def listed(path: str, num_images: int | None = None) -> ImageFolder:
    digests = FileDigest(batch_size=8, threads=2)
    return ImageFolder(images_dir=path, layout="auto", num_images=num_images, seed=0, digest=digests)


class Web:
    """`files` by path, each with an ETag; `status` is what a path answers instead."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.status: dict[str, int] = {}

    def __call__(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if path in self.status or path not in self.files:
            return Response(status=self.status.get(path, 404), raw=b"no")
        content = self.files[path]
        return Response(raw=content, headers={"ETag": f'"{hash(content)}"', "Content-Type": "image/png"})


PICTURES = {"/p/a.png": png("red"), "/p/b.png": png("blue"), "/p/c.png": png("red")}


def gets(server: Loopback) -> list[str]:
    return sorted(request.path for request in server.requests if request.method == "GET")


def test_a_list_at_a_server_names_pictures_by_address_or_beside_it(tmp_path: Path) -> None:
    web = Web(dict(PICTURES))
    with Loopback(web) as server:
        web.files["/p/shop.txt"] = f"# red ones\n{server.url}/p/c.png\n\na.png\r\n../p/b.png\na.png\n".encode()
        images, entries = run(listed(f"{server.url}/p/shop.txt"), memo_of(tmp_path))
        assert entries == []
        assert [(image.path, image.dataset, image.copies) for image in images] == [
            (f"{server.url}/p/a.png", "shop", (f"{server.url}/p/c.png",)),
            (f"{server.url}/p/b.png", "shop", ()),
        ]
        before = gets(server)
        images, _ = run(listed(f"{server.url}/p/shop.txt"), memo_of(tmp_path))
        assert gets(server) == sorted([*before, "/p/shop.txt"])  # the list alone; pictures are asked for their state
        web.files["/p/b.png"] = png("green")
        run(listed(f"{server.url}/p/shop.txt"), memo_of(tmp_path))
        assert gets(server) == sorted([*before, "/p/shop.txt", "/p/shop.txt", "/p/b.png"])


def test_what_a_list_names_and_a_server_lacks_is_unmeasured(tmp_path: Path) -> None:
    web = Web(PICTURES | {"/list.txt": b"p/a.png\np/gone.png\np/broken.png\np/secret.png\n"})
    web.status = {"/p/broken.png": 500, "/p/secret.png": 403}
    with Loopback(web) as server:
        images, entries = run(listed(f"{server.url}/list.txt"), memo_of(tmp_path))
    assert len(images) == 1
    assert [(Path(entry.path).name, entry.verdict, entry.reasons) for entry in entries] == [
        ("broken.png", "unmeasured", ("server",)),
        ("gone.png", "unmeasured", ("missing",)),
        ("secret.png", "unmeasured", ("io",)),
    ]


def test_a_private_address_is_refused_unless_its_host_is_named(tmp_path: Path) -> None:
    with Loopback(Web(PICTURES | {"/list.txt": b"p/a.png"})) as server:
        with pytest.raises(ConfigError, match=r"127\.0\.0\.1 is an address of this machine.*remote\.private_hosts"):
            run(listed(f"{server.url}/list.txt"), memo_of(tmp_path, private_hosts=[]))
        assert server.requests == []


def test_a_plan_counts_what_lies_at_a_private_host_that_its_config_names(tmp_path: Path) -> None:
    memo_of(tmp_path, private_hosts=[])
    with Loopback(Web(PICTURES | {"/list.txt": b"p/a.png\np/b.png"})) as server:
        words = [f"images_dir={server.url}/list.txt", f"output_dir={tmp_path}/out", "stages=[filtering]"]
        plan = build(compose([*words, "filtering/nsfw=none", "remote.private_hosts=[127.0.0.1]"]))
        plan.check()
        assert plan.source.count() == 2


def test_a_host_that_has_a_name_is_looked_up(tmp_path: Path) -> None:
    with Loopback(Web(PICTURES | {"/list.txt": b"p/a.png"})) as server:
        url = f"http://localhost:{server.port}"
        images, entries = run(listed(f"{url}/list.txt"), memo_of(tmp_path, private_hosts=["localhost"]))
    assert ([image.path for image in images], entries) == ([f"{url}/p/a.png"], [])


def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path) -> None:
    def elsewhere(request: Request) -> Response:
        if request.path == "/list.txt":
            return Response(raw=b"a.png")
        return Response(status=302, raw=b"", headers={"Location": f"http://127.0.0.2:{server.port}/secret"})

    with Loopback(elsewhere) as server:
        with pytest.raises(ConfigError, match="no picture"):
            run(listed(f"{server.url}/list.txt"), memo_of(tmp_path))
        assert {request.path for request in server.requests} == {"/list.txt", "/a.png"}


def test_a_signature_behind_an_address_stands_in_no_message_and_no_location(tmp_path: Path) -> None:
    with Loopback(Web({"/list.txt": b"a.png?X-Amz-Signature=secret"})) as server:
        source = listed(f"{server.url}/list.txt?X-Amz-Signature=secret")
        assert source.location == f"{server.url}/list.txt"
        file = io.BytesIO()
        with pytest.raises(ConfigError) as raised:
            source(memo_of(tmp_path), Ledger(file, "source"))
        assert "secret" not in str(raised.value)
        (entry,) = (msgspec.json.decode(line, type=LedgerEntry) for line in file.getvalue().splitlines())
        assert "secret" not in (entry.findings[0].reason or "")


def test_a_list_of_this_machine_names_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(png("red"))
    (tmp_path / "b.png").write_bytes(png("blue"))
    (tmp_path / "in/mine.txt").write_text(f"a.png\n{tmp_path}/b.png\nnone.png\n")
    images, entries = run(listed(str(tmp_path / "in/mine.txt")), memo_of(tmp_path))
    assert [(image.path, image.dataset) for image in images] == [
        (str(tmp_path / "b.png"), "mine"),
        (str(tmp_path / "in/a.png"), "mine"),
    ]
    assert [(Path(entry.path).name, entry.reasons) for entry in entries] == [("none.png", ("missing",))]


def test_a_list_as_windows_writes_it_is_read(tmp_path: Path) -> None:
    for name, colour in (("ä b.png", "red"), ("c.png", "blue")):
        (tmp_path / name).write_bytes(png(colour))
    (tmp_path / "mine.txt").write_bytes("\ufeffä b.png\r\nc.png\r\n".encode())
    images, entries = run(listed(str(tmp_path / "mine.txt")), memo_of(tmp_path))
    assert [Path(image.path).name for image in images] == ["c.png", "ä b.png"]
    assert entries == []


def test_one_line_of_an_unknown_kind_ends_no_run(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png("red"))
    (tmp_path / "mine.txt").write_text("a.png\nweird://host/b.png\n")
    images, entries = run(listed(str(tmp_path / "mine.txt")), memo_of(tmp_path))
    assert [Path(image.path).name for image in images] == ["a.png"]
    assert [(entry.path, entry.reasons) for entry in entries] == [("weird://host/b.png", ("passed_over",))]


def test_a_list_from_afar_names_no_file_of_this_machine(tmp_path: Path) -> None:
    with Loopback(Web({"/list.txt": b"/etc/passwd"})) as server:
        memo_of(tmp_path)
        with pytest.raises(ConfigError, match="'/etc/passwd': a list at a URL may name URLs alone"):
            listed(f"{server.url}/list.txt").count()


def test_a_list_from_afar_names_no_store_that_my_keys_open(tmp_path: Path) -> None:
    with Loopback(Web({"/list.txt": b"s3://my-private-bucket/a.png"})) as server:
        memo_of(tmp_path)
        with pytest.raises(ConfigError, match=r"'s3://my-private-bucket/a\.png': a list at http:// may name addresses"):
            listed(f"{server.url}/list.txt").count()


@pytest.mark.parametrize(("content", "words"), [(b"\n# none\n", "names no picture"), (b"\xff\xfe", "no text in UTF-8")])
def test_a_list_that_names_nothing_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(ConfigError, match=f"images_dir=.*{words}"):
        listed(str(tmp_path / "list.txt")).count()


def test_only_as_many_files_are_asked_about_as_are_wanted(tmp_path: Path) -> None:
    with Loopback(Web(PICTURES | {"/list.txt": b"p/a.png\np/b.png\np/c.png"})) as server:
        images, _ = run(listed(f"{server.url}/list.txt", num_images=1), memo_of(tmp_path))
        assert len(images) == 1
        assert len({request.path for request in server.requests}) == 2


@pytest.mark.slow
def test_so_many_files_are_fetched_at_a_time_and_no_more(tmp_path: Path) -> None:
    pictures = {f"/{n}.png": png(f"#{n:02x}0000") for n in range(24)}
    web = Web(pictures | {"/list.txt": "\n".join(path[1:] for path in pictures).encode()})
    with Loopback(lambda request: replace(web(request), delay_s=0.05)) as server:
        memo = memo_of(tmp_path)
        images, _ = run(listed(f"{server.url}/list.txt"), memo)
        assert 3 <= server.most_at_once <= 4  # states and bytes for the digests
        server.most_at_once = 0
        memo.measure(Brightness(), images)
        assert 3 <= server.most_at_once <= 4  # ahead of the model


def test_a_picture_that_is_too_large_is_rejected_unread(tmp_path: Path) -> None:
    def large(request: Request) -> Response:
        if request.path == "/list.txt":
            return Response(raw=b"a.png")
        return Response(raw=b"", headers={"Content-Length": str((1 << 30) + 1)})

    file = io.BytesIO()
    with Loopback(large) as server, pytest.raises(ConfigError, match="no picture"):
        listed(f"{server.url}/list.txt")(memo_of(tmp_path), Ledger(file, "source"))
    (entry,) = (msgspec.json.decode(line, type=LedgerEntry) for line in file.getvalue().splitlines())
    assert (entry.verdict, entry.reasons) == ("rejected", ("too_large",))
    assert gets(server) == ["/list.txt"]


def test_a_file_of_untold_size_is_read_no_further_than_a_picture_may_be_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcvlr.remote.stores.MAX_FILE_BYTES", 1000)
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + png("red") + bytes(2000)  # and no end
    answers = Web(dict(PICTURES))
    with Loopback(lambda request: Response(wire=endless) if "/big" in request.path else answers(request)) as server:
        (tmp_path / "list.txt").write_text(f"{server.url}/p/a.png\n{server.url}/big.png\n")
        images, (entry,) = run(listed(str(tmp_path / "list.txt")), memo_of(tmp_path, attempts=3))
        asked = [path for path in gets(server) if path == "/big.png"]
    assert len(images) == 1
    assert (entry.verdict, entry.reasons) == ("rejected", ("too_large",))
    assert "/big.png has more than 1000 bytes" in (entry.findings[0].reason or "")
    assert len(asked) <= 2  # one for its state, where HEAD told no size


def test_a_list_that_is_too_large_to_be_fetched_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcvlr.remote.stores.MAX_FILE_BYTES", 1000)
    with Loopback(lambda request: Response(raw=b"p/a.png\n" * 200)) as server:
        memo_of(tmp_path, attempts=3)
        with pytest.raises(ConfigError, match=r"has more than 1000 bytes; split it, or copy it to this machine$"):
            listed(f"{server.url}/list.txt").found()
