"""A value outside a field's bounds is refused, however an object is made."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from msgspec import Meta

import dcvlr.settings
from dcvlr.config import build, compose, make
from dcvlr.settings import Count, Fraction, SettingError, check_settings, checked, within


@dataclass(frozen=True, kw_only=True)
@checked
class Reader:
    batch: Count
    dtype: Literal["auto", "float32"]
    share: Fraction | None
    side: Annotated[int, Meta(ge=32, multiple_of=32)]

    def __post_init__(self) -> None:
        if self.side < self.batch:
            raise SettingError("side", self.side, f"at least batch ({self.batch}) is allowed")


GOOD = {"batch": 1, "dtype": "auto", "share": None, "side": 64}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("batch", 0, "batch=0: a whole number from 1 is allowed"),
        ("batch", True, "batch=true: a whole number from 1 is allowed"),
        ("dtype", "int8", "dtype='int8': auto or float32 is allowed"),
        ("share", 1.5, "share=1.5: a number from 0 to 1 or null is allowed"),
        ("share", float("nan"), "share=nan: a number from 0 to 1 or null is allowed"),
        ("side", 33, "side=33: a whole number from 32, a multiple of 32 is allowed"),
    ],
)
def test_an_error_names_the_key_the_value_and_what_is_allowed(name: str, value: Any, message: str) -> None:
    with pytest.raises(SettingError) as made:
        Reader(**{**GOOD, name: value})  # type: ignore[arg-type]
    assert str(made.value) == message
    with pytest.raises(SettingError) as composed, within("binning"), within("reader"):
        check_settings(Reader, {**GOOD, name: value})
    assert str(composed.value) == f"binning.reader.{message}"


def test_what_needs_two_fields_is_the_constructors_own_to_say() -> None:
    assert Reader(**GOOD).side == 64  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=r"side=64: at least batch \(65\) is allowed"):
        Reader(**{**GOOD, "batch": 65})  # type: ignore[arg-type]


AS_TYPED = {
    "validation/checks=[solve] validation.checks.solve.solver.llm.max_side=1": (
        "validation.checks.solve.solver.llm.max_side=1: a whole number from 32 is allowed"
    ),
    "filtering.min_resolution=-1": "filtering.min_resolution=-1: a whole number from 1 to 100000 or null is allowed",
    "filtering.min_resolution=500 filtering.max_resolution=400": (
        "filtering.min_resolution=500: at most max_resolution (400) is allowed"
    ),
    "validation.checks.lengths.min_answer_words=9 validation.checks.lengths.max_answer_words=2": (
        "validation.checks.lengths.min_answer_words=9: at most max_answer_words (2) is allowed"
    ),
    "synthesis/generator=openai synthesis.generator.llm.budget=5": (
        "synthesis.generator.llm.budget=5: without prices it would never be spent: set input_price and output_price, "
        "or budget=null"
    ),
    "export=[parquet] export.parquet.max_shard_size=big": (
        "export.parquet.max_shard_size='big': a size is needed, such as 500MB"
    ),
    "runtime.lease_s=0": "runtime.lease_s=0: a number above 0 is allowed",
    "selection=hard selection.student.samples=4 selection.student.temperature=0": (
        "selection.student.samples=4: temperature=0 gives the same reply each time: set samples=1, or a temperature "
        "above 0 such as 0.7"
    ),
}


@pytest.mark.parametrize("typed", AS_TYPED)
def test_an_error_of_a_part_shows_the_key_as_it_is_typed(typed: str) -> None:
    with pytest.raises(SettingError) as error:
        build(compose(["images_dir=somewhere", *typed.split()]))
    assert str(error.value) == AS_TYPED[typed]


def test_a_value_that_another_part_takes_over_is_named_where_it_is_typed() -> None:
    """Of `synthesis.ocr: ${binning.ocr}`, without binning, which would have refused it first."""
    with pytest.raises(SettingError) as error:
        make(compose(["binning.ocr.min_score=2"]), "synthesis")
    assert str(error.value) == "binning.ocr.min_score=2: a number from 0 to 1 is allowed"


BOUND = rf"\b(Annotated|Literal|Dtype|{'|'.join(name for name in dcvlr.settings.__all__ if name[0].isupper())})\b"


def classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(dcvlr.__path__, "dcvlr."):
        if not module.name.endswith("__main__"):
            found = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
            own = (cls for _, cls in found if cls.__module__ == module.name and is_dataclass(cls))
            yield from (cls for cls in own if re.search(BOUND, str(cls.__annotations__.values())))


def outside(hint: Any) -> list[Any]:
    """One value outside each bound of an annotation."""
    if get_origin(hint) is Literal:
        return ["no such choice"]
    if get_origin(hint) is not Annotated:
        return [value for part in get_args(hint) for value in outside(part)]
    meta = get_args(hint)[1]
    if meta.min_length is not None:
        return [[]]
    if meta.pattern is not None:
        return ["no such text"]
    wrong = [meta.ge - 1 if meta.ge is not None else None, meta.le + 1 if meta.le is not None else None, meta.gt]
    return [value for value in wrong if value is not None]


def inside(hint: Any) -> Any:
    """A value that an annotation allows; None for a part that is an object, which is not checked."""
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if get_origin(hint) is Annotated:
        kind, meta = get_args(hint)
        if meta.min_length is not None:
            return [inside(part) for part in get_args(kind)] * meta.min_length
        if meta.pattern is not None:
            texts = [text for text in ("en", "auto") if re.search(meta.pattern, text)]
            assert texts, f"a text that {meta.pattern} allows is to be written here"
            return texts[0]
        return kind(meta.ge) if meta.ge is not None else kind(meta.gt + 1)
    plain: dict[Any, Any] = {
        int: 1,
        float: 1.0,
        str: "x",
        bool: True,
        list: [],
        tuple: (),
        dict: {},
        Sequence: [],
        Mapping: {},
    }
    return plain.get(hint, plain.get(get_origin(hint)))


def test_every_class_refuses_every_value_outside_a_bound_from_python_too() -> None:
    tried, accepted = 0, []
    for cls in classes():
        hints = get_type_hints(cls, include_extras=True)
        names = [field.name for field in fields(cls) if field.init]
        for name in names:
            for value in outside(hints[name]):
                tried += 1
                given = {other: inside(hints[other]) for other in names} | {name: value}
                try:
                    cls(**given)
                except SettingError as error:
                    if str(error).startswith(f"{name}={value!r}: "):
                        continue
                    accepted.append(f"{cls.__qualname__}.{name}={value!r} says {error}")
                else:
                    accepted.append(f"{cls.__qualname__}.{name}={value!r}")
    assert "\n".join(accepted) == "", "put @checked below @dataclass"
    assert tried > 150
