"""The texts a language model is asked with: Jinja2 templates from the config, rendered in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from dcvlr.errors import ConfigError, require_package
from dcvlr.records import Scene
from dcvlr.settings import Count, SettingError, checked
from dcvlr.synthesis.scene_text import Places, quoted_together
from dcvlr.synthesis.slots import Slot
from dcvlr.synthesis.styles import Style, styles_of

TOGETHER = "together"
"""What `ask` and `styles` call pictures that are asked about together, as they call the others by their bin."""

_OWNER = "synthesis/prompt"


@dataclass(frozen=True, kw_only=True)
@checked
class Templates:
    """`ask` has the templates of each bin, `styles` the kinds of question with the answers and difficulties that fit.

    A request is `scene`, which is the same for all requests of a picture, and one of `ask`. Templates know `data` (what
    was read, quoted; empty for the picture alone), `pictures` (how many are shown), `slots` (the questions asked for,
    `slot` the first of them), `sees_image` and `problem`. What was read from a picture reaches them as a value, never
    as a template. `together` in `ask` and `styles` is for pictures that are asked about together.
    """

    bins: list[str]
    system: str
    scene: str
    ask: dict[str, list[str]]
    extract: str
    correct: str
    styles: dict[str, list[str | dict[str, str | list[str]]]]
    places: Places
    max_lines: Count
    max_characters: Count

    def __post_init__(self) -> None:
        for key, texts in (("ask", self.ask), ("styles", self.styles)):
            if without := [name for name in self.bins if not texts.get(name)]:
                raise SettingError(
                    f"{key}.{without[0]}", None, f"at least one text for each of {', '.join(self.bins)} is needed"
                )
        _ = self.table  # refuses rows that are none

    @cached_property
    def table(self) -> dict[str, tuple[Style, ...]]:
        """The styles of each bin, with what each fits."""
        return {name: styles_of(f"styles.{name}", rows) for name, rows in self.styles.items()}

    def check_ready(self) -> None:
        """Raise `ConfigError` for a template that is none or names what is not there."""
        require_package("jinja2", extra="llm", owner=_OWNER)
        slot = Slot(number=1, total=2, answer_type="number", difficulty="easy", style="", template=0, seed=0)
        for slots in ((slot,), (slot, replace(slot, number=2, answer_type="multiple_choice"))):
            known = {**_about(slots), "data": 'T1: "x"', "sees_image": True, "pictures": 2, "problem": "it has none"}
            asks = (text for texts in self.ask.values() for text in texts)
            for text in (self.system, self.scene, self.extract, self.correct, *asks):
                self._render(text, known)

    def question(self, scenes: Sequence[Scene], slots: Sequence[Slot], *, asked_as: str, sees_image: bool) -> str:
        """`asked_as` is the bin whose texts are used, or `TOGETHER`."""
        data = quoted_together(scenes, max_lines=self.max_lines, max_characters=self.max_characters, places=self.places)
        shown = {"data": data, "sees_image": sees_image, "pictures": len(scenes)}
        asked = self._render(self.ask[asked_as][slots[0].template], {**_about(slots), **shown})
        return f"{self._render(self.scene, shown)}\n\n{asked}".strip()

    def extraction(self, slots: Sequence[Slot], *, sees_image: bool, pictures: int) -> str:
        return self._render(self.extract, {**_about(slots), "sees_image": sees_image, "pictures": pictures})

    def correction(self, slots: Sequence[Slot], problem: str) -> str:
        return self._render(self.correct, {**_about(slots), "problem": problem})

    @cached_property
    def _compiled(self) -> Callable[[str], Any]:
        """Compiles a text once, for that takes longer than all else about a request."""
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        return cache(sandbox.from_string)

    def _render(self, template: str, values: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError

        try:
            rendered: str = self._compiled(template).render(values)
        except TemplateError as error:
            raise ConfigError(f"{_OWNER}: {error} in the template {template[:80]!r}") from error
        return rendered.strip()


def _about(slots: Sequence[Slot]) -> dict[str, Any]:
    return {"slots": list(slots), "slot": slots[0]}
