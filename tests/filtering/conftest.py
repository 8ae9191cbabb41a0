from __future__ import annotations

from pathlib import Path

import pytest
from filtering.filtered import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)
