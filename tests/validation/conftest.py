from __future__ import annotations

from pathlib import Path

import pytest

from dcvlr.memo import Memo


@pytest.fixture
def memo(tmp_path: Path) -> Memo:
    return Memo(tmp_path / "checkpoints")
