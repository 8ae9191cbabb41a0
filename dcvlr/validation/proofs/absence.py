"""That something does not stand on a page, from all of its lines; written apart from the writer's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dcvlr.validation.proofs.evidence import require

_LONG = 5  # letters from which on one slip of the reader is allowed for


def require_whole(refs: Sequence[str]) -> None:
    """All lines of a page, from the first one on, are looked at, and none twice."""
    wanted = [f"T{n}" for n in range(1, len(refs) + 1)]
    require(sorted(refs) == sorted(wanted), "not every line of the page is looked over")


def absent(lines: tuple[str, ...], words: frozenset[str]) -> None:
    """The value of what none of the lines says is none."""
    require(isinstance(lines, tuple) and isinstance(words, frozenset), "nobody knows where to look for which words")
    for line in lines:
        tokens = re.findall(r"[^\W_]+", line.lower())
        for word in words:
            parts = re.findall(r"[^\W_]+", word.lower())
            run_together = "".join(parts) in "".join(tokens)
            n = len(parts)
            some = [tokens[i : i + n] for i in range(len(tokens) - n + 1)]
            alike = any(all(map(_is_one_slip_off, one, parts)) for one in some)
            require(not run_together and not alike, f"{line!r} may say {word!r}")


def _is_one_slip_off(one: str, word: str) -> bool:
    """The same, or with one letter another, one too many or one too few."""
    if one == word or len(word) < _LONG:
        return one == word
    same = 0
    while same < min(len(one), len(word)) and one[same] == word[same]:
        same += 1
    return one[same + 1 :] in (word[same + 1 :], word[same:]) or one[same:] == word[same + 1 :]
