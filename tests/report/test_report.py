"""report.html in a real browser: what it shows, and that what it decides is what the program decides."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forked import run_python
from pictures import make_pictures

from dcvlr.errors import ConfigError
from dcvlr.identity import file_digest
from dcvlr.report.page import write_report
from dcvlr.rundir.files import write_json, write_lines

pytestmark = pytest.mark.slow
EVIL = '</script><script>document.title="taken"</script>"><img src=x onerror=alert(1)>\u202e'


def dcvlr(*words: str) -> None:
    done = run_python("-m", "dcvlr", *words)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no browser here (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    images = make_pictures(tmp_path_factory.mktemp("images"))
    out = tmp_path_factory.mktemp("run") / "out"
    dcvlr(f"images_dir={images}", f"output_dir={out}", "stages=[filtering]", "filtering.min_entropy=0.1")
    return out


def opened(browser: Any, path: Path, width: int = 1400) -> Any:
    """The page, with every error of its script and every request to a network collected on it."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else page.problems.append(request.url),
    )
    page.goto(path.as_uri())
    return page


def _from_a_network(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "blob:")) else [url]


def counts(page: Any) -> dict[str, int]:
    shown = page.locator("[data-count]").all()
    return {item.get_attribute("data-count"): int(item.inner_text().replace(",", "")) for item in shown}


def test_a_run_leaves_a_page_that_shows_what_it_kept(browser: Any, run: Path) -> None:
    page = opened(browser, run / "report.html")
    summary = json.loads((run / "intermediate/stage1_filtering/summary.json").read_bytes())
    assert counts(page)["kept"] == summary["total_filtered"]
    assert counts(page)["left out for what does not move"] == summary["rejected"]["duplicate"] + 1  # one is broken
    assert f"after filtering\n{summary['total_filtered']}" in page.locator("#overview").inner_text()
    for reason, count in summary["rejected"].items():
        assert page.get_by_role("button", name=f"rejected: {reason} ({count})").count() == 1
    page.get_by_role("button", name="rejected: duplicate").click()
    assert page.locator("#pictures .pair img").count() == 2 * summary["rejected"]["duplicate"]
    costs = page.locator("#costs").inner_text()
    assert "file_digest\t0\t9\t9\t" in costs
    assert "filtering.min_entropy\tnull\t0.1" in costs
    assert page.problems == []


def test_a_moved_threshold_decides_as_the_copied_command_does(browser: Any, run: Path, tmp_path: Path) -> None:
    page = opened(browser, run / "report.html")
    before = counts(page)["kept"]
    slider = page.locator("#rule-min_resolution")
    slider.focus()
    while int(slider.input_value()) < 310:
        slider.press("ArrowRight")
    after = counts(page)["kept"]
    assert 0 < after < before
    words = shlex.split(page.locator("#command").inner_text())
    assert words[:3] == ["python", "-m", "dcvlr"]
    assert "filtering.min_resolution=310" in words
    dcvlr(*words[3:])
    summary = json.loads((run / "intermediate/stage1_filtering/summary.json").read_bytes())
    assert summary["total_filtered"] == after


def test_a_moved_bin_takes_what_the_copied_command_puts_there(browser: Any, tmp_path: Path) -> None:
    images, out = make_pictures(tmp_path / "images"), tmp_path / "out"
    dcvlr(f"images_dir={images}", f"output_dir={out}", "stages=[filtering,binning]")
    page = opened(browser, out / "report.html")
    before = counts(page)
    bins = json.loads((out / "pipeline_results.json").read_bytes())["bins"]
    assert {name: before[f"bin {name}"] for name in "ABC"} == bins
    assert before["bin A"] > 0
    for name in ("num_text_boxes", "text_area_ratio"):
        page.locator(f"#rule-{name}").focus()
        page.locator(f"#rule-{name}").press("End")  # nothing is above the highest value
    assert counts(page)["bin A"] == 0
    dcvlr(*shlex.split(page.locator("#command").inner_text())[3:])
    assert json.loads((out / "pipeline_results.json").read_bytes())["bins"]["A"] == 0
    assert page.problems == []


def test_text_from_pictures_and_models_stays_text(browser: Any, tmp_path: Path) -> None:
    made_run(tmp_path)
    write_report(tmp_path, "full", {})
    page = opened(browser, tmp_path / "report.html")
    assert page.title() != "taken"
    assert page.locator("img[onerror], script:not(#data)").count() == 1, "only the page's own script"
    assert "</script><script>document.title" in page.locator("article.question").first.inner_text()
    assert "\u202e" not in page.locator("main").inner_text()
    assert page.problems == []


def test_evidence_is_drawn_where_it_stands_and_lit_by_its_step(browser: Any, tmp_path: Path) -> None:
    made_run(tmp_path)
    write_report(tmp_path, "full", {})
    page = opened(browser, tmp_path / "report.html")
    article = page.locator("#questions article.question").first
    image, box = article.locator("img").bounding_box(), article.locator(".box").bounding_box()
    assert box["x"] - image["x"] == pytest.approx(image["width"] * 50 / 420, abs=3)
    assert box["width"] == pytest.approx(image["width"] * 100 / 420, abs=3)
    article.locator(".step").first.hover()
    assert article.locator(".box.lit").count() == 1


def test_the_name_of_what_is_as_wide_as_the_picture_does_not_reach_into_the_question(
    browser: Any, tmp_path: Path
) -> None:
    made_run(tmp_path, box=(0.0, 120.0, 420.0, 150.0))
    write_report(tmp_path, "full", {})
    article = opened(browser, tmp_path / "report.html").locator("#questions article.question").first
    image, name = article.locator("img").bounding_box(), article.locator(".box span").bounding_box()
    assert image["x"] <= name["x"]
    assert name["x"] + name["width"] <= image["x"] + image["width"]


def test_the_audit_is_answered_by_keys_and_saved(browser: Any, tmp_path: Path) -> None:
    made_run(tmp_path)
    write_report(tmp_path, "light", {})
    page = opened(browser, tmp_path / "report.html")
    page.locator("#audit .panel").press("1")
    with page.expect_download() as download:
        page.locator("#save").click()
    (line,) = Path(download.value.path()).read_text().splitlines()
    assert json.loads(line) == {"id": "q1", "verdict": "right", "auditor": "unnamed"}


def test_a_narrow_window_does_not_scroll_sideways(browser: Any, run: Path) -> None:
    page = opened(browser, run / "report.html", width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no run directory: it has no manifest\.json"):
        write_report(tmp_path, "full", {})


def made_run(folder: Path, box: tuple[float, ...] = (50.0, 120.0, 150.0, 150.0)) -> None:
    """A finished run of one question whose texts try to leave their place."""
    images = make_pictures(folder / "images")
    picture = images / "drawn__by" / "train" / "receipt_1.png"
    evidence = {"kind": "text", "ref": "T1", "box": box, "text": EVIL}
    qa = {"id": "q1", "image": str(picture), "image_id": file_digest(picture), "dataset": EVIL, "bin": "A"}
    qa |= {"question": EVIL, "options": None, "answer": EVIL, "reasoning": f"1. {EVIL} [T1]", "evidence": [evidence]}
    qa |= {"generator": "computed/x", "created_from": "full features", "seed": 0}
    write_lines(folder / "synthetic_qa_dataset.jsonl", [qa])
    write_json(folder / "manifest.json", {"status": "complete", "source": EVIL, "python": "3.11", "versions": {}})
