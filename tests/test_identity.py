from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

import pytest
from fakes import Brightness
from hypothesis import given
from hypothesis import strategies as st

from dcvlr.identity import added, describe, digest, file_digest, identity, speed
from dcvlr.records import Decode


@dataclass(frozen=True, kw_only=True)
class Inner:
    name: ClassVar[str] = "inner"
    revision: ClassVar[int] = 1
    depth: int


@dataclass(frozen=True, kw_only=True)
class Outer:
    name: ClassVar[str] = "outer"
    revision: ClassVar[int] = 1
    text: str
    ratio: float
    parts: list[Inner]
    table: dict[str, int]
    batch_size: int = speed()


settings = st.fixed_dictionaries(
    {
        "text": st.text(),
        "ratio": st.floats(allow_nan=False, allow_infinity=False),
        "parts": st.lists(st.builds(Inner, depth=st.integers(-(2**53), 2**53)), max_size=3),
        "table": st.dictionaries(st.text(), st.integers(-(2**53), 2**53), max_size=3),
    }
)


@given(settings, st.integers(), st.integers())
def test_identity_ignores_the_fields_of_speed(one: dict, fast: int, slow: int) -> None:
    assert identity(Outer(**one, batch_size=fast)) == identity(Outer(**one, batch_size=slow))
    assert "batch_size" not in describe(Outer(**one, batch_size=fast))["fields"]


@given(settings, settings)
def test_identity_sees_every_other_field(one: dict, other: dict) -> None:
    model = Outer(**one, batch_size=1)
    for name, value in other.items():
        changed = Outer(**{**one, name: value}, batch_size=1)
        assert (identity(changed) == identity(model)) == (value == one[name])


def test_equal_numbers_are_one_identity() -> None:
    rest = {"text": "t", "parts": [], "table": {}, "batch_size": 1}
    assert identity(Outer(ratio=-0.0, **rest)) == identity(Outer(ratio=0.0, **rest))


@dataclass(frozen=True, kw_only=True)
class Shallow:
    name: ClassVar[str] = "shallow"
    revision: ClassVar[int] = 1
    depth: int
    pace: int = speed(default=0)


def test_identity_sees_the_name_of_a_part_and_not_its_speed() -> None:
    rest = {"text": "t", "ratio": 0.5, "table": {}, "batch_size": 1}
    shallow = Outer(parts=[Shallow(depth=1)], **rest)  # type: ignore[list-item]
    assert identity(shallow) != identity(Outer(parts=[Inner(depth=1)], **rest))
    assert identity(shallow) == identity(Outer(parts=[Shallow(depth=1, pace=9)], **rest))  # type: ignore[list-item]


def test_identity_sees_how_pictures_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity(Brightness())
    monkeypatch.setattr(Decode, "revision", Decode.revision + 1)
    assert identity(Brightness()) != before


def test_identity_does_not_depend_on_the_order_of_a_mapping() -> None:
    rest = {"text": "t", "ratio": 0.5, "parts": [], "batch_size": 1}
    assert identity(Outer(table={"a": 1, "b": 2}, **rest)) == identity(Outer(table={"b": 2, "a": 1}, **rest))


def test_a_raised_revision_is_another_model() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Model:
        name: ClassVar[str] = "model"
        revision: ClassVar[int] = 1

    before = identity(Model())
    Model.revision = 2
    assert identity(Model()) != before


def test_a_renamed_or_moved_class_is_the_same_model() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Deeper:
        name: ClassVar[str] = "inner"
        revision: ClassVar[int] = 1
        depth: int

    assert identity(Deeper(depth=3)) == identity(Inner(depth=3)) == "9d8281921dc0abb4"


def test_an_added_field_counts_only_where_it_changes_the_result() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Later:
        name: ClassVar[str] = "inner"
        revision: ClassVar[int] = 1
        depth: int
        turns: tuple[int, ...] = added(old=())

    assert identity(Later(depth=1, turns=())) == identity(Inner(depth=1))
    assert identity(Later(depth=1, turns=(90,))) != identity(Inner(depth=1))


def test_a_part_without_a_stable_name_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Nameless:
        revision: ClassVar[int] = 1

    rest = {"text": "t", "ratio": 0.5, "table": {}, "batch_size": 1}
    with pytest.raises(TypeError, match=r"Nameless is part of a model's identity: declare name"):
        identity(Outer(parts=[Nameless()], **rest))  # type: ignore[list-item]


@pytest.mark.parametrize("odd", [{"parts": [object()]}, {"ratio": float("nan")}, {"table": {1: 2}}])
def test_a_value_without_a_canonical_form_is_refused(odd: dict) -> None:
    with pytest.raises(TypeError, match="cannot be part of a model's identity"):
        identity(Outer(**{"text": "t", "ratio": 0.1, "parts": [], "table": {}, "batch_size": 1, **odd}))


def test_digests_are_the_first_half_of_blake3(tmp_path: Path) -> None:
    # BLAKE3 test vector of the empty input: af1349b9f5f9a1a6a0404dea36dcc949…
    assert digest(b"") == "af1349b9f5f9a1a6a0404dea36dcc949"
    (tmp_path / "f").write_bytes(b"abc")
    assert file_digest(tmp_path / "f") == digest(b"abc") == "6437b3ac38465133ffb63b75273a8db5"


def test_speed_fields_do_not_count_in_equality() -> None:
    rest = {"text": "t", "ratio": 0.5, "parts": [], "table": {}}
    assert Outer(**rest, batch_size=1) == Outer(**rest, batch_size=2)
    assert [f.name for f in fields(Outer) if f.compare] == ["text", "ratio", "parts", "table"]
