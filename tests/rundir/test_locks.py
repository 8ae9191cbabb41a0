from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from dcvlr.rundir.locks import Claims
from dcvlr.rundir.processes import this_process


def test_a_claim_is_held_by_one_worker_until_released(tmp_path: Path) -> None:
    one, other, claim = Claims(60), Claims(60), tmp_path / "c.claim"
    assert one.take(claim)
    assert not other.take(claim)
    one.release(claim)
    assert other.take(claim)


def test_the_claim_of_a_dead_process_is_taken_over_at_once(tmp_path: Path) -> None:
    claim = tmp_path / "c.claim"
    code = f"import pathlib, dcvlr.rundir.locks; dcvlr.rundir.locks.Claims(60).take(pathlib.Path({str(claim)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert claim.exists()
    assert Claims(60).take(claim)


def test_a_claim_without_a_sign_of_life_is_taken_over_after_the_lease(tmp_path: Path) -> None:
    claim = tmp_path / "c.claim"
    claim.write_text("0a1b2c3d-1 abc")
    assert not Claims(60).take(claim)
    long_ago = time.time() - 61
    os.utime(claim, (long_ago, long_ago))
    assert Claims(60).take(claim)
    assert claim.read_text().startswith(this_process())


def test_a_living_worker_renews_its_claims(tmp_path: Path) -> None:
    one, claim = Claims(0.4), tmp_path / "c.claim"
    assert one.take(claim)
    for _ in range(8):
        time.sleep(0.1)
        assert not Claims(0.4).take(claim)


def test_release_all_leaves_nothing_behind(tmp_path: Path) -> None:
    claims = Claims(60)
    for name in "abc":
        assert claims.take(tmp_path / f"{name}.claim")
    claims.release_all()
    assert not list(tmp_path.iterdir())


def test_a_claim_that_was_taken_meanwhile_is_put_back(tmp_path: Path) -> None:
    claim = tmp_path / "c.claim"
    claim.write_text("0a1b2c3d-1 old")
    long_ago = time.time() - 61
    os.utime(claim, (long_ago, long_ago))

    class Slow(Claims):
        def _abandoned_owner(self, path: Path) -> str | None:
            owner = super()._abandoned_owner(path)
            path.write_text("0a1b2c3d-2 new")  # another worker takes it over between the look and the burial
            return owner

    assert not Slow(60).take(claim)
    assert claim.read_text() == "0a1b2c3d-2 new"


def test_the_claims_of_dead_processes_are_cleared_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    mine = Claims(60)
    assert mine.take(tmp_path / "mine.claim")
    here = f"pathlib.Path({str(tmp_path)!r})"
    code = f"import pathlib\nfrom dcvlr.rundir.locks import Claims\nClaims(60).take({here} / 'dead.claim')"
    subprocess.run([sys.executable, "-c", code], check=True)
    mine.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.claim"]
