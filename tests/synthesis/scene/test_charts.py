"""Charts: one printed value for each bar, or none at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from synthesis.made_scenes import chart, line, scene, two_series
from synthesis.scene.read_scenes import document, lines_of

from dcvlr.synthesis.scene.values import shown


def test_a_chart_gives_what_stands_printed() -> None:
    found = document(chart()).chart
    assert found is not None
    assert (found.rows, found.columns[0].name, found.title) == ("month", "visitors", "Visitors per month (visitors)")
    assert [(one.label, shown(one.value)) for one in found.columns[0].entries] == [
        ("Jan", "162"),
        ("Feb", "563"),
        ("Mar", "788"),
    ]


def test_a_chart_with_a_value_for_one_bar_too_few_is_left_alone() -> None:
    kept = [one for one in chart().text.lines if one.text != "563"]  # type: ignore[union-attr]
    assert document(scene(*kept)).chart is None


def test_a_bar_may_end_above_the_highest_tick_and_the_lowest_may_stand_beside_the_names() -> None:
    others = [one for one in lines_of(chart()) if one.text not in ("800", "Visitors per month (visitors)")]
    title, zero = line("Visitors (thousands)", 100, 20, height=30), line("0", 80, 508, width=10)
    found = document(scene(title, zero, *others)).chart
    assert found is not None
    assert (found.columns[0].name, found.columns[0].unit) == ("Visitors (thousands)", "T1")
    assert [shown(one.value) for one in found.columns[0].entries] == ["162", "563", "788"]
    misread = [line("708", 320, 110, width=40) if one.text == "788" else one for one in others]
    assert document(scene(title, zero, *misread)).chart is None, "it stands where the axis has 788"
    beyond = [line("988", 320, 10, width=40) if one.text == "788" else one for one in others]
    assert document(scene(title, zero, *beyond)).chart is None, "more than a step above the axis"


def test_two_series_are_told_apart_by_the_side_on_which_their_values_stand() -> None:
    found = document(two_series()).chart
    assert found is not None
    values = {one.name: {each.label: shown(each.value) for each in one.entries} for one in found.columns}
    assert values == {
        "Class A": {"Apple": "18", "Mango": "52", "Pear": "33", "Plum": "51"},
        "Class B": {"Apple": "23", "Mango": "39", "Pear": "27", "Plum": "45"},
    }


@pytest.mark.parametrize("gone", ["39", "Class B", "Pear", "60"])
def test_two_series_without_one_of_their_texts_are_left_alone(gone: str) -> None:
    kept = [one for one in two_series().text.lines if one.text != gone]  # type: ignore[union-attr]
    assert document(scene(*kept)).chart is None


def test_a_chart_without_an_axis_is_read_where_values_stand_as_high_as_they_are_large() -> None:
    names = [line(name, x, 402, width=60, height=28) for name, x in (("North", 86), ("South", 206), ("East", 326))]
    values = [
        line(text, x, y, width=40, height=22) for text, x, y in (("199", 96, 180), ("66", 216, 312), ("99", 336, 280))
    ]
    read = document(scene(line("Sales by region", 200, 17, height=36), *values, *names)).chart
    assert read is not None
    assert [(one.label, shown(one.value)) for one in read.columns[0].entries] == [
        ("North", "199"),
        ("South", "66"),
        ("East", "99"),
    ]
    misread = [line("166", 216, 312, width=40, height=22) if one.text == "66" else one for one in values]
    assert document(scene(line("Sales by region", 200, 17, height=36), *misread, *names)).chart is None


def test_a_lying_bar_may_end_right_of_the_last_tick() -> None:
    ticks = [line(str(10 * n), 95 + 100 * n, 460, width=20) for n in range(1, 5)]
    names = [line(name, 20, 100 * n, width=60) for n, name in enumerate(("West", "East", "North"), 1)]
    values = [
        line(text, x, 100 * n, width=20) for n, (text, x) in enumerate((("46", 568), ("21", 318), ("34", 448)), 1)
    ]
    found = document(scene(line("Branches", 200, 20), *names, *values, *ticks)).chart
    assert found is not None
    assert [(one.label, shown(one.value)) for one in found.columns[0].entries] == [
        ("West", "46"),
        ("East", "21"),
        ("North", "34"),
    ]
    misread = [line("43", 568, 100, width=20) if one.text == "46" else one for one in values]
    assert document(scene(line("Branches", 200, 20), *names, *misread, *ticks)).chart is None
    for title in (line("Branches by region", 45, 50, width=300), line("Branches", 20, 30, width=200, height=40)):
        assert document(scene(title, *names, *values, *ticks)).chart == replace(found, title=title.text)
    bare = [line("South", 20, 360, width=60), *names]
    assert document(scene(line("Branches", 200, 20), *bare, *values, *ticks)).chart is None, "a bar without a value"
