"""Loading a library that reads and writes environment variables, or patches Pillow, while it is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set variables while the block runs; afterwards all are as before, whatever the block did to them.

    So is `PIL.Image.open`: ultralytics puts one in its place that installs a package when a file is no picture.
    """
    before, pillow_open = dict(os.environ), Image.open
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
        Image.open = pillow_open
