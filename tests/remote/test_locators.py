from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.remote import Locator, is_url, local_url, without_password, without_queries, without_query


@given(st.text(), st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_member_of_an_archive_is_found_again_by_its_text(name: str, start: int, size: int) -> None:
    locator = Locator(url="s3://bucket/x.tar", start=start, size=size, name=name)
    assert Locator.of(str(locator)) == locator
    assert str(locator).rpartition("/")[0] == "s3://bucket"


@given(st.integers(0, 10**15), st.text(min_size=1))
def test_a_cell_is_found_again_by_its_text(row: int, column: str) -> None:
    locator = Locator(url="file:///a%20b/x.parquet", row=row, column=column)
    assert Locator.of(str(locator)) == locator


def test_the_text_of_a_locator_is_written_out() -> None:
    assert str(Locator(url="s3://b/x.tar", start=512, size=9, name="a/b c.png")) == (
        "s3://b/x.tar#bytes=512+9&name=a%2Fb%20c.png"
    )
    assert str(Locator(url="s3://b/x.parquet", row=7, column="image")) == "s3://b/x.parquet#row=7&column=image"
    assert Locator.of("https://host/a.png#top") == Locator(url="https://host/a.png#top")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/data/a.png", False), ("/data/s3://x", False), ("s3://b/a", True), ("https://h/a", True), ("C:/a.png", False)],
)
def test_a_path_of_this_machine_is_no_url(path: str, expected: bool) -> None:
    assert is_url(path) is expected


def test_a_file_of_this_machine_is_found_behind_its_url() -> None:
    url = local_url(Path("/a b/c#d?e.tar"))
    assert url == "file:///a%20b/c%23d%3Fe.tar"
    assert Locator(url=url, start=1, size=2).local_path == "/a b/c#d?e.tar"
    assert Locator.of("s3://b/x").local_path is None


def test_what_is_behind_a_question_mark_is_left_out() -> None:
    assert without_query("https://h/a.png?sig=1#x and https://h/b?c") == "https://h/a.png#x and https://h/b"
    assert without_queries("images_dir=HTTPS://h/a.txt?sig=1 why?") == "images_dir=HTTPS://h/a.txt why?"


def test_a_password_is_left_out_with_all_that_belongs_to_it() -> None:
    assert without_password("s3://me:pa@ss@bucket/a@b.png") == "s3://…@bucket/a@b.png"
