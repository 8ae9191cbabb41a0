"""`runtime=ray` on a real cluster of two nodes on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes import Brightness, Deadly, Raising, greys
from forked import run_python
from pictures import make_pictures
from s3 import S3
from servers import Loopback, Response

from dcvlr.config import build, compose, make
from dcvlr.errors import DcvlrError
from dcvlr.execution.ray import Ray
from dcvlr.execution.runtime import Done, Need, Work
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
from dcvlr.pipeline import execute
from dcvlr.records import Failure, Score
from dcvlr.remote import RemoteFiles
from dcvlr.rundir.progress import NoProgress
from dcvlr.settings import SettingError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(find_spec("ray") is None, reason="extra ray is not installed"),
]

TESTS = Path(__file__).parents[1]
LAUNCHERS = TESTS.parent / "launchers"
SMALL = {"object_store_memory": 100 << 20}
PATIENT = {  # this machine may be busy: a node is lost when it is gone, not when it is slow
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "240",
    "RAY_agent_register_timeout_ms": "200000",
    "RAY_num_prestart_python_workers": "0",
    "RAY_health_check_failure_threshold": "20",
    "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)]),
}

DRIVER = """
import sys
from pathlib import Path
from fakes import Brightness, greys
from dcvlr.config import compose, make
from dcvlr.execution.workers import Worker
from dcvlr.memo import Memo
runtime = make(compose(["runtime=ray", f"runtime.address={sys.argv[1]}"]), "runtime")
folder = Path(sys.argv[2])
memo = Memo(folder / "m", chunk_size=8, lease_s=2.0, computes=runtime.computes(Worker()))
memo.measure(Brightness(log=str(folder / "calls"), pause_s=0.5), greys(folder, 80))
"""


@pytest.fixture(scope="module")
def cluster(s3_server: S3) -> Iterator[Any]:
    """Its nodes have the keys of the store in their environment, as `s3_server` has put them into this one."""
    before = dict(os.environ)
    os.environ.update(PATIENT)
    import ray  # reads its environment as it is imported
    from ray.cluster_utils import Cluster

    made = Cluster()
    try:
        made.add_node(num_cpus=1, include_dashboard=False, **SMALL)
        made.add_node(num_cpus=1, **SMALL)
    except Exception as error:  # noqa: BLE001  a bare one is what Ray raises
        made.shutdown()
        pytest.skip(f"Ray does not start here: {error}")
    yield made
    ray.shutdown()
    made.shutdown()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def runtime(cluster: Any) -> Ray:
    made: Ray = make(compose(["runtime=ray", f"runtime.address={cluster.address}"]), "runtime")
    return made


def memo_of(folder: Path, runtime: Ray) -> Memo:
    return Memo(folder, chunk_size=8, computes=runtime.computes(Worker()))


def chunks_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.jsonl"))}


def test_a_run_gives_the_same_bytes_as_one_process(cluster: Any, tmp_path: Path) -> None:
    pictures, written = make_pictures(tmp_path / "pictures"), {}
    words = [f"images_dir={pictures}", "stages=[filtering]", "report=none"]
    for name, own in {
        "here": [],
        "there": ["runtime=ray", f"runtime.address={cluster.address}", "runtime.decode_on=nodes"],
    }.items():
        plan = build(compose([*words, *own, f"output_dir={tmp_path / name}"]))
        plan.check()
        execute(plan, Worker(), NoProgress())
        written[name] = chunks_below(tmp_path / name)
    assert written["there"] == written["here"]
    assert "intermediate/stage1_filtering/values.jsonl" in written["here"]


@pytest.mark.parametrize("decode_on", ["actors", "nodes"])
def test_pictures_at_urls_are_read_by_the_nodes_as_the_run_would_read_them(
    cluster: Any, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decode_on: str
) -> None:
    files = {path.name: path.read_bytes() for path in sorted(make_pictures(tmp_path / "p").rglob("*.png"))}
    for name, content in files.items():
        s3.put("bucket", f"shop/{name}", content)
    with Loopback(lambda request: Response(raw=files[request.path[1:]])) as web:
        urls = [f"{web.url if number % 2 else 's3://bucket/shop'}/{name}" for number, name in enumerate(files)]
        (tmp_path / "list.txt").write_text("\n".join(urls))
        written = _here_and_there(tmp_path, cluster.address, decode_on, monkeypatch)
        assert {f"s3:/{path}" for path, _ in s3.gets()} | {f"{web.url}{one.path}" for one in web.requests} == set(urls)
    assert written["there"] == written["here"]
    assert written["there"]["rejected.jsonl"].count(b"unmeasured") == 0


def _here_and_there(
    tmp_path: Path, address: str, decode_on: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, bytes]]:
    """The files of a run of a list by one process and, forbidden to read any picture itself, by a cluster."""
    written = {}
    words = [f"images_dir={tmp_path / 'list.txt'}", "stages=[filtering]", "filtering/nsfw=none", "report=none"]
    words += ["remote.private_hosts=[127.0.0.1]", "remote.cache_mb=0"]
    there = ["runtime=ray", f"runtime.address={address}", f"runtime.decode_on={decode_on}"]
    for name, own in {"here": [], "there": there}.items():
        if own:
            monkeypatch.setattr(RemoteFiles, "read", lambda *_: pytest.fail("the driver itself reads a picture"))
        plan = build(compose([*words, *own, f"output_dir={tmp_path / name}"]))
        plan.check()
        execute(plan, Worker(), NoProgress())
        written[name] = chunks_below(tmp_path / name)
    return written


def test_a_model_that_runs_out_of_memory_gets_halves(runtime: Ray, tmp_path: Path) -> None:
    images, model = greys(tmp_path, 20), Raising(error=MemoryError, fits=2, batch_size=8)
    there = memo_of(tmp_path / "there", runtime).measure(model, images)
    assert there[images[0].id] == Score(value=0.2353)
    Memo(tmp_path / "here", chunk_size=8).measure(model, images)
    assert chunks_below(tmp_path / "there") == chunks_below(tmp_path / "here")


def test_a_batch_whose_actor_is_killed_goes_out_again_in_halves(runtime: Ray, tmp_path: Path) -> None:
    images = greys(tmp_path, 4)
    signals = memo_of(tmp_path / "m", runtime).measure(Deadly(fits=2, batch_size=4), images)
    assert [signals[image.id] for image in images] == [
        *(Score(value=0.2353), Score(value=0.2392), Score(value=0.2431), Score(value=0.2471))
    ]


def test_a_picture_that_kills_every_actor_is_left_unmeasured_and_the_others_are_not(
    runtime: Ray, tmp_path: Path
) -> None:
    images = greys(tmp_path, 3)
    signals = memo_of(tmp_path / "m", replace(runtime, max_losses=2)).measure(Deadly(bears=0.236), images)
    lost = signals[images[0].id]
    assert isinstance(lost, Failure)
    assert lost.kind == "model"
    assert "whoever computed it was lost 2 times, at last by ActorDiedError" in lost.message
    assert [signals[image.id] for image in images[1:]] == [Score(value=0.2392), Score(value=0.2431)]


def test_a_node_that_goes_while_it_works_loses_nothing(cluster: Any, runtime: Ray, tmp_path: Path) -> None:
    images, third = greys(tmp_path, 60), cluster.add_node(num_cpus=1, **SMALL)
    removed = []

    def computes(work: Work, chunks: Iterable[Sequence[Need]]) -> Generator[Sequence[Done]]:
        with closing(replace(runtime, actors=3).computes(Worker())(work, chunks)) as computed:
            for done in computed:
                if not removed and len({line.split()[0] for line in log.read_text().splitlines()}) == 3:
                    cluster.remove_node(third)  # while all three nodes are at work
                    removed.append(third)
                yield done

    log = tmp_path / "calls"
    memo = Memo(tmp_path / "m", chunk_size=8, computes=computes)
    signals = memo.measure(Brightness(log=str(log), pause_s=1.0), images)
    assert removed
    assert {image.id: signals[image.id] for image in images} == {
        image.id: Score(value=round((60 + level) / 255, 4)) for level, image in enumerate(images)
    }


def test_a_driver_that_was_killed_is_gone_on_with_where_it_was(cluster: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-c", DRIVER, cluster.address, str(tmp_path)]
    first = subprocess.Popen(command)
    while not list((tmp_path / "m").glob("*/*.jsonl")):
        assert first.poll() is None
        time.sleep(0.1)
    first.kill()
    first.wait()
    published = sum(len(path.read_bytes().splitlines()) - 1 for path in (tmp_path / "m").glob("*/*.jsonl"))
    calls = tmp_path / "calls"
    before = len(calls.read_text().splitlines())
    subprocess.run(command, check=True, timeout=300)
    assert 0 < published < 80
    assert len(calls.read_text().splitlines()) <= before + 80 - published + 24  # what was still under way as it died
    Memo(tmp_path / "here", chunk_size=8).measure(Brightness(), greys(tmp_path, 80))
    assert chunks_below(tmp_path / "m") == chunks_below(tmp_path / "here")


class NotInstalled:
    """Work that no other process can read."""

    batch_size = 1

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return int, ("dcvlr is not installed here",)


def test_a_cluster_on_which_no_actor_comes_up_ends_the_run(runtime: Ray) -> None:
    computed = runtime.computes(Worker())(NotInstalled(), [[Need(0, "item", (0,))]])  # type: ignore[arg-type]
    with pytest.raises(DcvlrError, match=r"no actor comes up on the Ray cluster: .*; each node needs dcvlr\[ray\]"):
        next(computed)


def test_actors_that_find_no_room_say_so_and_wait_for_a_node_that_has_it(
    cluster: Any, runtime: Ray, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    large, images = replace(runtime, actors=1, cpus_per_actor=3, notice_after_s=0.5), greys(tmp_path, 3)
    with ThreadPoolExecutor(1) as pool:
        signals = pool.submit(lambda: dict(memo_of(tmp_path / "m", large).measure(Brightness(), images)))
        while not (own := [one for one in caplog.records if one.name == "dcvlr.execution.ray_actors"]):
            assert not signals.done()
            time.sleep(0.1)
        added = cluster.add_node(num_cpus=3, **SMALL)
        assert len(signals.result()) == 3
    cluster.remove_node(added)
    assert own[0].getMessage().startswith("no actor is up yet on the Ray cluster; each of 1 needs 3 cores (")


@pytest.mark.parametrize("address", ["head", "http://head:8265", "10.0.0.1", "head:", "ray://head"])
def test_an_address_that_is_none_is_refused_before_work(address: str) -> None:
    with pytest.raises(SettingError, match=r"runtime\.address=.*: auto, local or <host>:<port> is allowed"):
        make(compose(["runtime=ray", f"runtime.address={address}"]), "runtime")


def test_where_nothing_is_missing_no_cluster_is_asked(tmp_path: Path) -> None:
    nowhere = make(compose(["runtime=ray", "runtime.address=127.0.0.1:9"]), "runtime")
    images = greys(tmp_path, 5)
    first = dict(Memo(tmp_path / "m").measure(Brightness(), images))
    assert dict(memo_of(tmp_path / "m", nowhere).measure(Brightness(), images)) == first
    assert str(nowhere) == "a Ray cluster (127.0.0.1:9)"


def test_an_address_where_no_cluster_answers_is_named(tmp_path: Path) -> None:
    images = greys(tmp_path, 2)
    words = [f"images_dir={Path(images[0].path).parent}", f"output_dir={tmp_path / 'out'}", "stages=[filtering]"]
    words += ["filtering/nsfw=none", "runtime=ray", "runtime.address=127.0.0.1:9"]
    done = run_python("-m", "dcvlr", *words)
    assert done.returncode == 1
    assert "runtime.address='127.0.0.1:9': no Ray cluster answers there" in done.stderr


def test_the_cluster_file_is_what_ray_up_reads() -> None:
    import json

    from jsonschema import validate
    from ray import autoscaler

    schema = json.loads((Path(autoscaler.__file__).parent / "ray-schema.json").read_text())
    validate(yaml.safe_load((LAUNCHERS / "ray_cluster.yaml").read_text()), schema)


def test_the_job_of_kuberay_asks_for_what_the_runtime_knows() -> None:
    spec = yaml.safe_load((LAUNCHERS / "ray_job.yaml").read_text())["spec"]
    words = spec["entrypoint"].split()
    assert words[:3] == ["python", "-m", "dcvlr"]
    plan = build(compose(words[3:]))
    assert (plan.runtime.gpus_per_actor, plan.runtime.decode_on) == (1, "nodes")  # type: ignore[attr-defined]
    (group,) = spec["rayClusterSpec"]["workerGroupSpecs"]
    assert group["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
