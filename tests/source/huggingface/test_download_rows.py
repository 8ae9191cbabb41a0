"""Exports that are killed, grow, are shared or mixed up."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest
from forked import Forked
from source.local_repos import content, lines, picture, repo, run, source
from source.loopback import Answer, Server

from dcvlr.errors import ConfigError

pytestmark = pytest.mark.slow

datasets = pytest.importorskip("datasets", reason="extra hf is not installed")
datasets.disable_progress_bars()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def serve(path: str) -> Answer:
    if match := re.fullmatch(r"/(\d+)\.png", path):
        return 200, {}, picture(int(match[1]))
    if path == "/moved.png":
        return 302, {"Location": "/5.png"}, b""
    if path == "/large.png":
        return 200, {}, b"x" * 5000
    return (503, {}, b"") if path == "/busy.png" else (404, {}, b"")


def urls(folder: Path, addresses: list[str]) -> Path:
    folder.mkdir()
    rows = [{"url": address, "question": "?", "id": index} for index, address in enumerate(addresses)]
    (folder / "train.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return folder


def test_addresses_are_fetched_with_limits_and_passing_failures_are_tried_again(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="extra api is not installed")
    busy = True

    def answer(path: str) -> Answer:
        return serve(path) if busy or path != "/busy.png" else (200, {}, picture(8))

    with Server(answer) as server:
        names = ["1.png", "moved.png", "gone.png", "large.png", "busy.png"]
        made = urls(tmp_path / "web", [f"{server.url}/{name}" for name in names])
        asked = source(made, tmp_path / "images", "source.url_max_bytes=4000")
        images, entries = run(asked, tmp_path)
        assert {Path(image.path).read_bytes() for image in images} == {picture(1), picture(5)}
        found = [(entry.verdict, entry.reasons, entry.path.rpartition("/")[2]) for entry in entries]
        assert found == [
            ("rejected", ("missing",), "gone.png"),
            ("rejected", ("missing",), "large.png"),
            ("unmeasured", ("unreachable",), "busy.png"),
        ]
        assert "source.url_max_bytes=4000" in entries[1].findings[0].reason
        busy = False
        again, _ = run(source(made, tmp_path / "images", "source.url_max_bytes=4000"), tmp_path)
        assert len(again) == 3
        asked_before = server.asked.total()
        run(source(made, tmp_path / "images", "source.url_max_bytes=4000"), tmp_path)
        assert server.asked.total() == asked_before


def test_more_rows_later_go_on_where_the_first_ones_end(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="extra api is not installed")
    with Server(serve) as server:
        made = urls(tmp_path / "web", [f"{server.url}/{index}.png" for index in range(270)])
        assert len(run(source(made, tmp_path / "images", "source.max_rows=150"), tmp_path)[0]) == 150
        assert len(run(source(made, tmp_path / "images"), tmp_path)[0]) == 270
        assert server.asked["/100.png"] == 1
        assert server.asked["/260.png"] == 1
        few = source(made, tmp_path / "images", "source.max_rows=10")
        assert len(run(few, tmp_path)[0]) == few.count() == 10
        run(source(made, tmp_path / "whole"), tmp_path)
    assert content(tmp_path / "images/web") == content(tmp_path / "whole/web")


@pytest.mark.parametrize("streaming", ["false", "true"])
def test_a_killed_export_goes_on_at_the_missing_part_and_ends_equal(streaming: str, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="extra api is not installed")
    slow = True

    def answer(path: str) -> Answer:
        if slow and path == "/200.png":
            time.sleep(60)
        return serve(path)

    with Server(answer) as server:
        made = urls(tmp_path / "web", [f"{server.url}/{index}.png" for index in range(300)])
        command = ["-m", "dcvlr.export_images", "datasets=huggingface", f"dataset={made}"]
        command += [f"output_dir={tmp_path / 'images'}", f"streaming={streaming}", "url_private_hosts=[127.0.0.1]"]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
        killed = Forked(*command, env=environment)
        while not server.asked["/200.png"]:
            assert killed.poll() is None
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert not (tmp_path / "images/web/download.json").exists()
        slow = False
        images, _ = run(source(made, tmp_path / "images", f"source.streaming={streaming}"), tmp_path)
        assert len(images) == 300
        assert server.asked["/127.png"] == 1
        assert server.asked["/200.png"] == 2
        run(source(made, tmp_path / "whole", f"source.streaming={streaming}"), tmp_path)
    assert content(tmp_path / "images/web") == content(tmp_path / "whole/web")
    assert not list((tmp_path / "images").rglob("*.tmp"))


def test_streaming_writes_the_same_pictures_and_lines(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(n) for n in range(300)], question=[f"q{n}" for n in range(300)])
    for name in ("false", "true"):
        run(source(made, tmp_path / name, f"source.streaming={name}", "source.max_rows=290"), tmp_path)
    assert content(tmp_path / "false/org") == content(tmp_path / "true/org")
    assert len(lines(tmp_path / "true/org")) == 290


def test_an_export_of_other_settings_is_not_mixed_up(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1)])
    repo(made, split="test", image=[picture(2)])
    run(source(made, tmp_path / "images"), tmp_path)
    other = source(made, tmp_path / "images", "source.split=test")
    with pytest.raises(ConfigError, match=r"holds a download with split='train', not 'test': .* or overwrite=true"):
        other.check_ready()
    images, _ = run(source(made, tmp_path / "images", "source.split=test", "overwrite=true"), tmp_path)
    assert [Path(image.path).read_bytes() for image in images] == [picture(2)]
    assert len(list((tmp_path / "images/org/train").glob("*.png"))) == 1
    assert other.location != source(made, tmp_path / "images").location


def test_a_folder_of_the_users_own_is_never_replaced(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1)])
    mine = tmp_path / "images/org/train/mine.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(picture(3))
    with pytest.raises(ConfigError, match="holds files that no download wrote"):
        source(made, tmp_path / "images", "overwrite=true").check_ready()
    assert mine.exists()


def test_pictures_that_were_removed_are_written_again(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1), picture(2)])
    before, _ = run(source(made, tmp_path / "images"), tmp_path)
    Path(before[0].path).unlink()
    assert run(source(made, tmp_path / "images"), tmp_path)[0] == before


def test_a_finished_export_needs_no_dataset_any_more(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1)])
    before, _ = run(source(made, tmp_path / "images"), tmp_path)
    for path in sorted(made.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    asked = source(made, tmp_path / "images")
    asked.check_ready()
    assert run(asked, tmp_path)[0] == before


def test_other_datasets_in_the_same_folder_are_not_read(tmp_path: Path) -> None:
    for name, index in (("one", 1), ("two", 2)):
        repo(tmp_path / name, image=[picture(index)])
        images, _ = run(source(tmp_path / name, tmp_path / "images"), tmp_path)
        assert [image.dataset for image in images] == [name]


def test_imagefolder_of_datasets_reads_what_was_written(tmp_path: Path) -> None:
    made = repo(tmp_path / "org", image=[picture(1), picture(2)], question=["a", "b"], answer=["x", "y"])
    run(source(made, tmp_path / "images"), tmp_path)
    table = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "images/org/train"), split="train")
    assert sorted(zip(table["question"], table["answer"], strict=True)) == [("a", "x"), ("b", "y")]
    assert table[0]["image"].size == (12, 10)
