"""Words that the question of a family must hold, so that the right answer to another question proves nothing."""

from __future__ import annotations

from dcvlr.records import Qa
from dcvlr.validation.proofs.reading import require

# One word of each group that is divided by "|".
ASKS: dict[str, tuple[str, ...]] = {
    "text.value_beside_label": ("right of|beside|next to",),
    "text.value_after_label": ("after|show for",),
    "text.table_cell": ("In the row", "the column"),
    "text.line_below": ("directly below",),
    "text.line_above": ("directly above",),
    "place.highest_line": ("lines of text", "highest"),
    "place.lowest_line": ("lines of text", "lowest"),
    "text.largest_letters": ("largest letters",),
    "text.words_in_line": ("How many words", "begins with"),
    "text.word_occurrences": ("How many times is the word", "printed"),
    "text.line_count": ("How many lines of text",),
    "text.only_date": ("Which date",),
    "text.only_time": ("Which time of day",),
    "place.upper_or_lower_half": ("which half|lower half", "picture"),
    "place.left_or_right_half": ("which half|right half", "picture"),
    "amounts.sum": ("sum of the amounts",),
    "amounts.difference": ("how much", "larger than"),
    "amounts.largest": ("largest amount",),
    "amounts.smallest": ("smallest amount",),
    "objects.count": ("How many", "seen in the picture"),
    "objects.leftmost": ("furthest to the left",),
    "objects.rightmost": ("furthest to the right",),
    "objects.highest": ("highest up",),
    "objects.lowest": ("lowest down",),
    "objects.largest": ("most room",),
    "objects.nearest": ("nearest to",),
    "objects.overlap": ("overlap",),
    "pixels.dominant_colour": ("Which colour covers most of",),
    "pixels.brighter_side": ("halves", "brighter"),
    "pixels.brighter_level": ("halves", "brighter"),
    "pixels.centre_lightness": ("How light is the centre", "as a whole"),
    "pixels.half_of_colour": ("halves", "mostly"),
    "pixels.aspect": ("how many times as",),
    "pixels.orientation": ("shape of the whole picture",),
    "caption.count": ("How many", "seen in the picture"),
    "caption.colour": ("Which colour", "most of the picture"),
    "caption.shape": ("shape of the whole picture",),
    "caption.light": ("how light the picture is",),
    "caption.text": ("text in the largest letters",),
    "caption.choice": ("Which sentence describes",),
}


def check_asked(qa: Qa, family: str) -> None:
    """Raises `UnprovenError` where the question is not of `family`."""
    for words in ASKS[family]:
        require(any(one in qa.question for one in words.split("|")), f"the question does not ask for {words!r}")
