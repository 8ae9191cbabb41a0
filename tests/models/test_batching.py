from __future__ import annotations

import numpy as np
import pytest
from fakes import Raising

from dcvlr.errors import DcvlrError
from dcvlr.models.batching import run_batch
from dcvlr.records import Picture


def test_what_a_model_cannot_import_ends_the_run_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    light = Picture(
        id="light", path="light.png", format="PNG", width=4, height=4, pixels=np.full((4, 4, 3), 200, np.uint8)
    )
    with pytest.raises(DcvlrError, match=r"^raising cannot import what it needs: no room: install"):
        run_batch(Raising(error=ModuleNotFoundError, fits=1, batch_size=2), [light] * 4)
    assert caplog.text == ""
