"""How signals are written and read back."""

from __future__ import annotations

import msgspec

from dcvlr.records import Detections
from dcvlr.records.base import to_json

PLAIN = b'{"width":4,"height":3,"objects":[],"labelled":true}'


def test_a_detector_that_doubts_nothing_writes_no_word_of_doubt() -> None:
    assert to_json(Detections(width=4, height=3, objects=(), labelled=True)) == PLAIN
    doubtful = Detections(width=4, height=3, objects=(), labelled=True, unsure=("bird",))
    assert to_json(doubtful) == PLAIN[:-1] + b',"unsure":["bird"]}'


def test_detections_of_every_version_are_read() -> None:
    for written in (PLAIN, PLAIN[:-1] + b',"unsure":[]}'):
        assert msgspec.json.decode(written, type=Detections).unsure == ()
